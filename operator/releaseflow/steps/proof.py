"""Prove a backup: it is read back whole, it is what was written, and of the database that was meant."""

from collections.abc import Mapping
from typing import Any

from releaseflow.engines.program import Facts
from releaseflow.steps.failure import StepFailed
from releaseflow.steps.processes import CommandFailedError, chunks_of, feed
from releaseflow.steps.reading import Counted, Sum
from releaseflow.steps.report import say
from releaseflow.steps.settings import Settings


def prove(settings: Settings, facts: Facts, written: Sum, client: str) -> Mapping[str, Any]:
    """Return how the backup was proven, and what was read back.

    Raises:
        StepFailed: It is not whole, not what was written, too small, or of another database.
    """
    say(f"Reading {settings.path} back, {written.size_bytes} bytes")
    found = _read_back(settings, written)
    if found.size_bytes < settings.minimum_size_bytes:
        why = f"{found.size_bytes} bytes, and at least {settings.minimum_size_bytes} were expected"
        raise StepFailed("BackupTooSmall", why)
    tables = _tables(settings, facts)
    say(f"Proven: sha256 as written, {tables} tables")
    proof = f"read back whole by client {client}: sha256 as written, {tables} tables"
    return {"proof": proof, "provenSHA256": found.sha256, "provenSizeBytes": found.size_bytes}


def _read_back(settings: Settings, written: Sum) -> Sum:
    """Take the checksum and let the engine's client read it, in one pass."""
    try:
        with settings.place.open_draft(settings.path) as file:
            chunks = Counted(chunks_of(file))
            complaint = _complaint(settings, chunks)
    except OSError as error:
        raise _unverified(f"it cannot be read back: {error.strerror}") from error
    if chunks.sum != written:
        raise _unverified(f"what was read back is not what was written (sha256 {chunks.sum.sha256})")
    if complaint:
        raise _unverified(complaint)
    return chunks.sum


def _complaint(settings: Settings, chunks: Counted) -> str:
    """Return why the client cannot read the backup; a checksum that differs says more, and is compared first."""
    command = settings.engine.read_back()
    try:
        feed(command, chunks)
    except CommandFailedError as error:
        return f"{command.arguments[0]} cannot read it: {error}"
    return ""


def _tables(settings: Settings, facts: Facts) -> int:
    command = settings.engine.list_contents()
    try:
        with settings.place.open_draft(settings.path) as file:
            contents = settings.engine.contents(feed(command, chunks_of(file), whole=False))
    except (CommandFailedError, OSError) as error:
        raise _unverified(f"{command.arguments[0]} cannot list it: {error}") from error
    if contents.database != facts.database:
        raise _unverified(f"it is of database {contents.database}, not {facts.database}")
    if facts.tables > 0 and contents.tables == 0:
        raise _unverified("it has no tables")
    return contents.tables


def _unverified(why: str) -> StepFailed:
    return StepFailed("BackupUnverified", why)
