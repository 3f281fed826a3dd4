"""Read a backup: its checksum, and whatever else is made of its bytes, in one pass."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Sum:
    """What a file is recognised by."""

    sha256: str
    size_bytes: int


class Counted:
    """Chunks that are counted and hashed while somebody else takes them."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._hash = hashlib.sha256()
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk)
            self._size += len(chunk)
            yield chunk

    @property
    def sum(self) -> Sum:
        """What was taken until now."""
        return Sum(self._hash.hexdigest(), self._size)
