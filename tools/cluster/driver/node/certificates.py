"""Certificates of the node and the kubeconfigs that hold them; made again for each node."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..run import run
from .layout import API_PORT, API_SERVICE_ADDRESS, CLUSTER_DOMAIN, CONTEXT_NAME, NODE_ADDRESS, NODE_NAME, Layout

DAYS = "3650"


@dataclass(frozen=True)
class Identity:
    """Who a certificate is for: file name, subject, and further names as openssl writes them."""

    name: str
    subject: str
    names: str = ""


SERVICE_NAMES = ("localhost", "kubernetes", "kubernetes.default", f"kubernetes.default.svc.{CLUSTER_DOMAIN}")
API_NAMES = ",".join(
    [
        *(f"DNS:{name}" for name in (*SERVICE_NAMES, "kubernetes.default.svc")),
        *(f"IP:{address}" for address in ("127.0.0.1", NODE_ADDRESS, API_SERVICE_ADDRESS)),
    ]
)
CLIENTS = (
    Identity("admin", "/O=system:masters/CN=admin"),
    Identity("controller-manager", "/CN=system:kube-controller-manager"),
    Identity("scheduler", "/CN=system:kube-scheduler"),
    Identity("proxy", "/CN=system:kube-proxy"),
    Identity(
        "kubelet", f"/O=system:nodes/CN=system:node:{NODE_NAME}", f"DNS:{NODE_NAME},IP:{NODE_ADDRESS},IP:127.0.0.1"
    ),
)
SERVERS = (
    Identity("apiserver", "/CN=kube-apiserver", API_NAMES),
    Identity("kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client"),
    Identity("front-proxy", "/CN=front-proxy"),
)


def make_certificates(layout: Layout) -> None:
    """Make an authority, the key of service accounts, all certificates and kubeconfigs."""
    folder = layout.certificates
    make_key_pair(folder, Identity("ca", "/CN=releaseflow-node"), [])
    run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder / "sa.key"])
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(make_certificate, folder, identity) for identity in (*CLIENTS, *SERVERS)]
    for job in jobs:
        job.result()
    for client in CLIENTS:
        write_kubeconfig(layout.kubeconfigs / client.name, folder, client.name, API_PORT)


def make_certificate(folder: Path, identity: Identity) -> None:
    """Make one key and a certificate signed by the authority."""
    names = identity.names or f"DNS:{identity.name}"
    extensions = [
        f"subjectAltName={names}",
        "extendedKeyUsage=serverAuth,clientAuth",
        "basicConstraints=critical,CA:FALSE",
    ]
    options = [word for extension in extensions for word in ("-addext", extension)]
    make_key_pair(folder, identity, ["-CA", str(folder / "ca.crt"), "-CAkey", str(folder / "ca.key"), *options])


def make_key_pair(folder: Path, identity: Identity, options: list[str]) -> None:
    """Make a key and a certificate; signed by itself, unless the options say otherwise."""
    files = ["-keyout", str(folder / f"{identity.name}.key"), "-out", str(folder / f"{identity.name}.crt")]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", DAYS]
    run(["openssl", "req", "-x509", *key, "-subj", identity.subject, *files, *options])


def write_kubeconfig(path: Path, certificates: Path, user: str, port: int) -> None:
    """Write a kubeconfig that needs no other file; only the owner may read it."""
    text = kubeconfig(
        server=f"https://127.0.0.1:{port}",
        user=user,
        authority=(certificates / "ca.crt").read_bytes(),
        certificate=(certificates / f"{user}.crt").read_bytes(),
        key=(certificates / f"{user}.key").read_bytes(),
    )
    path.touch(mode=0o600)
    path.write_text(text)


def kubeconfig(*, server: str, user: str, authority: bytes, certificate: bytes, key: bytes) -> str:
    """A kubeconfig in JSON, which every reader of YAML reads."""

    def embedded(value: bytes) -> str:
        return base64.b64encode(value).decode()

    cluster = {"server": server, "certificate-authority-data": embedded(authority)}
    credentials = {"client-certificate-data": embedded(certificate), "client-key-data": embedded(key)}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT_NAME,
        "contexts": [{"name": CONTEXT_NAME, "context": {"cluster": CONTEXT_NAME, "user": user}}],
        "clusters": [{"name": CONTEXT_NAME, "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
    }
    return json.dumps(document, indent=2) + "\n"
