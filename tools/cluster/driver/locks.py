"""File locks between drivers that run at the same time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ClusterError
from .progress import say


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file while the body runs; wait, and say so, where another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  … {what} is under way elsewhere; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def take_cluster(path: Path, what: str) -> None:
    """Hold the cluster for this process, and for the command that it becomes; wait while another checkout uses it."""
    file = open_lock(path)
    if not is_free(file):
        say(f"  … the cluster is used by {user_of(path)}; waiting for its end (Ctrl-C gives up)")
        fcntl.flock(file, fcntl.LOCK_EX)
    os.ftruncate(file, 0)
    os.write(file, f"{what} in {Path.cwd()} (process {os.getpid()})".encode())
    os.set_inheritable(file, True)  # noqa: FBT003 (positional in the standard library)


def refuse_while_used(path: Path) -> None:
    """Make sure that the cluster is not in use.

    Raises:
        ClusterError: It is in use; the message says by which process.
    """
    file = open_lock(path)
    free = is_free(file)
    os.close(file)
    if not free:
        raise ClusterError(f"the cluster is used by {user_of(path)}; stop that first, or wait for its end")


def open_lock(path: Path) -> int:
    """Open a lock file, and leave what it says of its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


def is_free(file: int) -> bool:
    """Take a lock if no process holds it; whether it was taken."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def user_of(path: Path) -> str:
    """Who holds a lock, by the words that it left in it."""
    return path.read_text(encoding="utf-8") or "another process"
