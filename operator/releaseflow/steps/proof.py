"""Prove a backup: it is read back whole, it is what was written, and of the database that was meant."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from releaseflow.engines.program import Facts
from releaseflow.steps.failure import StepFailed
from releaseflow.steps.growth import Growth
from releaseflow.steps.processes import CHUNK, CommandFailedError, chunks_of, feed
from releaseflow.steps.reading import Counted, Sum
from releaseflow.steps.report import say
from releaseflow.steps.settings import Settings

PART = 64 << 20
"""Bytes that are read back at once while more are written."""


class ReadBack:
    """A thread that reads a draft back from where it would be after a power cut, while the rest of it is written.

    What is left of a large backup to be read, once it is written, is its last part.
    """

    def __init__(self, settings: Settings, growth: Growth) -> None:
        self._settings = settings
        self._growth = growth
        self._chunks = Counted(self._parts())
        self._complaint = ""
        self._refusal = ""
        self._thread = threading.Thread(target=self._read, name="read back", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def end(self) -> None:
        """Wait until what was written is read; nothing more will be written."""
        self._growth.end()
        self._thread.join()

    def sum(self, written: Sum) -> Sum:
        """Return the sum of what was read back, once all of it was.

        Raises:
            StepFailed: It cannot be read, is not what was written, or the client cannot read it: the first of these.
        """
        self.end()
        if self._refusal:
            raise _unverified(f"it cannot be read back: {self._refusal}")
        found = self._chunks.sum
        if found != written:
            raise _unverified(f"what was read back is not what was written (sha256 {found.sha256})")
        if self._complaint:
            raise _unverified(self._complaint)
        return found

    def _read(self) -> None:
        command = self._settings.engine.read_back()
        try:
            feed(command, self._chunks)
        except CommandFailedError as error:
            self._complaint = f"{command.arguments[0]} cannot read it: {error}"
        except OSError as error:
            self._refusal = str(error.strerror)

    def _parts(self) -> Iterator[bytes]:
        self._growth.wait(PART)
        with self._settings.place.open_draft(self._settings.path) as file:
            begin, is_all = 0, False
            while not is_all:
                size, is_all = self._growth.wait(begin + PART)
                self._settings.place.settle(file, begin)
                yield from chunks_of(file) if is_all else _first(file, size - begin)
                begin = size


@contextmanager
def reading_back(settings: Settings, growth: Growth) -> Iterator[ReadBack]:
    """Read a draft back while it is written; whatever happens to the writing, the reading has ended afterwards."""
    back = ReadBack(settings, growth)
    back.start()
    try:
        yield back
    finally:
        back.end()


def prove(settings: Settings, facts: Facts, written: Sum, client: str, back: ReadBack) -> Mapping[str, Any]:
    """Return how the backup was proven, and what was read back.

    Raises:
        StepFailed: It is not whole, not what was written, too small, or of another database.
    """
    say(f"Reading the rest of {settings.path} back, {written.size_bytes} bytes in all")
    found = back.sum(written)
    if found.size_bytes < settings.minimum_size_bytes:
        why = f"{found.size_bytes} bytes, and at least {settings.minimum_size_bytes} were expected"
        raise StepFailed("BackupTooSmall", why)
    tables = _tables(settings, facts)
    say(f"Proven: sha256 as written, {tables} tables")
    proof = f"read back whole by client {client}: sha256 as written, {tables} tables"
    return {"proof": proof, "provenSHA256": found.sha256, "provenSizeBytes": found.size_bytes}


def _first(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield so many bytes of a file, or less where it ends before."""
    while size > 0 and (chunk := file.read(min(size, CHUNK))):
        size -= len(chunk)
        yield chunk


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
