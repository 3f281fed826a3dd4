"""Remove old backups that the operator names, each only if it is still the one that was recorded. Never fails."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import PurePosixPath

from releaseflow.steps.report import say
from releaseflow.steps.settings import Settings

_LONGEST = 250


def manifest_of(path: str) -> str:
    """Return the name of the manifest beside a backup."""
    return f"{path.removesuffix('.dump')}.json"


def prune(settings: Settings) -> str:
    """Remove what may go, and return why something could not be removed."""
    warnings = list(_warnings(settings))
    for warning in warnings:
        say(f"Warning: {warning}")
    return "; ".join(warnings)[:_LONGEST]


def _warnings(settings: Settings) -> Iterator[str]:
    for sha256, path in settings.prune:
        try:
            yield from _remove(settings, sha256, path)
        except OSError as error:
            yield f"{path} cannot be removed: {error.strerror}"
    try:
        for name in list(settings.place.abandoned(settings.path)):
            settings.place.discard(name)
    except OSError as error:
        yield f"what attempts left that were ended cannot be removed: {error.strerror}"


def _remove(settings: Settings, sha256: str, path: str) -> Iterator[str]:
    if path.startswith("/") or ".." in PurePosixPath(path).parts:
        yield f"{path} is no path inside the place for backups"
    elif path == settings.path:
        yield f"{path} is the backup that was just taken"
    elif not settings.place.has(path):
        return
    elif _recorded(settings, path) != sha256:
        yield f"{path} is not the backup that was recorded"
    else:
        settings.place.remove(path, manifest_of(path))
        say(f"Removed {path}")


def _recorded(settings: Settings, path: str) -> object:
    """Return the checksum that the manifest beside a backup has; None where there is no such manifest."""
    try:
        with closing(settings.place.open(manifest_of(path))) as file:
            manifest = json.loads(file.read())
    except (OSError, ValueError):
        return None
    return manifest.get("sha256") if isinstance(manifest, dict) else None
