"""Says on standard error what is being done; the figures alone go to standard output."""

import os
import sys


def say(words: str) -> None:
    """Say one line."""
    print(words, file=sys.stderr, flush=True)


def load() -> float:
    """Return how many processes wanted a core in the last minute."""
    return os.getloadavg()[0]
