"""What a place for backups does, whatever it is."""

from collections.abc import Iterable, Iterator
from typing import IO, Protocol


class Place(Protocol):
    """Keeps files under names that are paths. What is being written has another name until it is put.

    Every function raises OSError where the place refuses.
    """

    def prepare(self, *names: str) -> None:
        """Make room for drafts, and remove what is there of earlier ones."""
        ...

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a draft whole, so that it would outlive a power cut."""
        ...

    def open_draft(self, name: str) -> IO[bytes]:
        """Open a draft for reading, from where it would be after a power cut."""
        ...

    def settle(self, file: IO[bytes], begin: int) -> None:
        """See that what follows in an open draft is read from where it would be after a power cut.

        Args:
            file: The draft, which somebody else still writes.
            begin: Bytes that were read of it.
        """
        ...

    def put(self, *names: str) -> None:
        """Give drafts their names, in this order."""
        ...

    def discard(self, *names: str) -> None:
        """Remove drafts, where they are."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        ...

    def abandoned(self, name: str) -> Iterator[str]:
        """Yield the names of drafts beside a file whose attempt has ended: none may run longer than a week."""
        ...

    def remove(self, *names: str) -> None:
        """Remove files, where they are."""
        ...
