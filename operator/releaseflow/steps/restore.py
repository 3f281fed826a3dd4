"""Restore a backup into an empty database: all of it, or nothing."""

import os
from contextlib import closing

from releaseflow.steps.failure import StepFailed
from releaseflow.steps.processes import CommandFailedError, chunks_of, feed, output_of
from releaseflow.steps.reading import Counted
from releaseflow.steps.report import say
from releaseflow.steps.settings import Settings


def restore(settings: Settings, path: str, sha256: str) -> None:
    """Restore the backup of this path and checksum.

    Raises:
        StepFailed: It is another file, the database is not empty, or it refuses something.
    """
    _check_secret(settings)
    _check_sum(settings, path, sha256)
    try:
        _check_empty(settings)
        _restore(settings, path)
    except CommandFailedError as error:
        raise StepFailed(settings.engine.reason(str(error), "RestoreFailed"), str(error)) from error
    say("Restored")


def _check_secret(settings: Settings) -> None:
    if not settings.database_url:
        why = "make an empty database, and a Secret restore-into in this namespace whose key url names it"
        raise StepFailed("RestoreFailed", f"Nothing was restored: {why}")


def _check_sum(settings: Settings, path: str, sha256: str) -> None:
    say(f"Reading {path}")
    try:
        with closing(settings.place.open(path)) as file:
            chunks = Counted(chunks_of(file))
            for _chunk in chunks:
                pass
    except OSError as error:
        raise StepFailed("RestoreFailed", f"{path} cannot be read: {error.strerror}") from error
    if chunks.sum.sha256 != sha256:
        raise StepFailed("RestoreFailed", f"{path} is another file: its sha256 is {chunks.sum.sha256}")


def _check_empty(settings: Settings) -> None:
    engine = settings.engine
    if output_of(engine.count_tables(settings.connection)).strip() != "0":
        raise StepFailed("RestoreFailed", "Nothing was restored: the database is not empty")


def _restore(settings: Settings, path: str) -> None:
    engine = settings.engine
    with closing(settings.place.open(path)) as file:
        listing = engine.restorable(feed(engine.list_contents(), chunks_of(file), whole=False))
    chosen = os.memfd_create("listing")
    try:
        os.pwrite(chosen, listing.encode(), 0)
        say(f"Restoring {path}")
        with closing(settings.place.open(path)) as file:
            feed(engine.restore(settings.connection, f"/dev/fd/{chosen}"), chunks_of(file), keep=(chosen,))
    finally:
        os.close(chosen)
