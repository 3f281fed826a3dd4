"""The explorer finds what is broken on purpose, prints the counterexample, and replays it."""

from collections.abc import Iterator

import pytest

from releaseflow.core.run.actions import DeleteJob, DeleteLock, ReleaseLock
from tests.model import operators
from tests.model.counterexample import rendered, replayed
from tests.model.scenario import Scenario, once
from tests.model.search import Found, Search

SMALL = Scenario("small", "a Job is deleted", once("delete job"), 1)
SUPERSEDED = Scenario("superseded", "another image is wanted", once("edit image"), 1)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Found]:
    """What is found where clean-up goes by the cache."""
    operators.forget()
    for action in (ReleaseLock, DeleteLock, DeleteJob):
        monkeypatch.setattr(action, "requires_live_read", False)
    yield Search(SUPERSEDED).run()
    operators.forget()


def test_a_small_world_is_explored_to_the_end() -> None:
    found = Search(SMALL).run()
    assert (found.broken, found.complete) == ("", True)
    assert found.states > 10_000
    assert found.transitions > found.states
    assert "complete" in found.summary


def test_a_limit_cuts_an_exploration_off() -> None:
    found = Search(SMALL, most_states=100).run()
    assert (found.broken, found.complete) == ("", False)


def test_a_rule_that_is_taken_away_is_missed(broken: Found) -> None:
    assert broken.broken == "R11 a lock was deleted while a pod of its holder was alive"


def test_a_counterexample_is_printed_and_can_be_replayed(broken: Found) -> None:
    story = rendered(broken)
    assert story.startswith(f"{broken.broken}, after {len(broken.path)} moves in scenario superseded:")
    assert "somebody: asks for" in story
    assert "DeleteLock lease" in story
    *_, (_, last) = replayed(SUPERSEDED, broken.path)
    assert last.change.broken == broken.broken
