"""How far a draft has been written: said by the thread that writes it, awaited by the one that reads it back.

The one that writes may be ended by a signal at any instruction, so it takes no lock: one that it had just taken would
be held for ever, and the reader would never end. SimpleQueue.put may be interrupted (docs.python.org/3/library/queue).
"""

from collections.abc import Iterable, Iterator
from queue import SimpleQueue

_END = -1


class Growth:
    """The size of a draft that is still being written."""

    def __init__(self) -> None:
        self._written: SimpleQueue[int] = SimpleQueue()
        """Bytes that were added, one number after the other."""
        self._size = 0
        self._ended = False

    def counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield chunks to what writes them; each counts as written once the next one is asked for."""
        for chunk in chunks:
            yield chunk
            self._written.put(len(chunk))

    def end(self) -> None:
        """Say that nothing more will be written."""
        self._written.put(_END)

    def wait(self, size: int) -> tuple[int, bool]:
        """Wait for so many bytes, or until nothing more is written; return how many are, and whether that is all.

        One thread asks, and always the same.
        """
        while not self._ended and (self._size < size or not self._written.empty()):
            added = self._written.get()
            self._ended = added == _END
            self._size += max(added, 0)
        return self._size, self._ended
