"""Wait for what a user would wait for, and say what stood there instead when it does not come."""

import time
from collections.abc import Callable
from typing import TypeVar

FoundT = TypeVar("FoundT")
PAUSE_SECONDS = 0.25


def until(look: Callable[[], FoundT], is_so: Callable[[FoundT], bool], seconds: float = 60, what: str = "") -> FoundT:
    """Look again and again until what is seen is so; returns what was seen.

    Args:
        look: Looks once.
        is_so: Whether that is what is waited for.
        seconds: After so many seconds the test fails: generous, since the machine may be busy.
        what: What is waited for, in words.
    """
    deadline = time.monotonic() + seconds
    found = look()
    while not is_so(found):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what or is_so}; at the end there was: {found}"
        time.sleep(PAUSE_SECONDS)
        found = look()
    return found


def always(look: Callable[[], FoundT], is_so: Callable[[FoundT], bool], seconds: float, what: str = "") -> None:
    """Look for some seconds, and fail as soon as what is seen is not so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        assert is_so(found), f"{what or is_so} does not hold: {found}"
        time.sleep(PAUSE_SECONDS)
