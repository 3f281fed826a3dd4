"""The provider for machines with a Docker engine: kind, for which little is done here but the boot."""

import json
import os
import re
import shutil
import sys
import time
from pathlib import Path

from .binaries import KIND, Programs, built
from .builders import Builder, Docker, image_is_there
from .errors import ClusterError
from .images import Image
from .kind_image import ensure_node_image
from .paths import REPOSITORY, kind_folder
from .progress import say, step
from .run import run, run_logged, succeeds

NAME = "releaseflow"
CONTAINER = f"{NAME}-control-plane"
CONFIGURATION = REPOSITORY / "kind-config.yaml"
IMAGE_VARIABLE = "RELEASEFLOW_KIND_IMAGE"
BUILT = "built"
"""Named in the place of an image: the one that is built here."""
OLDEST_KIND = (0, 33)
"""The version whose nodes kind-config.yaml names; an older one may not boot them."""
KUBECTL = Programs(name="kubectl", packages=("k8s.io/kubernetes/cmd/kubectl",), first_build="about 4 minutes")
PATIENCE_SECONDS = 120.0
PAUSE_BETWEEN_LOOKS_SECONDS = 0.5
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


def node_image() -> str:
    """The image of the node: the one that is named, or that of kind-config.yaml."""
    configured = re.search(r"^ *image: (\S+)$", CONFIGURATION.read_text(), re.MULTILINE)
    return os.environ.get(IMAGE_VARIABLE) or (configured[1] if configured else "")


def ensured_node_image() -> str:
    """The image of the node, built here where that is asked for, or where nothing is and no registry has it."""
    image = node_image()
    if image == BUILT or not (os.environ.get(IMAGE_VARIABLE) or image_is_there(image)):
        return ensure_node_image()
    return image


def kind_on_path() -> str:
    """The user's kind, where there is one and it is new enough; else nothing."""
    program = shutil.which("kind") or ""
    version = re.search(r"v(\d+)\.(\d+)", run([program, "version"])) if program else None
    return program if version and (int(version[1]), int(version[2])) >= OLDEST_KIND else ""


def kind_program() -> str:
    """The kind command: the user's, or one built from the pinned module.

    Raises:
        ClusterError: It has to be built, and cannot be.
    """
    return kind_on_path() or str(built(KIND) / "kind")


def kind_exists() -> bool:
    """Whether the container of the node is there, running or not."""
    return succeeds(["docker", "container", "inspect", CONTAINER])


