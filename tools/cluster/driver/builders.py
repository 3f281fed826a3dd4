"""Two programs that build the same Containerfiles: buildah where root is enough, docker where its engine answers."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from .base_image import BASE_IMAGE, BUILDAH, DOCKER, base_image_key, ensure_base_image
from .images import Image
from .packages import BASE_PACKAGES, IMAGE_PACKAGES, require_packages
from .paths import REPOSITORY
from .run import run, succeeds

OFFICIAL_BASE = "docker.io/library/debian:bookworm-slim"
BASE_VARIABLE = "RELEASEFLOW_BASE_IMAGE"
SYSTEM_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


class Builder(Protocol):
    """Builds images and exports them."""

    def base_key(self) -> str:
        """Key of the base image; part of the key of every image."""
        ...

    def prepare(self) -> None:
        """Install what is missing and make the base image."""
        ...

    def build(self, image: Image, version: str, context: Path) -> None:
        """Build a version of an image from a folder that holds its sources and nothing else."""
        ...

    def export(self, image: Image, archive: Path) -> None:
        """Write an image that was built, at all its versions, as an archive."""
        ...


def build_arguments(version: str, base: str) -> list[str]:
    """Command line options for the build arguments of an image."""
    arguments = {"BASE": base, "VERSION": version}
    return [option for name, value in arguments.items() for option in ("--build-arg", f"{name}={value}")]


def stage_certificates(context: Path) -> list[str]:
    """Put the machine's certificates where the build sees them, and say so to pip; no image keeps them."""
    certificates = Path(os.environ.get("SSL_CERT_FILE", SYSTEM_CERTIFICATES))
    if not certificates.is_file():
        return []
    shutil.copyfile(certificates, context / "ca.crt")
    return ["--build-arg", "PIP_CERT=/build/ca.crt"]


def docker_base() -> str:
    """The base image of builds with Docker: one that is named, the official one, or one made on this machine."""
    named = os.environ.get(BASE_VARIABLE)
    return named or (OFFICIAL_BASE if image_is_there(OFFICIAL_BASE) else BASE_IMAGE)


@cache
def image_is_there(image: str) -> bool:
    """Whether the engine holds an image, or a registry that it reaches does; asked once."""
    by_digest = re.sub(r":[^:@/]+@", "@", image)
    return succeeds(["docker", "image", "inspect", image]) or succeeds(["docker", "manifest", "inspect", by_digest])


@dataclass(frozen=True)
class Buildah:
    """Builds without an engine; the base image is made on this machine."""

    def base_key(self) -> str:
        """Key of what the base image is made of."""
        return base_image_key()

    def prepare(self) -> None:
        """Install buildah and make the base image."""
        require_packages(IMAGE_PACKAGES)
        ensure_base_image(BUILDAH)

    def build(self, image: Image, version: str, context: Path) -> None:
        """Build with the machine's network and certificates, and with no registry."""
        command = [
            "buildah",
            "bud",
            "--quiet",
            "--layers",
            "--pull-never",
            "--isolation",
            "chroot",
            "--network",
            "host",
        ]
        command += stage_certificates(context)
        names = ["--tag", image.tagged(version), "--file", str(context / image.containerfile), str(context)]
        before = working_containers()
        try:
            run([*command, *build_arguments(version, BASE_IMAGE), *names])
        except BaseException:
            remove_containers(working_containers() - before)
            raise

    def export(self, image: Image, archive: Path) -> None:
        """Write an archive that is not compressed: three times as fast, and it is read on the same machine."""
        with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
            push = ["buildah", "push", "--quiet", "--disable-compression"]
            for version in image.versions:
                run([*push, image.tagged(version), f"oci:{folder}:{version}"])
            run(["tar", "--directory", folder, "--create", "--file", archive, "."])


def working_containers() -> set[str]:
    """Ids of the containers in which Buildah builds; one build of ours runs at a time."""
    return set(run(["buildah", "containers", "--quiet", "--noheading"]).split())


def remove_containers(ids: set[str]) -> None:
    """Remove what a build left that failed or was stopped."""
    if ids:
        run(["buildah", "rm", *sorted(ids)])


@dataclass(frozen=True)
class Docker:
    """Builds with a Docker engine on the official base image, or on one made on this machine."""

    def base_key(self) -> str:
        """The name of a base image stands for its content, unless it is made here."""
        base = docker_base()
        return base_image_key() if base == BASE_IMAGE else base

    def prepare(self) -> None:
        """Make the base image where no registry has one."""
        if docker_base() == BASE_IMAGE:
            require_packages(BASE_PACKAGES)
            ensure_base_image(DOCKER)

    def build(self, image: Image, version: str, context: Path) -> None:
        """Build with the machine's certificates."""
        arguments = [*stage_certificates(context), *build_arguments(version, docker_base())]
        docker_build(image.tagged(version), context, [*arguments, "--file", str(context / image.containerfile)])

    def export(self, image: Image, archive: Path) -> None:
        """Write the archive that `kind load image-archive` reads."""
        run(["docker", "save", "--output", archive, *map(image.tagged, image.versions)])


def docker_build(name: str, context: Path, options: Iterable[str]) -> None:
    """Build with whichever builder the engine has; without attestations, which no cluster can load."""
    env = {**os.environ, "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
    run(["docker", "build", "--quiet", *options, "--tag", name, context], cwd=REPOSITORY, env=env)


def docker_answers() -> bool:
    """Whether there is a Docker engine behind the docker command."""
    return shutil.which("docker") is not None and succeeds(["docker", "version", "--format", "{{.Server.Version}}"])
