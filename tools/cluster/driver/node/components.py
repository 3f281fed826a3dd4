"""Command lines of the node's components."""

import sys
from pathlib import Path

from .layout import API_PORT, NODE_ADDRESS, NODE_NAME, SERVICE_RANGE, Layout

ETCD = "http://127.0.0.1:2379"
ETCD_PEERS = "http://127.0.0.1:2380"


def options(**values: object) -> list[str]:
    """Command line options, one for each keyword."""
    return [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]


def etcd() -> list[str]:
    """The store; it never waits for the disk, since all of it is thrown away."""
    addresses = options(listen_client_urls=ETCD, advertise_client_urls=ETCD, listen_peer_urls=ETCD_PEERS)
    return ["kube", "etcd", "--data-dir=/var/lib/etcd/data", *addresses, "--unsafe-no-fsync", "--log-level=warn"]


def containerd(layout: Layout) -> list[str]:
    """The container runtime."""
    return ["containerd", f"--config={layout.configuration / 'containerd.toml'}", "--log-level=warn"]


def apiserver(layout: Layout) -> list[str]:
    """The API server, with the defaults of its version wherever there is one."""
    return [
        "kube",
        "kube-apiserver",
        *options(etcd_servers=ETCD, advertise_address=NODE_ADDRESS, secure_port=API_PORT),
        *apiserver_identity(layout.certificates),
        *aggregation_layer(layout.certificates),
        *options(
            service_cluster_ip_range=SERVICE_RANGE,
            authorization_mode="Node,RBAC",
            enable_admission_plugins="NodeRestriction",
            allow_privileged="true",
            kubelet_preferred_address_types="InternalIP",
        ),
    ]


def apiserver_identity(certificates: Path) -> list[str]:
    """Options for who the API server is, and which certificates it trusts."""
    return options(
        tls_cert_file=certificates / "apiserver.crt",
        tls_private_key_file=certificates / "apiserver.key",
        client_ca_file=certificates / "ca.crt",
        kubelet_client_certificate=certificates / "kubelet-client.crt",
        kubelet_client_key=certificates / "kubelet-client.key",
        kubelet_certificate_authority=certificates / "ca.crt",
        service_account_key_file=certificates / "sa.key",
        service_account_signing_key_file=certificates / "sa.key",
        service_account_issuer="https://kubernetes.default.svc",
    )


def aggregation_layer(certificates: Path) -> list[str]:
    """Options for requests that are passed on to and from other API servers."""
    return options(
        requestheader_client_ca_file=certificates / "ca.crt",
        requestheader_allowed_names="front-proxy",
        requestheader_username_headers="X-Remote-User",
        requestheader_group_headers="X-Remote-Group",
        requestheader_extra_headers_prefix="X-Remote-Extra-",
        proxy_client_cert_file=certificates / "front-proxy.crt",
        proxy_client_key_file=certificates / "front-proxy.key",
    )


def controller_manager(layout: Layout) -> list[str]:
    """The controllers; its own limit of 20 requests a second would make it take four seconds more to start."""
    kubeconfig = layout.kubeconfigs / "controller-manager"
    return [
        *["kube", "kube-controller-manager", "--use-service-account-credentials", "--leader-elect=false"],
        *options(
            kubeconfig=kubeconfig,
            authentication_kubeconfig=kubeconfig,
            authorization_kubeconfig=kubeconfig,
            service_account_private_key_file=layout.certificates / "sa.key",
            root_ca_file=layout.certificates / "ca.crt",
            cluster_signing_cert_file=layout.certificates / "ca.crt",
            cluster_signing_key_file=layout.certificates / "ca.key",
            kube_api_qps=200,
            kube_api_burst=400,
        ),
    ]


def scheduler(layout: Layout) -> list[str]:
    """The scheduler."""
    path = layout.kubeconfigs / "scheduler"
    access = options(kubeconfig=path, authentication_kubeconfig=path, authorization_kubeconfig=path)
    return ["kube", "kube-scheduler", *access, "--leader-elect=false"]


def kubelet(layout: Layout) -> list[str]:
    """The kubelet."""
    files = options(kubeconfig=layout.kubeconfigs / "kubelet", config=layout.configuration / "kubelet.yaml")
    return ["kube", "kubelet", *files, *options(node_ip=NODE_ADDRESS, hostname_override=NODE_NAME)]


def proxy(layout: Layout) -> list[str]:
    """The proxy of Services."""
    return ["kube", "kube-proxy", f"--config={layout.configuration / 'proxy.yaml'}"]


def coredns(layout: Layout) -> list[str]:
    """The server of cluster names."""
    return ["coredns", "-conf", str(layout.configuration / "Corefile")]


def volumes(layout: Layout) -> list[str]:
    """What binds claims."""
    return [sys.executable, "-m", "driver.node.volumes", str(layout.root)]


def policies(layout: Layout) -> list[str]:
    """What enforces NetworkPolicies."""
    return [sys.executable, "-m", "driver.node.policies", str(layout.root)]


def port_forward(listener: int) -> list[str]:
    """What leads from the host to the API server."""
    return [sys.executable, "-m", "driver.node.port_forward", str(listener)]
