"""An operator that goes away after any of its writes, for a day: the next one goes on, and repeats nothing."""

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.flow.actions import CreateRun, SetImage
from releaseflow.core.run.facts import DatabaseState
from tests.support.builders import NEW
from tests.unit.core.world import World

A_DAY = 86_400
WRITES = 22
"""More than a release takes with all three Jobs: after the last of these numbers it rests."""


def away(world: World, seconds: float) -> None:
    """Let time pass without an operator: controllers go on, and checks remove themselves a minute after their end."""
    while world.controllers():
        pass
    ended = [
        name for name, (step, job) in world.jobs.items() if step is StepType.CHECK and (job.complete or job.failed)
    ]
    for name in ended:
        world.delete_job(name)
    world.wait(seconds)


@pytest.mark.parametrize("writes", range(WRITES))
def test_a_day_without_an_operator_after_any_write_repeats_nothing(released: World, writes: int) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: len(w.writes) >= writes)
    away(released, A_DAY)
    released.play()

    assert (released.image(), released.ready()) == (NEW, ("True", Reason.RELEASED))
    assert list(released.migrations().values()) == [1]
    assert (released.count(CreateRun), released.count(SetImage)) == (1, 1)
    assert released.locks["shop-db/url"].database is DatabaseState.CLEAN
    assert not any(thing.seen.has_finalizer for thing in released.pods.values())


def test_a_release_is_over_before_the_last_of_these_writes(released: World) -> None:
    released.edit(image=NEW)
    released.play()

    assert len(released.writes) < WRITES
