"""A team that releases by commits: a Git repository, and what Flux applies of it in the team's namespace."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.stories.shop import Raw, Shop
from tests.e2e.stories.waiting import until

SOURCE = {"kind": "GitRepository", "name": "shop"}
REQUEST = "reconcile.fluxcd.io/requestedAt"


@dataclass(frozen=True)
class Team:
    """A shop whose manifests are in Git, and the objects of Flux beside it."""

    shop: Shop
    repository: Path
    url: str

    # Git

    def commit(self, words: str, **manifests: Raw) -> str:
        """Write manifests, each as FOLDER__NAME, and commit them; Flux then fetches them. Returns the commit."""
        for name, manifest in manifests.items():
            path = self.repository / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(yaml.safe_dump(manifest), encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", words)
        commit = self.git("rev-parse", "HEAD")
        if self.shop.kubectl("get", "gitrepository", "--output=name"):
            self.reconcile("gitrepository", "shop")
        return commit

    def git(self, *words: str) -> str:
        """Run Git in the repository."""
        identity = ["-c", "user.name=team", "-c", "user.email=team@example.org"]
        command = ["git", "-C", str(self.repository), *identity, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    # What the team has in Flux

    def source(self) -> None:
        """Tell Flux of the repository."""
        spec = {"url": self.url, "interval": "10m", "ref": {"branch": "main"}}
        self.shop.apply("source.toolkit.fluxcd.io/v1", "GitRepository", "shop", spec=spec)

    def kustomization(self, name: str = "shop", **spec: Any) -> None:
        """Let Flux apply a folder of the repository."""
        spec = {
            "sourceRef": SOURCE,
            "path": f"./{name}",
            "targetNamespace": self.shop.kubectl.namespace,
            "interval": "10m",
            "retryInterval": "10m",
            "prune": True,
            "wait": True,
            "timeout": "8m",
            **spec,
        }
        self.shop.apply("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name, spec=spec)

    def reconcile(self, kind: str, name: str = "shop") -> None:
        """Ask Flux to do its work now, as a webhook or `flux reconcile` does."""
        self.shop.kubectl("annotate", kind, name, "--overwrite", f"{REQUEST}={time.time_ns()}")

    # What Flux says

    def ready(self, kind: str, name: str = "shop") -> tuple[str, str, str]:
        """Return status, reason and message of what Flux says of its newest work."""
        found = self.shop.condition(kind, name)
        return found.get("status", ""), found.get("reason", ""), found.get("message", "")

    def until_applied(self, commit: str, name: str = "shop", seconds: float = 240) -> None:
        """Wait until a commit was applied, and all that is in it is ready."""
        goal = ("True", commit)
        until(lambda: self._applied(name)[:2], lambda found: found == goal, seconds, f"{commit} in {name}")

    def until_failed(self, commit: str, name: str = "shop", seconds: float = 240) -> str:
        """Wait until Flux says that a commit failed; returns what it says."""
        until(lambda: self._attempted(name), lambda found: found == ("False", commit), seconds, f"{commit} fails")
        return self.ready("kustomization", name)[2]

    def _applied(self, name: str) -> tuple[str, str, Raw]:
        status = self.shop.get("kustomization", name).get("status", {})
        applied = status.get("lastAppliedRevision", "").rpartition(":")[2]
        return self.ready("kustomization", name)[0], applied, status

    def _attempted(self, name: str) -> tuple[str, str]:
        status = self.shop.get("kustomization", name).get("status", {})
        return self.ready("kustomization", name)[0], status.get("lastAttemptedRevision", "").rpartition(":")[2]
