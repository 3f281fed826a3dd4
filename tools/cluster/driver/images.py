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
        is_extra: Whether `make test` does without it.
    """

    name: str
    context: str
    sources: tuple[str, ...] = (".",)
    containerfile: str = "Containerfile"
    arguments: Mapping[str, str] = field(default_factory=dict)
    is_extra: bool = False

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


def tool(folder: Path, version: str) -> Image:
    """The example of a migration tool at one of its versions."""
    return Image(
        name=f"{PREFIX}{folder.name}:{version}",
        context=f"{TOOLS}/{folder.name}",
        sources=tuple(sorted(path.name for path in folder.iterdir() if path.name not in FOR_PEOPLE)),
        arguments={"VERSION": version},
        is_extra=folder.name not in TOOLS_OF_TEST,
    )


def ledger(version: str) -> Image:
    """The example of a static binary without a shell, at one of its versions."""
    return Image(name=f"{PREFIX}ledger:{version}", context="examples/ledger", arguments={"VERSION": version})


VERSIONS = ("v1", "v2", "v3", "v4")
"""The versions of each example; the ledger has the first two."""
TOOLS = "examples/tools"
"""Folder with one example for each migration tool."""
TOOLS_OF_TEST = ("alembic", "knex", "prisma", "rails")
"""Those that `make test` plays; `make test-tools` plays all."""
VERSIONS_OF_TOOL = (*VERSIONS, "slow")
"""The versions of such an example: the last one has a migration that takes half a minute."""
FOR_PEOPLE = frozenset({"README.md", "flow.yaml", "ruff.toml", "__pycache__"})
"""What no build of an example needs to see."""
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
    *(tool(folder, version) for folder in sorted((REPOSITORY / TOOLS).glob("*/")) for version in VERSIONS_OF_TOOL),
)


def chosen(names: list[str], table: tuple[Image, ...] = TABLE) -> list[Image]:
    """The images of the given names, in the order of the table; those of `make test` where none is given.

    A name may leave out the common prefix and the tag: `shop:v2`, or `shop` for all its versions; `all` is all.

    Raises:
        ClusterError: A name is not in the table.
    """
    found = [image for image in table if not (names or image.is_extra)]
    for name in names:
        full = name.removeprefix(PREFIX)
        named = [image for image in table if full in {"all", *short_names(image)}]
        if not named:
            raise ClusterError(f"there is no image {name}; there are: {' '.join(image.name for image in table)}")
        found += named
    return [image for image in table if image in found]


def short_names(image: Image) -> tuple[str, str]:
    """What people may call an image: with its tag, and without."""
    short = image.name.removeprefix(PREFIX)
    return short, short.partition(":")[0]
