"""Debian packages that the driver needs: installed where that is possible, named where it is not."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from .errors import ClusterError
from .locks import locked
from .paths import cache_folder
from .progress import step
from .run import run

NODE_PACKAGES = {
    "conntrack": "conntrack",
    "ip": "iproute2",
    "mount": "mount",
    "nft": "nftables",
    "openssl": "openssl",
    "runc": "runc",
    "sysctl": "procps",
    "unshare": "util-linux",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
}
BASE_PACKAGES = {"debootstrap": "debootstrap", "tar": "tar"}
IMAGE_PACKAGES = {"buildah": "buildah", "runc": "runc", **BASE_PACKAGES}
TEST_PACKAGES = {
    "initdb": "postgresql",
    "postgres": "postgresql",
    "promtool": "prometheus",
    "shellcheck": "shellcheck",
}
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/releaseflow.conf")
"""Keeps Debian's package from starting a server of its own: the tests start theirs, and stop it."""
NO_PROMETHEUS = Path("/etc/systemd/system/prometheus.service")
"""Keeps the package of promtool from starting a server; undone by: sudo systemctl unmask prometheus."""
ADMINISTRATOR_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"


def search_path() -> str:
    """PATH with the folders of programs that not every shell has: the administrator's, and a database server's."""
    servers = ":".join(map(str, Path("/usr/lib/postgresql").glob("*/bin")))
    return f"{os.environ.get('PATH', os.defpath)}:{ADMINISTRATOR_FOLDERS}:{servers}"


def missing_packages(needed: dict[str, str]) -> list[str]:
    """Packages of the programs that are not there."""
    return sorted({package for program, package in needed.items() if not is_there(program)})


def is_there(program: str) -> bool:
    """Whether a program is on the path, or at its absolute path."""
    return Path(program).exists() if program.startswith("/") else shutil.which(program, path=search_path()) is not None


def require_packages(needed: dict[str, str]) -> None:
    """Install the packages of missing programs.

    Raises:
        ClusterError: They cannot be installed from here.
    """
    if not missing_packages(needed):
        return
    with locked(cache_folder() / "packages.lock", "installing packages"):
        missing = missing_packages(needed)
        if missing:
            install(missing)


def install(packages: list[str]) -> None:
    """Install packages with apt-get.

    Raises:
        ClusterError: They cannot be installed from here.
    """
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ClusterError(f"programs are missing; install them: {install_command(packages)}")
    with step(f"installing {' '.join(packages)}"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "--quiet"], env=quiet)
        run(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages], env=quiet)


def require_test_packages() -> None:
    """Install the programs that the unit tests run.

    Raises:
        ClusterError: They cannot be installed from here.
    """
    if "postgresql" in missing_packages(TEST_PACKAGES) and os.geteuid() == 0:
        NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
        NO_CLUSTER.write_text("create_main_cluster = false\n", encoding="utf-8")
    if "prometheus" in missing_packages(TEST_PACKAGES) and os.geteuid() == 0 and NO_PROMETHEUS.parent.is_dir():
        NO_PROMETHEUS.unlink(missing_ok=True)
        NO_PROMETHEUS.symlink_to(os.devnull)
    require_packages(TEST_PACKAGES)


def install_command(packages: Iterable[str]) -> str:
    """The command that installs packages on Debian."""
    return f"sudo apt-get install {' '.join(packages)}"
