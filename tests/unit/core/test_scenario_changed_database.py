"""The flow names another way to its database: what was begun for the former one is released nowhere."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Trigger
from releaseflow.core.conditions import READY, condition
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import SetImage
from releaseflow.core.flow.history import database_hash
from releaseflow.core.outcomes import SUCCESSFUL
from releaseflow.core.run.actions import StartMigration
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.unit.core.world import World

OTHER = {"urlSecretRef": {"name": "other-db", "key": "url"}}
MOMENTS = 40
"""More than a release has writes."""


def is_migrated(world: World) -> bool:
    """Whether a run of the wanted image has succeeded for the database that the flow names now."""
    spec = world.flow.spec
    return any(
        run.status.outcome in SUCCESSFUL
        and run.spec.image == spec.image
        and database_hash(run.spec.database) == database_hash(spec.database)
        for run in world.runs.values()
    )


def is_ready_too_early(world: World) -> bool:
    """Whether the flow is Ready, for its spec as it is now, before that."""
    ready = condition(world.flow.status.conditions, READY)
    if ready is None or ready.status is not ConditionStatus.TRUE:
        return False
    return ready.observed_generation == world.flow.generation and not is_migrated(world)


def after(changes: int) -> Callable[[World], bool]:
    """Return what is so once so much has happened."""
    asked = count()
    return lambda _: next(asked) == changes


def with_target() -> World:
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow()
    return world


def without_targets() -> World:
    world = World()
    world.add_flow(targets=ABSENT)
    return world


def test_what_was_migrated_for_the_former_database_is_not_promoted(world: World) -> None:
    world.play(until=lambda w: w.count(StartMigration) == 1)
    first = world.run
    world.edit(database=OTHER)
    world.play(until=lambda w: w.release.sequence == 2)
    assert (first.status.outcome, world.flow.status.history[-1].outcome) == (Reason.MIGRATED, Outcome.SUPERSEDED)
    assert (world.release.trigger, world.image(), world.count(SetImage)) == (Trigger.DATABASE_CHANGED, OLD, 0)
    world.play()
    assert (world.ready(), world.image()) == (("True", Reason.RELEASED), NEW)
    assert world.count(StartMigration) == len(world.runs) == 2


@pytest.mark.parametrize("edit", [{"database": OTHER}, {"image": NEWER}])
@pytest.mark.parametrize("scene", [with_target, without_targets])
def test_whenever_a_flow_is_changed_it_is_ready_only_for_what_it_names(
    edit: dict[str, Any], scene: Callable[[], World]
) -> None:
    for moment in range(MOMENTS):
        world = scene()
        world.play(until=after(moment))
        world.edit(**edit)
        world.play(until=is_ready_too_early)
        assert not is_ready_too_early(world), moment
        assert (world.ready(), is_migrated(world)) == (("True", Reason.RELEASED), True), moment
