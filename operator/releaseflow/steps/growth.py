"""How far a draft has been written: said by the thread that writes it, awaited by the one that reads it back."""

import threading
from collections.abc import Iterable, Iterator


class Growth:
    """The size of a draft that is still being written."""

    def __init__(self) -> None:
        self._size = 0
        self._ended = False
        self._changed = threading.Condition()

    def counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield chunks to what writes them; each counts as written once the next one is asked for."""
        for chunk in chunks:
            yield chunk
            with self._changed:
                self._size += len(chunk)
                self._changed.notify()

    def end(self) -> None:
        """Say that nothing more will be written."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def wait(self, size: int) -> tuple[int, bool]:
        """Wait for so many bytes, or until nothing more is written; return how many are, and whether that is all."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._size >= size)
            return self._size, self._ended
