"""Flows that are deleted and made again, or restored under another UID: nothing of the first life is taken over."""

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Trigger
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from releaseflow.core.flow.actions import SetImage
from releaseflow.core.run.actions import StartMigration
from releaseflow.core.run.facts import DatabaseState
from tests.support.builders import NEW, OLD
from tests.support.pod_outcomes import NOTHING_PENDING, migration_failed
from tests.unit.core.world import World

CHECK, MIGRATE = StepType.CHECK, StepType.MIGRATE


def made_again(world: World) -> World:
    """Delete the flow, and make one of its name: it has another UID and no status, as after a restore."""
    spec = world.flows.pop("shop").spec
    world.add_flow("shop", **spec.model_dump(by_alias=True, exclude_none=True))
    return world


def test_a_flow_made_again_waits_for_the_migration_of_the_first_and_promotes_by_its_own_run(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.RUNNING
    released.edit(image=NEW)
    first = released.play().run
    made_again(released).play()
    assert released.ready() == ("Unknown", Reason.LOCK_HELD)
    assert released.run.name != first.name

    released.stays.clear()
    released.fates[CHECK] = [NOTHING_PENDING]
    released.play()
    assert first.status.outcome is Reason.MIGRATED
    assert released.run.status.outcome is Reason.NOTHING_PENDING
    assert (released.image(), released.count(SetImage), released.count(StartMigration)) == (NEW, 1, 1)


def test_a_flow_made_again_does_not_forget_a_failed_migration(released: World) -> None:
    released.fates[MIGRATE] = [migration_failed()]
    released.edit(image=NEW)
    released.play()
    made_again(released).play()
    assert released.ready() == ("False", Reason.DATABASE_UNKNOWN)
    assert (released.image(), released.migrations().total()) == (OLD, 1)


def test_a_flow_recreated_under_another_uid_is_reconciled_as_a_new_one(released: World) -> None:
    released.edit(image=NEW)
    released.play()
    released.runs.clear()
    released.fates[CHECK] = [NOTHING_PENDING]
    before = released.count(SetImage)
    made_again(released).play()
    assert released.release.trigger is Trigger.FIRST_SIGHT
    assert released.ready() == ("True", Reason.RELEASED)
    assert (released.count(SetImage) - before, released.migrations().total()) == (0, 1)


def test_a_run_that_comes_back_without_its_flow_ends_and_does_nothing(released: World) -> None:
    released.edit(image=NEW)
    run = released.play().run
    made_again(released)
    del released.runs[run.name]
    run = released.add_run(run.name, run.spec)
    released.fates[CHECK] = [NOTHING_PENDING]
    released.play()
    assert run.status.outcome is Reason.FLOW_DELETED
    assert released.migrations().total() == 1
    assert released.locks["shop-db/url"].database is DatabaseState.CLEAN
