"""The provider for machines without a Docker engine: a node built from Go modules."""

import os
import subprocess
from pathlib import Path

from ..binaries import NODE, built
from ..builders import Buildah, Builder
from ..errors import ClusterError
from ..images import Image
from ..packages import NODE_PACKAGES, require_packages, search_path
from ..paths import REPOSITORY, cache_folder, state_folder
from ..progress import say, step
from ..run import last_lines, run, succeeds
from . import leftovers, process
from .certificates import write_kubeconfig
from .layout import COVERED_FOLDERS, Layout


class Node:
    """One node of this machine."""

    name = "node"

    def __init__(self) -> None:
        self.layout = Layout(state_folder())

    @property
    def builder(self) -> Builder:
        """What builds images here."""
        return Buildah()

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig for use on the host."""
        return self.layout.kubeconfig

    def tools(self) -> list[Path]:
        """Folder with kubectl."""
        return [built(NODE)]

    def is_built(self) -> bool:
        """Whether the node's programs were built from these sources."""
        return NODE.folder.is_dir()

    def up(self) -> None:
        """Have a node that answers; one that does not is removed and booted again."""
        require_packages(NODE_PACKAGES)
        refuse_covered_folders()
        path = ":".join(str(folder) for folder in self.tools())
        if self.answers():
            say("  ✓ the node runs")
            return
        self.down()
        leftovers.refuse_other_kubelet()
        with step("booting the node"):
            try:
                self.boot(path)
            except KeyboardInterrupt:
                self.down()
                raise

    def boot(self, path: str) -> None:
        """Start the supervisor and wait for the node."""
        self.layout.logs.mkdir(parents=True)
        leftovers.save_kernel_settings(self.layout)
        environment = {**os.environ, "PATH": f"{path}:{search_path()}", "PYTHONPATH": python_path()}
        port = process.spawn(self.layout, environment)
        process.wait_until_ready(self.layout)
        write_kubeconfig(self.kubeconfig, self.layout.certificates, "admin", port)

    def down(self) -> None:
        """Remove the node, and all that it left on the machine."""
        pid = process.find(self.layout)
        if pid is None and not self.layout.root.exists():
            return
        with step("removing the node"):
            if pid is not None:
                process.kill(pid)
            leftovers.remove_pod_groups()
            leftovers.restore_kernel_settings(self.layout)
            run(["rm", "--recursive", "--force", "--one-file-system", str(self.layout.root)])

    def answers(self) -> bool:
        """Whether the node runs and its API server is ready."""
        if process.find(self.layout) is None or not self.kubeconfig.exists():
            return False
        kubectl = built(NODE) / "kubectl"
        return succeeds([kubectl, f"--kubeconfig={self.kubeconfig}", "--request-timeout=5s", "get", "--raw", "/readyz"])

    def has(self, image: Image, key: str) -> bool:
        """Whether the node holds this content of an image."""
        mark = self.layout.loaded_images / image.short_name
        return mark.is_file() and mark.read_text() == key

    def load(self, image: Image, key: str, archive: Path) -> None:
        """Import an archive into the node."""
        command: list[str] = [*process.enter(self.first_process()), *self.importer(image)]
        with archive.open("rb") as content:
            done = subprocess.run(command, stdin=content, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ClusterError(f"the node did not take {image.name}\n{last_lines(done.stderr)}")
        (self.layout.loaded_images / image.short_name).write_text(key)

    def importer(self, image: Image) -> list[str]:
        """The command that imports what it reads; the archive has the tags alone."""
        return [str(built(NODE) / "ctr"), "--namespace", "k8s.io", "images", "import", "--base-name", image.name, "-"]

    def network(self) -> list[str]:
        """Words before a command that let it reach pods and Services."""
        return process.enter_network(self.first_process())

    def first_process(self) -> int:
        """Process id of the node.

        Raises:
            ClusterError: It does not run.
        """
        pid = process.find(self.layout)
        if pid is None:
            raise ClusterError("the node does not run; start it: make cluster")
        return pid


def node_runs() -> bool:
    """Whether there is a node on this machine."""
    return process.find(Layout(state_folder())) is not None


def python_path() -> str:
    """Where the supervisor finds the driver."""
    return str(REPOSITORY / "tools" / "cluster")


def refuse_covered_folders() -> None:
    """Make sure that the node will see the driver and its cache.

    Raises:
        ClusterError: One of them lies in a folder that the node covers with an empty one.
    """
    for needed in (REPOSITORY, cache_folder()):
        for covered in COVERED_FOLDERS:
            if needed.is_relative_to(covered):
                raise ClusterError(
                    f"{needed} lies in {covered}, which the node hides from itself; "
                    "move the checkout, or set XDG_CACHE_HOME to a folder elsewhere, and run the same command again"
                )
