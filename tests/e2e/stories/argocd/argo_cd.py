"""A real Argo CD: its programs run beside the cluster, in a namespace of its own, as a team and its API see them."""

import contextlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.argocd import definitions
from tests.e2e.stories.shop import Raw
from tests.e2e.stories.waiting import until
from tests.support.processes import free_ports, start
from tools.argo_cd import CONFIG_MAP

GROUP = {"group": "releaseflow.dev", "version": "v1alpha1", "kind": "ReleaseFlow"}


@dataclass(frozen=True)
class ArgoCD:
    """An Argo CD that answers."""

    kubectl: Kubectl
    """kubectl in its namespace."""

    address: str
    """Where its API server listens."""

    program: Path
    """The command-line program argocd."""

    start: "Starter"
    """Starts its further programs, which end with it."""

    repository_server: str
    """Where its repository server listens."""

    def ask(self, path: str, query: Mapping[str, str] | None = None, body: Raw | None = None) -> Any:
        """Ask its API.

        Raises:
            AssertionError: It refuses.
        """
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(query or {})}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def cli(self, *words: str, seconds: int = 60) -> subprocess.CompletedProcess[str]:
        """Run argocd, as a person or a pipeline does."""
        command = [str(self.program), *words, f"--server={self.address}", "--plaintext"]
        return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)

    def start_application_sets(self) -> None:
        """Start the controller of ApplicationSets."""
        options = ("metrics-addr", "probe-addr", "webhook-addr")
        addresses = [f"--{name}=127.0.0.1:{port}" for name, port in zip(options, free_ports(3), strict=True)]
        self.start("argocd-applicationset-controller", *self._client(), *addresses)

    def start_notifications(self) -> None:
        """Start the controller of notifications."""
        words = (*self._client(), f"--metrics-port={free_ports(1)[0]}")
        self.start("argocd-notifications-controller", *words)

    def _client(self) -> tuple[str, ...]:
        """Return the words for a program that asks the API server and the repository server."""
        return (
            "--loglevel=warn",
            f"--namespace={self.kubectl.namespace}",
            f"--argocd-repo-server={self.repository_server}",
        )


@contextlib.contextmanager
def running(cluster: Kubectl, folder: Path, *of_controller: str) -> Iterator[ArgoCD]:
    """Install Argo CD into a namespace, with what our kinds need, and run its programs until the end.

    Args:
        cluster: kubectl of the cluster, which has Argo CD's definitions.
        folder: Where its programs have their files and logs.
        of_controller: Further words for the application controller.
    """
    kubectl = definitions.a_namespace(cluster)
    _install(kubectl, manifests())
    ports = free_ports(6)
    redis, repository, api = (f"127.0.0.1:{port}" for port in ports[:3])
    of_repository, of_the_controller, of_api = (f"--metrics-port={port}" for port in ports[3:])
    shared = ["--loglevel=warn", f"--redis={redis}"]
    client = [*shared, f"--namespace={kubectl.namespace}", f"--repo-server={repository}"]
    with contextlib.ExitStack() as stack:
        stack.callback(cluster, "delete", "namespace", kubectl.namespace, "--wait=false")
        starts = Starter(stack, _program().parent, folder)
        starts("argocd-redis", redis)
        starts("argocd-repo-server", *shared, f"--port={_port(repository)}", of_repository)
        starts("argocd-application-controller", *client, of_the_controller, *of_controller)
        way_in = ["--insecure", "--disable-auth", f"--port={_port(api)}", of_api]
        starts("argocd-server", *client, *way_in, "--address=127.0.0.1")
        argo_cd = ArgoCD(kubectl, api, _program(), starts, repository)
        until(lambda: _answers(argo_cd), bool, 120, f"Argo CD; its logs are in {folder}")
        yield argo_cd


def manifests() -> Path:
    """Return the folder with the manifests of Argo CD."""
    return _program().resolve().parent / "manifests"


def _program() -> Path:
    program = shutil.which("argocd")
    assert program, "argocd was not found: run this by `make test-argocd`"
    return Path(program)


def _install(kubectl: Kubectl, source: Path) -> None:
    """Apply what Argo CD's own installation has, without its pods, and then our part of its ConfigMap."""
    kubectl("apply", f"--kustomize={source / 'base' / 'config'}")
    patch = f"--patch-file={CONFIG_MAP}"
    kubectl("patch", "configmap", "argocd-cm", "--type=merge", patch)


class Starter:
    """Starts programs that end with a stack."""

    def __init__(self, stack: contextlib.ExitStack, programs: Path, folder: Path) -> None:
        self.stack, self.programs, self.folder = stack, programs, folder
        state = {"TLS_DATA_PATH": "tls", "SSH_DATA_PATH": "ssh", "GNUPGHOME": "gnupg", "PLUGINSOCKFILEPATH": "plugins"}
        for name in state.values():
            (folder / name).mkdir()
        self.environment = {
            **os.environ,
            **{f"ARGOCD_{name}": str(folder / value) for name, value in state.items()},
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "ARGOCD_GPG_ENABLED": "false",
            "PATH": f"{programs}:{os.environ['PATH']}",
        }

    def __call__(self, name: str, *words: str) -> None:
        """Start a program, its log in the folder."""
        command = [str(self.programs / name), *words]
        start(self.stack, command, self.folder / f"{name}.log", env=self.environment)


def _answers(argo_cd: ArgoCD) -> bool:
    """Whether its API server answers, and knows the project that every application may belong to."""
    try:
        projects = argo_cd.ask("projects")["items"] or []
    except (AssertionError, OSError):
        return False
    return "default" in {project["metadata"]["name"] for project in projects}


def _port(address: str) -> str:
    return address.rpartition(":")[2]
