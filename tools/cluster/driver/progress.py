"""Says on the terminal what takes long, and how long it has taken."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SILENT_SECONDS = 15.0


def say(line: str) -> None:
    """Write one line for people; standard output is left to what programs read."""
    print(line, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announce a step, say every few seconds that it still runs, and say how long it took."""
    started = time.monotonic()
    done = threading.Event()

    def remind() -> None:
        while not done.wait(SILENT_SECONDS):
            say(f"    … {what}: {duration(time.monotonic() - started)}")

    reminder = threading.Thread(target=remind, daemon=True)
    say(f"  → {what}")
    reminder.start()
    try:
        yield
    finally:
        done.set()
        reminder.join()
    say(f"  ✓ {what} ({duration(time.monotonic() - started)})")
