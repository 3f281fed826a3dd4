"""What a client program is handed: all of a stream, or only what it wants of it."""

from collections.abc import Iterator

import pytest

from releaseflow.engines.program import Command
from releaseflow.steps.processes import CHUNK, CommandFailedError, feed

CHUNKS = 20
FIRST_BYTE = Command(("head", "--bytes=1"))


@pytest.fixture
def taken() -> list[bytes]:
    """What was taken of a stream."""
    return []


def stream(taken: list[bytes]) -> Iterator[bytes]:
    for _ in range(CHUNKS):
        taken.append(b"x" * CHUNK)
        yield taken[-1]


def test_a_stream_whose_checksum_is_taken_is_taken_whole_although_the_program_ends(taken: list[bytes]) -> None:
    assert feed(FIRST_BYTE, stream(taken)) == "x"
    assert len(taken) == CHUNKS


def test_a_backup_that_is_only_listed_is_not_read_a_second_time(taken: list[bytes]) -> None:
    assert feed(FIRST_BYTE, stream(taken), whole=False) == "x"
    assert len(taken) < CHUNKS


def test_a_program_that_ends_early_with_an_error_has_failed(taken: list[bytes]) -> None:
    with pytest.raises(CommandFailedError, match="exit code 1"):
        feed(Command(("false",)), stream(taken), whole=False)
