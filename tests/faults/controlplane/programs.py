"""Where the programs of the control plane are: in the cache of the cluster's driver, which builds them."""

import shutil
from pathlib import Path

from tools.cluster.driver.binaries import NODE, built
from tools.cluster.driver.errors import ClusterError


class NoProgramsError(Exception):
    """The control plane cannot be started here; the message says why."""


def kube() -> Path:
    """Return the one binary that is etcd, API server and controller manager; it is built first where it is not there.

    Raises:
        NoProgramsError: It cannot be built here.
    """
    try:
        return built(NODE) / "kube"
    except ClusterError as error:
        raise NoProgramsError(str(error)) from error


def dying_with_us(words: list[str]) -> list[str]:
    """Return a command line whose process ends when ours does, however that happens."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *words] if setpriv else words
