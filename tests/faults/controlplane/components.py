"""Command lines of a control plane with nothing around it: no node, no scheduler, and only the controllers we need."""

from dataclasses import dataclass
from pathlib import Path

CONTROLLERS = (
    "job-controller",
    "deployment-controller",
    "replicaset-controller",
    "statefulset-controller",
    "garbage-collector-controller",
    "namespace-controller",
    "ttl-after-finished-controller",
)


@dataclass(frozen=True)
class Layout:
    """Files and loopback ports of one control plane."""

    root: Path
    api_port: int
    etcd_port: int
    peer_port: int

    @property
    def etcd_data(self) -> Path:
        """What etcd keeps."""
        return self.root / "etcd"

    @property
    def certificates(self) -> Path:
        """Where the API server makes a certificate of its own."""
        return self.root / "certificates"

    @property
    def authority(self) -> Path:
        """What the API server's certificate is checked against."""
        return self.certificates / "apiserver.crt"

    @property
    def tokens(self) -> Path:
        """Who may come in."""
        return self.root / "tokens.csv"

    @property
    def account_key(self) -> Path:
        """Key that the API server insists on, and that signs nothing here."""
        return self.root / "accounts.key"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.root / "kubeconfig"

    @property
    def url(self) -> str:
        """URL of the API server."""
        return f"https://127.0.0.1:{self.api_port}"


def etcd(layout: Layout) -> list[str]:
    """The store; it never waits for the disk, since all of it is thrown away."""
    client, peer = f"http://127.0.0.1:{layout.etcd_port}", f"http://127.0.0.1:{layout.peer_port}"
    return [
        "etcd",
        f"--data-dir={layout.etcd_data}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
        "--log-level=error",
    ]


def apiserver(layout: Layout) -> list[str]:
    """The API server: everything that checks objects is as usual, what only shares it fairly is off."""
    return [
        "kube-apiserver",
        f"--etcd-servers=http://127.0.0.1:{layout.etcd_port}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--secure-port={layout.api_port}",
        f"--cert-dir={layout.certificates}",
        f"--token-auth-file={layout.tokens}",
        f"--service-account-key-file={layout.account_key}",
        f"--service-account-signing-key-file={layout.account_key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--authorization-mode=AlwaysAllow",
        "--disable-admission-plugins=ServiceAccount",
        "--enable-priority-and-fairness=false",
        "--max-requests-inflight=0",
        "--max-mutating-requests-inflight=0",
        "--profiling=false",
    ]


def controller_manager(layout: Layout) -> list[str]:
    """The controllers that Jobs, workloads and deletions need."""
    return [
        "kube-controller-manager",
        f"--kubeconfig={layout.kubeconfig}",
        f"--controllers={','.join(CONTROLLERS)}",
        "--leader-elect=false",
        "--secure-port=0",
        "--kube-api-qps=5000",
        "--kube-api-burst=5000",
        "--concurrent-job-syncs=20",
        "--profiling=false",
    ]
