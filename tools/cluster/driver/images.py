"""The images of the project: a table; adding an image touches this file only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .content import content_key
from .errors import ClusterError
from .paths import REPOSITORY

PREFIX = "localhost/releaseflow/"


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image: its name, and everything that its build may see.

    Attributes:
        name: Fully qualified, with a tag.
        context: Folder in the repository that is the root of the build.
        sources: What the build may see of the context; nothing else is copied to it.
        containerfile: Path below the context.
        arguments: Build arguments, apart from BASE and PIP_CERT.
    """

    name: str
    context: str
    sources: tuple[str, ...] = (".",)
    containerfile: str = "Containerfile"
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Root of the build."""
        return REPOSITORY / self.context

    def paths(self) -> list[Path]:
        """Files and folders that the build sees.

        Raises:
            ClusterError: One of them does not exist.
        """
        paths = [self.folder / source for source in (*self.sources, self.containerfile)]
        for path in paths:
            if not path.exists():
                raise ClusterError(f"{self.name} cannot be built: {path.relative_to(REPOSITORY)} is missing")
        return paths

    def key(self, base_key: str) -> str:
        """Key of everything the image is built from; `base_key` is that of the base image."""
        settings = {"base": base_key, "name": self.name, "containerfile": self.containerfile}
        return content_key(
            self.folder, self.paths(), {**settings, **{f"arg {k}": v for k, v in self.arguments.items()}}
        )


def shop(version: str) -> Image:
    """The example application at one of its versions."""
    return Image(
        name=f"{PREFIX}shop:{version}",
        context="examples/shop",
        sources=("assemble", "requirements.txt", "versions"),
        arguments={"VERSION": version},
    )


def tool(name: str, version: str) -> Image:
    """The example of a migration tool at one of its versions."""
    return Image(name=f"{PREFIX}{name}:{version}", context=f"{TOOLS}/{name}", arguments={"VERSION": version})


def ledger(version: str) -> Image:
    """The example of a static binary without a shell, at one of its versions."""
    return Image(name=f"{PREFIX}ledger:{version}", context="examples/ledger", arguments={"VERSION": version})


VERSIONS = ("v1", "v2", "v3", "v4")
"""The versions of each example; the ledger has the first two."""
TOOLS = "examples/tools"
"""Folder with one example for each migration tool."""
TABLE = (
    Image(name=f"{PREFIX}postgres:15", context="images/postgres"),
    Image(
        name=f"{PREFIX}operator:dev",
        context=".",
        sources=("operator", "requirements.txt"),
        containerfile="images/operator/Containerfile",
    ),
    Image(
        name=f"{PREFIX}client:dev",
        context=".",
        sources=("operator/releaseflow/__init__.py", "operator/releaseflow/steps", "operator/releaseflow/engines"),
        containerfile="images/client/Containerfile",
    ),
    *(shop(version) for version in VERSIONS),
    *(ledger(version) for version in VERSIONS[:2]),
    *(tool(folder.name, version) for folder in sorted((REPOSITORY / TOOLS).iterdir()) for version in VERSIONS),
)


def chosen(names: list[str], table: tuple[Image, ...] = TABLE) -> list[Image]:
    """The images of the given names, in the order of the table; all where none is given.

    A name may leave out the common prefix: `shop:v2`.

    Raises:
        ClusterError: A name is not in the table.
    """
    known = {image.name: image for image in table}
    full = [name if name in known else PREFIX + name for name in names]
    for name, given in zip(full, names, strict=True):
        if name not in known:
            raise ClusterError(f"there is no image {given}; there are: {' '.join(known)}")
    return [image for image in table if not names or image.name in full]
