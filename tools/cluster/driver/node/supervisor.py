"""The first process of the node's namespaces: boots the components and outlives them; its end is the node's end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import ClusterError
from ..pause_image import write_pause_archive
from ..run import last_lines, run
from . import components
from .api import Api, ApiError
from .certificates import make_certificates
from .configuration import configuration_files
from .layout import CONTAINERD_SOCKET, NODE_NAME, Layout
from .namespaces import make_network, mount_folders

PATIENCE_SECONDS = 60.0
PAUSE_BETWEEN_LOOKS_SECONDS = 0.05


class Supervisor:
    """Starts components and waits for what they promise."""

    def __init__(self, layout: Layout, listener: int) -> None:
        self.layout = layout
        self.listener = listener
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def boot(self) -> None:
        """Bring the whole node up, in the order in which the parts need each other."""
        mount_folders(self.layout)
        make_network()
        self.write_configuration()
        self.start("etcd", components.etcd())
        self.start("containerd", components.containerd(self.layout))
        make_certificates(self.layout)
        api = Api(self.layout.certificates)
        self.wait("etcd", lambda: answers(socket.AF_INET, ("127.0.0.1", 2379)))
        self.start("apiserver", components.apiserver(self.layout))
        self.start("port-forward", components.port_forward(self.listener), keep=self.listener)
        self.wait("containerd", lambda: answers(socket.AF_UNIX, str(CONTAINERD_SOCKET)))
        self.import_pause_image()
        self.wait("apiserver", lambda: serves(api))
        self.start_clients()
        self.wait("kubelet", lambda: node_is_ready(api))
        self.wait("volumes", lambda: exists(api, "/apis/storage.k8s.io/v1/storageclasses/standard"))
        self.wait("controller-manager", lambda: exists(api, "/api/v1/namespaces/default/serviceaccounts/default"))

    def start_clients(self) -> None:
        """Start what needs the API server."""
        self.start("controller-manager", components.controller_manager(self.layout))
        self.start("scheduler", components.scheduler(self.layout))
        self.start("kubelet", components.kubelet(self.layout))
        self.start("proxy", components.proxy(self.layout))
        self.start("coredns", components.coredns(self.layout))
        self.start("volumes", components.volumes(self.layout))
        self.start("policies", components.policies(self.layout))

    def write_configuration(self) -> None:
        """Write all configuration files."""
        for name, text in configuration_files(self.layout).items():
            path = self.layout.configuration / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for folder in (self.layout.certificates, self.layout.kubeconfigs, self.layout.loaded_images):
            folder.mkdir(mode=0o700, exist_ok=True)

    def start(self, name: str, command: list[str], keep: int | None = None) -> None:
        """Start a component with a log of its own; `keep` is a file descriptor that it inherits."""
        with (self.layout.logs / f"{name}.log").open("wb") as log:
            kept = () if keep is None else (keep,)
            self.running[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=kept, start_new_session=True
            )

    def wait(self, name: str, promise: Callable[[], bool]) -> None:
        """Wait until a component keeps its promise.

        Raises:
            ClusterError: It did not in time, or any component ended.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not promise():
            ended = [other for other, process in self.running.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                culprit = ended[0] if ended else name
                log = (self.layout.logs / f"{culprit}.log").read_text(errors="replace")
                raise ClusterError(f"{culprit} did not come up; the end of its log:\n{last_lines(log)}")
            time.sleep(PAUSE_BETWEEN_LOOKS_SECONDS)

    def import_pause_image(self) -> None:
        """Put the image that holds a pod's namespaces open into the runtime."""
        archive = self.layout.root / "pause.tar"
        write_pause_archive(archive)
        run(["ctr", "--namespace", "k8s.io", "images", "import", archive])

    def reap(self) -> None:
        """Collect ended processes for ever; say which of them were components."""
        names = {process.pid: name for name, process in self.running.items()}
        while True:
            try:
                ended, status = os.wait()
            except ChildProcessError:
                return
            if ended in names:
                code = os.waitstatus_to_exitcode(status)
                print(f"{names[ended]} ended with exit code {code}; see log/{names[ended]}.log", flush=True)


def answers(family: socket.AddressFamily, address: tuple[str, int] | str) -> bool:
    """Whether somebody listens at an address."""
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        return connection.connect_ex(address) == 0


def serves(api: Api) -> bool:
    """Whether the API server calls itself ready."""
    try:
        return bool(api.call("GET", "/readyz") == "ok")
    except (OSError, ApiError):
        return False


def exists(api: Api, path: str) -> bool:
    """Whether an object is there."""
    try:
        api.call("GET", path)
    except ApiError:
        return False
    return True


def node_is_ready(api: Api) -> bool:
    """Whether the node reports Ready."""
    path = f"/api/v1/nodes/{NODE_NAME}"
    if not exists(api, path):
        return False
    conditions = api.call("GET", path)["status"].get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def main(state: str, listener: str) -> None:
    """Boot the node whose state folder and listening socket are given, and stay."""
    supervisor = Supervisor(Layout(Path(state)), int(listener))
    try:
        supervisor.boot()
    except ClusterError as error:
        print(error, flush=True)
        sys.exit(1)
    supervisor.layout.ready_mark.touch()
    supervisor.reap()


if __name__ == "__main__":
    main(*sys.argv[1:])
