"""The images of the project: a table; adding an image touches this file only."""

from dataclasses import dataclass
from pathlib import Path

from .content import content_key
from .errors import ClusterError
from .paths import REPOSITORY

PREFIX = "localhost/releaseflow/"


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image at one version or more, built and kept together: what they have in common is there once.

    Attributes:
        name: Fully qualified, without a tag.
        versions: The tags; each is built with the argument VERSION.
        context: Folder in the repository that is the root of the build.
        sources: What the build may see of the context; nothing else is copied to it.
        containerfile: Path below the context.
        is_extra: Whether `make test` does without it.
    """

    name: str
    versions: tuple[str, ...]
    context: str
    sources: tuple[str, ...] = (".",)
    containerfile: str = "Containerfile"
    is_extra: bool = False

    @property
    def folder(self) -> Path:
        """Root of the build."""
        return REPOSITORY / self.context

    @property
    def short_name(self) -> str:
        """The name as people say it."""
        return self.name.rpartition("/")[2]

    def tagged(self, version: str) -> str:
        """The name of a version."""
        return f"{self.name}:{version}"

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
        return content_key(self.folder, self.paths(), {**settings, "versions": " ".join(self.versions)})


def tool(folder: Path) -> Image:
    """The example of a migration tool."""
    return Image(
        name=PREFIX + folder.name,
        versions=(*VERSIONS, "slow"),
        context=f"{TOOLS}/{folder.name}",
        sources=tuple(sorted(path.name for path in folder.iterdir() if path.name not in FOR_PEOPLE)),
        is_extra=folder.name not in TOOLS_OF_TEST,
    )


VERSIONS = ("v1", "v2", "v3", "v4")
"""The versions of an example; the ledger has the first two, and a tool one more, which migrates for half a minute."""
TOOLS = "examples/tools"
"""Folder with one example for each migration tool."""
TOOLS_OF_TEST = ("alembic", "dbmate", "knex", "laravel", "liquibase", "prisma", "rails", "sqlx")
"""Those that `make test` plays; `make test-tools` plays all."""
FOR_PEOPLE = frozenset({"README.md", "flow.yaml", "ruff.toml", "__pycache__"})
"""What no build of an example needs to see."""
TABLE = (
    Image(name=f"{PREFIX}postgres", versions=("15",), context="images/postgres"),
    Image(
        name=f"{PREFIX}operator",
        versions=("dev",),
        context=".",
        sources=("operator", "requirements.txt"),
        containerfile="images/operator/Containerfile",
    ),
    Image(
        name=f"{PREFIX}client",
        versions=("dev",),
        context=".",
        sources=("operator/releaseflow/__init__.py", "operator/releaseflow/steps", "operator/releaseflow/engines"),
        containerfile="images/client/Containerfile",
    ),
    Image(
        name=f"{PREFIX}shop",
        versions=(*VERSIONS, "v5"),
        context="examples/shop",
        sources=("assemble", "requirements.txt", "versions"),
    ),
    Image(name=f"{PREFIX}ledger", versions=VERSIONS[:2], context="examples/ledger"),
    *(tool(folder) for folder in sorted((REPOSITORY / TOOLS).glob("*/"))),
)


def chosen(names: list[str], table: tuple[Image, ...] = TABLE) -> list[Image]:
    """The images of the given names, in the order of the table; those of `make test` where none is given.

    A name may leave out the common prefix and the tag, `shop:v2` or `shop`; it means the image at all its versions.
    `all` is all images.

    Raises:
        ClusterError: A name is not in the table.
    """
    found = [image for image in table if not (names or image.is_extra)]
    for name in names:
        named = [image for image in table if name.removeprefix(PREFIX) in {"all", *short_names(image)}]
        if not named:
            known = " ".join(image.short_name for image in table)
            raise ClusterError(f"there is no image {name}; there are: {known}")
        found += named
    return [image for image in table if image in found]


def short_names(image: Image) -> list[str]:
    """What people may call an image: its name, and that with each tag."""
    return [image.short_name, *(f"{image.short_name}:{version}" for version in image.versions)]
