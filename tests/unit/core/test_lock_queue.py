"""A run that waits for a lock is found by those who wait beside it, whatever somebody did to its label."""

from dataclasses import replace
from datetime import timedelta

import pytest

from releaseflow.core.facts import ABSENT
from releaseflow.core.run.actions import AddFinalizer, TakeLock
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import LockFacts, RunObserved, Waiter
from tests.support import builders

OLDER = Waiter(builders.NOW - timedelta(1), "z")
BEHIND_AN_OLDER_RUN = builders.run(lock=ABSENT, waiters=(OLDER,))
BEHIND_THE_HOLDER = builders.run(lock=builders.lock(holder_uid="other"))


def settled(seen: RunObserved) -> RunObserved:
    """Return the run once its status says that it waits."""
    return replace(seen, status=decide(seen).status)


@pytest.mark.parametrize("waiting", [BEHIND_AN_OLDER_RUN, BEHIND_THE_HOLDER])
def test_a_waiter_that_cannot_be_found_puts_its_label_back(waiting: RunObserved) -> None:
    lost = settled(replace(waiting, queued=False))
    assert decide(lost).action == AddFinalizer()
    assert decide(lost).status == lost.status
    assert decide(settled(waiting)).action is ABSENT


def test_who_comes_first_takes_the_lock_with_or_without_its_label() -> None:
    assert decide(builders.run(lock=ABSENT, queued=False)).action == TakeLock(ABSENT)


def test_a_label_neither_gives_nor_takes_a_lock() -> None:
    holding = builders.run(queued=False)
    assert isinstance(holding.lock, LockFacts)
    assert decide(holding) == decide(replace(holding, queued=True))
