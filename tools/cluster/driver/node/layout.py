"""Names, addresses and folders of the node: the facts that its parts have to agree on."""

from dataclasses import dataclass
from pathlib import Path

NODE_NAME = "node"
NODE_ADDRESS = "172.30.0.1"
API_PORT = 6443
API_SERVICE_ADDRESS = "10.96.0.1"
SERVICE_RANGE = "10.96.0.0/16"
POD_RANGE = "10.244.0.0/16"
CLUSTER_DOMAIN = "cluster.local"
CONTEXT_NAME = "releaseflow"
PAUSE_IMAGE = "localhost/releaseflow/pause:1"
CONTAINERD_SOCKET = Path("/run/containerd/containerd.sock")

# What the components write to by constants in their code: covered by empty folders that only the node sees.
COVERED_FOLDERS = (Path("/run"), Path("/var/lib"), Path("/var/log"))


@dataclass(frozen=True)
class Layout:
    """Folders and files of one node below its state folder."""

    root: Path

    @property
    def certificates(self) -> Path:
        """Keys and certificates."""
        return self.root / "pki"

    @property
    def configuration(self) -> Path:
        """Configuration files of the components."""
        return self.root / "configuration"

    @property
    def kubeconfigs(self) -> Path:
        """Kubeconfigs of the components."""
        return self.root / "kubeconfigs"

    @property
    def logs(self) -> Path:
        """One log for each component."""
        return self.root / "log"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, for use on the host."""
        return self.root / "kubeconfig"

    @property
    def ready_mark(self) -> Path:
        """A file that exists once the node is ready."""
        return self.root / "ready"

    @property
    def loaded_images(self) -> Path:
        """One file for each image in the node, with the content key of the image in it."""
        return self.root / "loaded"

    @property
    def kernel_settings(self) -> Path:
        """What the kernel settings were before the kubelet changed them."""
        return self.root / "kernel-settings.json"

    @property
    def bound_folders(self) -> dict[Path, Path]:
        """Folders on disk and where the node sees them."""
        return {
            self.root / "containerd": Path("/var/lib/containerd"),
            self.root / "etcd": Path("/var/lib/etcd"),
            self.root / "kubelet": Path("/var/lib/kubelet"),
            self.root / "pod-logs": Path("/var/log/pods"),
            self.root / "volumes": VOLUMES,
        }


VOLUMES = Path("/var/lib/volumes")
