"""Configuration files of the node's components."""

import json
from collections.abc import Mapping

from .layout import CLUSTER_DOMAIN, NODE_ADDRESS, NODE_NAME, PAUSE_IMAGE, POD_RANGE, Layout

CNI_FOLDER = "/usr/lib/cni"


def configuration_files(layout: Layout) -> Mapping[str, str]:
    """Names and texts of all configuration files."""
    return {
        "containerd.toml": containerd(layout),
        "cni/10-pods.conflist": json.dumps(pod_network()),
        "kubelet.yaml": json.dumps(kubelet(layout)),
        "proxy.yaml": json.dumps(proxy(layout)),
        "Corefile": corefile(layout),
        "resolv.conf": "",
    }


def containerd(layout: Layout) -> str:
    """Configuration of containerd; its folders are the usual ones, which only the node sees."""
    return f"""\
version = 3
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "{PAUSE_IMAGE}"
[plugins.'io.containerd.cri.v1.runtime']
  # Without CAP_SYS_RESOURCE runc may not lower it: "can't get final child's PID from pipe: EOF".
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["{CNI_FOLDER}"]
  conf_dir = "{layout.configuration / "cni"}"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
"""


def pod_network() -> Mapping[str, object]:
    """One bridge for all pods; nothing leads out of the node."""
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": POD_RANGE}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "hairpinMode": True, "ipam": addresses}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "1.0.0", "name": "pods", "plugins": [bridge, ports]}


def kubelet(layout: Layout) -> Mapping[str, object]:
    """Configuration of the kubelet."""
    certificates = layout.certificates
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(certificates / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(certificates / "kubelet.crt"),
        "tlsPrivateKeyFile": str(certificates / "kubelet.key"),
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "clusterDNS": [NODE_ADDRESS],
        "clusterDomain": CLUSTER_DOMAIN,
        "resolvConf": str(layout.configuration / "resolv.conf"),
        "failSwapOn": False,
        # Images cannot be fetched again: the kubelet must neither collect them nor evict pods for want of space.
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"nodefs.available": "0%", "nodefs.inodesFree": "0%", "imagefs.available": "0%"},
    }


def proxy(layout: Layout) -> Mapping[str, object]:
    """Configuration of kube-proxy; `maxPerCore: 0` keeps it from settings of the whole machine."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(layout.kubeconfigs / "proxy")},
        "mode": "nftables",
        "clusterCIDR": POD_RANGE,
        "hostnameOverride": NODE_NAME,
        "conntrack": {"maxPerCore": 0},
    }


def corefile(layout: Layout) -> str:
    """Configuration of CoreDNS: cluster names and nothing else."""
    return f"""\
.:53 {{
    errors
    kubernetes {CLUSTER_DOMAIN} in-addr.arpa {{
        kubeconfig {layout.kubeconfigs / "admin"}
        pods insecure
    }}
    cache 5
}}
"""
