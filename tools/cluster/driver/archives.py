"""Exported images in the cache: built and written only where their content key is new."""

import shutil
import tempfile
from pathlib import Path

from .builders import Builder
from .content import NOT_CONTENT
from .images import Image
from .locks import locked
from .paths import cache_folder, images_folder
from .progress import step

KEPT = 3
"""Archives of one image that are kept, those used last: checkouts beside each other build it of different content."""


def archive_of(image: Image, key: str) -> Path:
    """Where the exported image of this content is kept."""
    return images_folder() / f"{image.short_name}@{key}.tar"


def ensure_archive(builder: Builder, image: Image) -> tuple[str, Path]:
    """Key and archive of an image, built where the cache does not have it."""
    key = image.key(builder.base_key())
    archive = archive_of(image, key)
    if archive.is_file():
        archive.touch()
        return key, archive
    with locked(images_folder() / "build.lock", "building images"):
        if not archive.is_file():
            builder.prepare()
            with step(f"building {image.name} ({' '.join(image.versions)})"):
                build_and_export(builder, image, archive)
    return key, archive


def build_and_export(builder: Builder, image: Image, archive: Path) -> None:
    """Build in a folder that holds the declared sources only, so that the key covers all that the build sees."""
    unfinished = archive.with_suffix(".new")
    try:
        with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
            context = Path(scratch, "context")
            stage(image, context)
            for version in image.versions:
                builder.build(image, version, context)
        unfinished.unlink(missing_ok=True)
        builder.export(image, unfinished)
        drop_older(image)
        unfinished.rename(archive)
    finally:
        unfinished.unlink(missing_ok=True)


def drop_older(image: Image) -> None:
    """Make room for one more archive of an image."""
    found = images_folder().glob(f"{image.short_name}@*.tar")
    for older in sorted(found, key=lambda archive: archive.stat().st_mtime, reverse=True)[KEPT - 1 :]:
        older.unlink()


def stage(image: Image, context: Path) -> None:
    """Copy what the build of an image may see."""
    context.mkdir()
    unwanted = shutil.ignore_patterns(*NOT_CONTENT)
    for path in image.paths():
        target = context / path.relative_to(image.folder)
        if path.is_dir():
            shutil.copytree(path, target, ignore=unwanted, dirs_exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
