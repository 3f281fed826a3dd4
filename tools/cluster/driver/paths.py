"""Where the driver keeps things: the cache folder of the user, and the sources in the repository."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
NODE_SOURCES = REPOSITORY / "tools" / "cluster" / "node"
ARGOCD_SOURCES = REPOSITORY / "tools" / "cluster" / "argocd"
FLUX_SOURCES = REPOSITORY / "tools" / "cluster" / "flux"
ROLLOUTS_SOURCES = REPOSITORY / "tools" / "cluster" / "rollouts"


def cache_folder() -> Path:
    """Folder of everything that may be built again: ${XDG_CACHE_HOME:-~/.cache}/releaseflow."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base).resolve() / "releaseflow"


def binaries_folder() -> Path:
    """Folder with one folder for each content key of built binaries."""
    return cache_folder() / "bin"


def images_folder() -> Path:
    """Folder of exported images, named by their content key."""
    return cache_folder() / "images"


def use_lock() -> Path:
    """Lock file of whoever uses the cluster: one demo or one run of the tests at a time."""
    return cache_folder() / "cluster.lock"


def state_folder() -> Path:
    """Folder of the running node; gone after `down`."""
    return cache_folder() / "cluster"


def kind_folder() -> Path:
    """Folder of the kind cluster, apart from the node's: which of the two is meant may change while one runs."""
    return cache_folder() / "kind"
