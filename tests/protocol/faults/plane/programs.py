"""Where the programs of the control plane are: in the cache that the cluster's driver fills."""

import shutil
from pathlib import Path

from driver.binaries import KUBE

HOW_TO_GET_THEM = "the programs of the control plane are not built yet; build them: make cluster"


class NoProgramsError(Exception):
    """The control plane cannot be started here; the message names the command that changes it."""


def kube() -> Path:
    """Return the one binary that is etcd, API server and controller manager.

    Raises:
        NoProgramsError: It was not built yet.
    """
    path = KUBE.folder / "kube"
    if not path.is_file():
        raise NoProgramsError(HOW_TO_GET_THEM)
    return path


def dying_with_us(words: list[str]) -> list[str]:
    """Return a command line whose process ends when ours does, however that happens."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *words] if setpriv else words
