"""An application of Argo CD: a Git repository with a shop's manifests, and what Argo CD makes of them."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.stories.argocd.argo_cd import GROUP, ArgoCD
from tests.e2e.stories.argocd.manifests import gate, gated
from tests.e2e.stories.shop import Raw, Shop
from tests.e2e.stories.waiting import until

AUTOMATED = {"automated": {"selfHeal": True, "prune": True}}


@dataclass
class Application:
    """One application, and what a team does with it."""

    argo_cd: ArgoCD
    shop: Shop
    repository: Path
    part: str = ""
    """What its name has behind that of the namespace, where several are in one."""

    @property
    def namespace(self) -> str:
        """Where it is installed."""
        return self.shop.kubectl.namespace

    @property
    def name(self) -> str:
        """Its name."""
        return f"{self.namespace}{self.part}"

    def begin(self) -> None:
        """Make the repository."""
        self.repository.mkdir()
        self._git("init", "--quiet", "--initial-branch=main")

    def create(self, **spec: Any) -> None:
        """Create the application, which Argo CD syncs by itself."""
        self.argo_cd.kubectl("apply", "--filename=-", document=self.manifest(**spec))

    def manifest(self, **spec: Any) -> Raw:
        """Return the application's manifest."""
        spec = {
            "project": "default",
            "source": {"repoURL": f"file://{self.repository}", "path": ".", "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": self.namespace},
            "syncPolicy": AUTOMATED,
            **spec,
        }
        metadata = {"name": self.name, "finalizers": ["resources-finalizer.argocd.argoproj.io/foreground"]}
        return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}

    # Git

    def commit(self, words: str, **manifests: Raw) -> str:
        """Write manifests, each into its file, and commit them; returns the commit."""
        for name, manifest in manifests.items():
            path = self.repository / f"{name}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(yaml.safe_dump(manifest), encoding="utf-8")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", words)
        return self._git("rev-parse", "HEAD")

    def revert(self) -> str:
        """Revert the newest commit; returns the commit that does."""
        self._git("revert", "--no-edit", "HEAD")
        return self._git("rev-parse", "HEAD")

    def _git(self, *words: str) -> str:
        identity = ["-c", "user.name=team", "-c", "user.email=team@example.org"]
        command = ["git", "-C", str(self.repository), *identity, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    # What Argo CD says

    def refresh(self) -> None:
        """Let Argo CD look at Git now, as a webhook would."""
        self.argo_cd.kubectl("annotate", "application", self.name, "--overwrite", "argocd.argoproj.io/refresh=normal")

    def exists(self) -> bool:
        """Whether there is such an application."""
        names = str(self.argo_cd.kubectl("get", "applications", "--output=name")).split()
        return f"application.argoproj.io/{self.name}" in names

    def get(self) -> Raw:
        """Return the application."""
        return dict(self.argo_cd.kubectl("get", "application", self.name, "--output=json"))

    def states(self) -> tuple[str, str]:
        """Return whether it is synced, and how healthy it is."""
        status = self.get().get("status", {})
        return status.get("sync", {}).get("status", ""), status.get("health", {}).get("status", "")

    def compared(self) -> str:
        """Return the commit that it was compared with."""
        return str(self.get().get("status", {}).get("sync", {}).get("revision", ""))

    def operation(self) -> Raw:
        """Return what its newest sync came to."""
        return dict(self.get().get("status", {}).get("operationState", {}))

    def until_synced(self, commit: str, seconds: float = 120) -> None:
        """Wait until a commit was applied."""
        self.refresh()
        until(self._applied, lambda found: found == (commit, "Succeeded"), seconds, f"a sync of {commit}")

    def _applied(self) -> tuple[str, str]:
        operation = self.operation()
        return operation.get("syncResult", {}).get("revision", ""), operation.get("phase", "")

    def until_states(self, sync: str, health: str, seconds: float = 240) -> None:
        """Wait until it is so synced and so healthy."""
        until(self.states, lambda found: found == (sync, health), seconds, f"{sync} and {health}")

    def syncs(self) -> list[str]:
        """Return the commits that were applied, in order; self-heal would be one of them again."""
        return [past["revision"] for past in self.get()["status"].get("history", [])]

    def nodes(self) -> list[Raw]:
        """Return the tree of resources."""
        return list(self.argo_cd.ask(f"applications/{self.name}/resource-tree")["nodes"])

    def health_of(self, kind: str, name: str = "shop") -> Raw:
        """Return what it says of one resource."""
        [node] = [node for node in self.nodes() if (node["kind"], node["name"]) == (kind, name)]
        return dict(node.get("health", {}))

    # What people do in Argo CD

    def actions(self) -> set[str]:
        """Return the actions that may be chosen for the flow now."""
        found = self.argo_cd.ask(f"applications/{self.name}/resource/actions", self._flow())["actions"]
        return {action["name"] for action in found if not action.get("disabled")}

    def act(self, action: str) -> None:
        """Choose an action of the flow."""
        self.argo_cd.ask(f"applications/{self.name}/resource/actions/v2", body={**self._flow(), "action": action})

    def _flow(self) -> dict[str, str]:
        return {**GROUP, "namespace": self.namespace, "resourceName": "shop"}


@contextmanager
def an_application(argo_cd: ArgoCD, shop: Shop, folder: Path, part: str = "") -> Iterator[Application]:
    """An application over an empty repository in a folder, which is not created yet; in the end it is deleted."""
    application = Application(argo_cd, shop, folder, part)
    application.begin()
    yield application
    argo_cd.kubectl("delete", "application", application.name, "--ignore-not-found", "--timeout=50s")


def installed(application: Application, **spec: object) -> str:
    """Commit flow and Deployment, and let Argo CD install them; returns the commit."""
    first = application.commit("install the shop", flow=gate(**spec), deployment=gated("v1"))
    application.create()
    application.until_synced(first)
    return first
