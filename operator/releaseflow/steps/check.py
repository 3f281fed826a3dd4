"""Compare the names of the migrations in an image with those that the database has as applied."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from releaseflow.steps.failure import StepFailed
from releaseflow.steps.processes import CommandFailedError, output_of
from releaseflow.steps.report import say, without
from releaseflow.steps.settings import Settings

_NO_ANSWER = 1
_SHOWN = 3
"""Names of migrations that a message has at the most."""


def check(settings: Settings) -> int:
    """Say whether anything is pending, and return the exit code that the operator asked for: 0 where nothing is."""
    try:
        difference = _difference(settings)
    except StepFailed as failure:
        _answer(settings, failure.detail)
        return _NO_ANSWER
    _answer(settings, difference or "Every migration in the image is recorded as applied, and no other")
    return settings.pending_code if difference else 0


def _difference(settings: Settings) -> str:
    """Say in what image and database differ; empty where they do not.

    Raises:
        StepFailed: The folder cannot be read or is empty, or the database does not answer.
    """
    found = set(_migrations(settings))
    applied = _applied(settings)
    if not found:
        raise StepFailed("CheckFailed", f"there is no migration in {settings.folder}: see migration.check.folder")
    words = (("not applied", found - applied), ("applied, and not in the image", applied - found))
    return "; ".join(f"{what}: {_some(names)}" for what, names in words if names)


def _migrations(settings: Settings) -> Iterator[str]:
    """Yield what the tool would record of each migration in the image; a name that is none stands for itself."""
    ignored, name = settings.ignored, re.compile(settings.migration_name)
    for file in _files(settings.folder):
        if not ignored or re.search(ignored, file) is None:
            match = name.fullmatch(file)
            yield match.group(1) if match else file


def _files(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        why = f"the folder of migrations cannot be read ({error.strerror}: {folder}): see migration.check.folder"
        raise StepFailed("CheckFailed", why) from error


def _applied(settings: Settings) -> frozenset[str]:
    engine = settings.engine
    try:
        question = engine.recorded(settings.connection, settings.table, settings.recorded)
        return engine.names(output_of(question))
    except CommandFailedError as error:
        text = without(str(error), settings.connection.secrets)
        raise StepFailed("CheckFailed", f"the database does not say what is applied: {text[:200]}") from error


def _some(names: AbstractSet[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(sorted(names)[:_SHOWN]) + more


def _answer(settings: Settings, text: str) -> None:
    say(text)
    settings.report.write_text(text, "utf-8")
