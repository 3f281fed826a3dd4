"""The provider for machines with a Docker engine: kind, for which little is done here but the boot."""

import json
from pathlib import Path

from .builders import Builder, Docker
from .errors import ClusterError
from .images import Image
from .places import REPOSITORY, state_folder
from .progress import say, step
from .run import run, succeeds

NAME = "releaseflow"
CONTAINER = f"{NAME}-control-plane"
CONFIGURATION = REPOSITORY / "kind-config.yaml"
TINY_VOLUMES = ("tiny-1", "tiny-2", "tiny-3")
TINY_FOLDER = "/var/lib/tiny-volumes"


def tiny_volumes() -> str:
    """The class `tiny` and its volumes, each of which is really full after 4 MiB."""
    storage = {"provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer"}
    tiny = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "tiny"}, **storage}
    volumes = [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name},
            "spec": {
                "storageClassName": "tiny",
                "capacity": {"storage": "4Mi"},
                "accessModes": ["ReadWriteOnce", "ReadWriteMany"],
                "persistentVolumeReclaimPolicy": "Retain",
                "hostPath": {"path": f"{TINY_FOLDER}/{name}", "type": "Directory"},
            },
        }
        for name in TINY_VOLUMES
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [tiny, *volumes]})


class Kind:
    """The kind cluster `releaseflow`; no other is ever touched."""

    name = "kind"

    @property
    def builder(self) -> Builder:
        """What builds images here."""
        return Docker()

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig of its own: the user's is not changed."""
        return state_folder() / "kind.kubeconfig"

    def tools(self) -> list[Path]:
        """Nothing: kubectl is the user's own."""
        return []

    def is_built(self) -> bool:
        """The engine fetches the node: nothing is built."""
        return True

    def up(self) -> None:
        """Have a cluster that answers, with fresh tiny volumes."""
        if not succeeds(["kind", "version"]):
            raise ClusterError("kind is missing; install it: go install sigs.k8s.io/kind@v0.33.0")
        self.kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        mine = ["--name", NAME, "--kubeconfig", str(self.kubeconfig)]
        if NAME not in run(["kind", "get", "clusters"]).split():
            with step("creating the kind cluster"):
                run(["kind", "create", "cluster", *mine, "--config", CONFIGURATION, "--wait", "120s"])
        run(["kind", "export", "kubeconfig", *mine])
        self.renew_tiny_volumes()
        say("  ✓ the kind cluster runs")

    def renew_tiny_volumes(self) -> None:
        """Wipe and make the volumes that no claim holds."""
        kubectl = ["kubectl", "--kubeconfig", str(self.kubeconfig)]
        phases = run([*kubectl, "get", "pv", "-o", "jsonpath={range .items[*]}{.metadata.name}={.status.phase} {end}"])
        for name in TINY_VOLUMES:
            if f"{name}=Bound" not in phases.split():
                folder = f"{TINY_FOLDER}/{name}"
                mount = f"mount -t tmpfs -o size=4m,mode=0777 tmpfs {folder}"
                script = f"umount {folder} 2>/dev/null; mkdir -p {folder} && {mount}"
                run(["docker", "exec", CONTAINER, "sh", "-c", script])
                run([*kubectl, "delete", "pv", name, "--ignore-not-found"])
        manifest = self.kubeconfig.with_name("tiny-volumes.json")
        manifest.write_text(tiny_volumes())
        run([*kubectl, "apply", "-f", manifest])

    def down(self) -> None:
        """Delete the cluster."""
        with step("deleting the kind cluster"):
            run(["kind", "delete", "cluster", "--name", NAME, "--kubeconfig", self.kubeconfig])
        run(["rm", "--recursive", "--force", state_folder()])

    def answers(self) -> bool:
        """Whether the API server is ready."""
        return succeeds(["kubectl", "--kubeconfig", self.kubeconfig, "get", "--raw", "/readyz"])

    def has(self, image: Image, key: str) -> bool:
        """Whether this content was loaded since the cluster was created."""
        mark = state_folder() / "loaded" / key
        return mark.exists()

    def load(self, image: Image, key: str, archive: Path) -> None:
        """Load an archive into the cluster."""
        run(["kind", "load", "image-archive", archive, "--name", NAME])
        mark = state_folder() / "loaded" / key
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()

    def network(self) -> list[str]:
        """Words before a command that let it reach pods and Services: it runs in the container of the node."""
        return ["docker", "exec", "--interactive", CONTAINER]
