"""The Debian base image for machines that reach no registry: debootstrap makes it, once."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .content import content_key
from .errors import ClusterError
from .locks import locked
from .paths import REPOSITORY, cache_folder
from .progress import step
from .run import run, succeeds

BASE_IMAGE = "localhost/releaseflow/base:bookworm"
SUITE = "bookworm"
SOURCES = REPOSITORY / "images" / "base"
NOT_KEPT = ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale")


@dataclass(frozen=True)
class ImageStore:
    """Where images are kept, as the beginnings of the commands that ask for one, build one and name one."""

    inspect: tuple[str, ...]
    build: tuple[str, ...]
    tag: tuple[str, ...]


BUILDAH = ImageStore(("buildah", "inspect", "--type", "image"), ("buildah", "bud", "--quiet"), ("buildah", "tag"))
DOCKER = ImageStore(("docker", "image", "inspect"), ("docker", "build", "--quiet"), ("docker", "tag"))


def base_image_key() -> str:
    """Key of the base image: its Containerfile and what debootstrap is asked for."""
    return content_key(SOURCES, [SOURCES], {"suite": SUITE, "without": " ".join(NOT_KEPT)})


def ensure_base_image(store: ImageStore) -> None:
    """Have the base image in a store, under a name of its own and under its key."""
    keyed = f"{BASE_IMAGE}-{base_image_key()}"
    with locked(cache_folder() / "base.lock", "making the base image"):
        if not succeeds([*store.inspect, keyed]):
            context = ensure_root_file_system()
            run([*store.build, "--tag", keyed, "--file", SOURCES / "Containerfile", context])
        run([*store.tag, keyed, BASE_IMAGE])


def ensure_root_file_system() -> Path:
    """Folder with base.tar, made where it is not there."""
    folder = cache_folder() / "base" / base_image_key()
    if not folder.is_dir():
        with step("making the Debian base image with debootstrap (the first time about a minute)"):
            make_root_file_system(folder)
    return folder


def make_root_file_system(folder: Path) -> None:
    """Run debootstrap beside the place of the result and move the result there in one step.

    Raises:
        ClusterError: The user is not root, without which debootstrap makes nothing.
    """
    if os.geteuid() != 0:
        raise ClusterError("no Debian base image can be had from a registry, and only root can make one: debootstrap")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        root, result = Path(scratch, "root"), Path(scratch, "result")
        result.mkdir()
        run(["debootstrap", "--variant=minbase", SUITE, root])
        for unwanted in NOT_KEPT:
            empty(root / unwanted)
        run(["tar", "--directory", root, "--create", "--file", result / "base.tar", "."])
        result.rename(folder)


def empty(folder: Path) -> None:
    """Remove what is in a folder, not the folder."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