def kind_possible() -> bool:
    """Whether a kind cluster can be created here; says what is missing where it cannot."""
    go = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if not (kind_on_path() or KIND.folder.is_dir() or go):
        say("  Docker answers, but there is neither kind nor Go to build it; the node is used instead")
        return False
    if node_image() != BUILT and not image_is_there(node_image()):
        say(f"  Docker answers, but cannot have {node_image()}; the node is used instead")
        say(f"  RELEASEFLOW_CLUSTER=kind builds an image, and {IMAGE_VARIABLE} names another")
        return False
    return True


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
        return kind_folder() / "kubeconfig"

    @property
    def boot_mark(self) -> Path:
        """A file that exists while the cluster is created; after an interrupted boot it is still there."""
        return kind_folder() / "boots"

    @property
    def loaded_images(self) -> Path:
        """One file for each image that was loaded since the cluster was created."""
        return kind_folder() / "loaded"

    def tools(self) -> list[Path]:
        """Folder with the node's own kubectl, where the user has none."""
        return [folder for folder in (kind_folder() / "bin", KUBECTL.folder) if folder.is_dir()]

    def is_built(self) -> bool:
        """The engine fetches the node; at most kind itself is built."""
        return True

    def up(self) -> None:
        """Have a cluster that answers, with fresh tiny volumes."""
        kind = kind_program()
        self.prepare_kubectl()
        if self.boot_mark.exists():
            say("  the last boot was interrupted; what it left is removed")
            self.down()
        if not kind_exists():
            self.create(kind)
        elif not container_runs():
            with step("starting the stopped kind cluster"):
                run(["docker", "start", CONTAINER])
        self.kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        run([kind, "export", "kubeconfig", "--name", NAME, "--kubeconfig", str(self.kubeconfig)])
        self.copy_kubectl()
        self.wait_until_ready()
        self.renew_tiny_volumes()
        say("  ✓ the kind cluster runs")

    def create(self, kind: str) -> None:
        """Create the cluster; an interrupted boot is removed, and never taken for a cluster."""
        image = ensured_node_image()
        shutil.rmtree(self.loaded_images, ignore_errors=True)
        self.boot_mark.parent.mkdir(parents=True, exist_ok=True)
        self.boot_mark.touch()
        mine = ["--name", NAME, "--kubeconfig", str(self.kubeconfig)]
        options = ["--config", str(CONFIGURATION), "--image", image, "--wait", "120s"]
        with step("creating the kind cluster"):
            try:
                run_logged([kind, "create", "cluster", *mine, *options], kind_folder() / "create.log")
            except KeyboardInterrupt:
                self.down()
                raise
        self.boot_mark.unlink()

    def prepare_kubectl(self) -> None:
        """Build kubectl before the boot where there is none: elsewhere than on Linux, the node's does not run."""
        if shutil.which("kubectl") is None and sys.platform != "linux":
            built(KUBECTL)

    def copy_kubectl(self) -> None:
        """Take kubectl from the node, which has the right version, where the user has none."""
        if shutil.which("kubectl") is None and sys.platform == "linux":
            target = kind_folder() / "bin" / "kubectl"
            target.parent.mkdir(parents=True, exist_ok=True)
            run(["docker", "cp", "--follow-link", f"{CONTAINER}:/usr/bin/kubectl", target])

    def kubectl(self) -> list[str]:
        """The words that begin a kubectl command for this cluster."""
        path = ":".join([*map(str, self.tools()), os.environ.get("PATH", os.defpath)])
        return [shutil.which("kubectl", path=path) or "kubectl", f"--kubeconfig={self.kubeconfig}"]

    def wait_until_ready(self) -> None:
        """Wait for the API server, which a container that was started just now still has to start.

        Raises:
            ClusterError: It does not answer in time.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.answers():
            if time.monotonic() > deadline:
                raise ClusterError(
                    "the kind cluster does not answer; create it again: make cluster-down && make cluster"
                )
            time.sleep(PAUSE_BETWEEN_LOOKS_SECONDS)

    def renew_tiny_volumes(self) -> None:
        """Wipe and make the volumes that no claim holds."""
        kubectl = self.kubectl()
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
        """Delete the cluster and all that was kept about it; a node that runs is none of it."""
        with step("deleting the kind cluster"):
            run([kind_program(), "delete", "cluster", "--name", NAME, "--kubeconfig", str(self.kubeconfig)])
        shutil.rmtree(kind_folder(), ignore_errors=True)

    def answers(self) -> bool:
        """Whether the API server is ready."""
        return succeeds([*self.kubectl(), "--request-timeout=5s", "get", "--raw", "/readyz"])

    def has(self, image: Image, key: str) -> bool:
        """Whether this content was loaded since the cluster was created."""
        return (self.loaded_images / key).exists()

    def load(self, image: Image, key: str, archive: Path) -> None:
        """Load an archive into the cluster."""
        run([kind_program(), "load", "image-archive", archive, "--name", NAME])
        self.loaded_images.mkdir(parents=True, exist_ok=True)
        (self.loaded_images / key).touch()

    def network(self) -> list[str]:
        """Words before a command that let it reach pods and Services: it runs in the container of the node."""
        return ["docker", "exec", "--interactive", CONTAINER]


def container_runs() -> bool:
    """Whether the container of the node runs."""
    return run(["docker", "container", "inspect", "--format", "{{.State.Running}}", CONTAINER]).strip() == "true"
