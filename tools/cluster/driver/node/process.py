"""The node as a process of the host: started, found, entered and killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from ..errors import ClusterError
from ..run import last_lines
from .layout import API_PORT, Layout

SUPERVISOR = "driver.node.supervisor"
# A name in the kernel, not in the file system: it is free again as soon as the node is gone.
MACHINE_LOCK = "\0releaseflow-node"
NAMESPACES = ("--mount", "--pid", "--net")
BOOT_SECONDS = 120.0
END_SECONDS = 20.0


def find(layout: Layout) -> int | None:
    """Process id of the node's first process, as the host counts."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and is_first_process(entry, layout):
            return int(entry.name)
    return None


def is_first_process(entry: Path, layout: Layout) -> bool:
    """Whether a folder of /proc belongs to the supervisor of this state folder, inside its own process namespace."""
    try:
        words = (entry / "cmdline").read_text().split("\0")
        if SUPERVISOR not in words or str(layout.root) not in words:
            return False
        ids = next(line for line in (entry / "status").read_text().splitlines() if line.startswith("NSpid:"))
    except (OSError, StopIteration):
        return False
    return len(ids.split()) > 2 and ids.split()[-1] == "1"


def spawn(layout: Layout, environment: Mapping[str, str]) -> int:
    """Start the supervisor in new namespaces; returns the port of the host that leads to the API server."""
    with take_machine_lock() as lock, open_listener() as listener:
        command = [
            *["unshare", "--fork", "--kill-child", *NAMESPACES, "--mount-proc", sys.executable, "-m", SUPERVISOR],
            *[str(layout.root), str(listener.fileno())],
        ]
        with (layout.logs / "supervisor.log").open("wb") as log:
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                pass_fds=(lock.fileno(), listener.fileno()),
                start_new_session=True,
            )
        port: int = listener.getsockname()[1]
        return port


def take_machine_lock() -> socket.socket:
    """Hold what only one node of a machine can hold; the node inherits it.

    Raises:
        ClusterError: Another node runs.
    """
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        lock.bind(MACHINE_LOCK)
    except OSError:
        lock.close()
        raise ClusterError(
            "another node already runs on this machine, from another cache folder; see: "
            f"pgrep -af {SUPERVISOR}; stop it with `make cluster-down` and the XDG_CACHE_HOME that it was started with"
        ) from None
    return lock


def open_listener() -> socket.socket:
    """A listening socket of the host's loopback: the usual port, or any other where that is taken."""
    for port in (API_PORT, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
        except OSError:
            listener.close()
        else:
            return listener
    raise ClusterError("no port of 127.0.0.1 is free; see: ss --listening --tcp")


def wait_until_ready(layout: Layout) -> None:
    """Wait for the supervisor's mark.

    Raises:
        ClusterError: The supervisor ended, or the node takes too long.
    """
    deadline = time.monotonic() + BOOT_SECONDS
    started = time.monotonic()
    while not layout.ready_mark.exists():
        gone = time.monotonic() > started + 1 and find(layout) is None
        if gone or time.monotonic() > deadline:
            log = (layout.logs / "supervisor.log").read_text(errors="replace")
            raise ClusterError(f"the node did not come up; its logs are in {layout.logs}\n{last_lines(log)}")
        time.sleep(0.05)


def kill(pid: int) -> None:
    """End the first process at once: the kernel ends all others of the namespace, and its mounts and network go too."""
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + END_SECONDS
    while Path("/proc", str(pid)).exists():
        if time.monotonic() > deadline:
            raise ClusterError(f"process {pid} does not end; see: cat /proc/{pid}/status")
        time.sleep(0.02)


def enter_network(pid: int) -> list[str]:
    """Words before a command that put it into the node's network, with the files of the host."""
    return ["nsenter", f"--target={pid}", "--net"]


def enter(pid: int) -> list[str]:
    """Words before a command that put it into the node as its components see it."""
    return ["nsenter", f"--target={pid}", *NAMESPACES]
