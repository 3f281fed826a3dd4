"""Backups as files of a folder that a volume is mounted at."""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_DRAFT = ".part"
_WEEK = 7 * 86_400


@dataclass(frozen=True)
class Place:
    """A folder; names are paths in it."""

    address: str
    """Path of the folder."""

    def prepare(self, *names: str) -> None:
        """Make the folders of drafts, and remove what is there of earlier ones."""
        for name in names:
            self._file(name).parent.mkdir(parents=True, exist_ok=True)
        self.discard(*names)

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a draft and flush it to the volume."""
        with self._draft(name).open("wb", buffering=0) as file:
            for chunk in chunks:
                rest = memoryview(chunk)
                while rest:
                    rest = rest[file.write(rest) :]
            os.fsync(file.fileno())

    def open_draft(self, name: str) -> IO[bytes]:
        """Open a draft for reading; what the node still has of it in memory is dropped first."""
        file = self._draft(name).open("rb")
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return file

    def settle(self, file: IO[bytes], begin: int) -> None:
        """Flush what was written to the volume, and drop what the node has of it in memory."""
        os.fdatasync(file.fileno())
        os.posix_fadvise(file.fileno(), begin, 0, os.POSIX_FADV_DONTNEED)

    def put(self, *names: str) -> None:
        """Rename drafts, and flush their folder."""
        for name in names:
            self._draft(name).replace(self._file(name))
        folder = os.open(self._file(names[-1]).parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def discard(self, *names: str) -> None:
        """Remove drafts, where they are."""
        for name in names:
            self._draft(name).unlink(missing_ok=True)

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading."""
        return self._file(name).open("rb")

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return self._file(name).exists()

    def abandoned(self, name: str) -> Iterator[str]:
        """Yield the names of drafts beside a file that were not written to for a week."""
        for draft in self._file(name).parent.glob(f"*{_DRAFT}"):
            if draft.is_file() and draft.stat().st_mtime < time.time() - _WEEK:
                yield str(draft.relative_to(self.address)).removesuffix(_DRAFT)

    def remove(self, *names: str) -> None:
        """Remove files, where they are."""
        for name in names:
            self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return Path(self.address, name)

    def _draft(self, name: str) -> Path:
        return Path(self.address, name + _DRAFT)
