"""Flows whose migration is executed in a running container: its workload is moved before, and the targets after."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import CreateRun, FenceTarget, SetImage
from releaseflow.core.outcomes import DATABASE_IS_UNKNOWN
from releaseflow.core.run.actions import StartMigration
from tests.model.objects import Kind
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import CONNECTION_LOST, MIGRATED, NOT_EXECUTED, migration_failed
from tests.unit.core.world import World

MIGRATE = StepType.MIGRATE
CONSOLE = "shop-console"


def add(world: World, name: str, **facts: Any) -> None:
    """Add a workload that runs the old image."""
    world.targets[name] = builders.target(name=name, uid=f"{name}-uid", **facts)


@pytest.fixture
def world() -> World:
    """A flow over the shop and its console, which both run the old image."""
    world = World()
    add(world, "shop")
    add(world, CONSOLE)
    world.add_flow(migration=builders.executed())
    return world


def test_the_console_has_the_image_before_the_run_is_made_and_the_shop_after_it_has_migrated(world: World) -> None:
    world.play(until=lambda w: w.count(CreateRun) == 1)
    assert (world.image(CONSOLE), world.image()) == (NEW, OLD)
    assert world.gate("RunnerReady") == ("True", Reason.OPENED)
    world.play(until=lambda w: w.count(StartMigration) == 1)
    assert world.image() == OLD
    world.play()
    assert (world.image(CONSOLE), world.image()) == (NEW, NEW)
    assert world.ready() == ("True", Reason.RELEASED)
    assert [action.name for action in world.happened if isinstance(action, SetImage)] == [CONSOLE, "shop"]
    assert {action.name for action in world.happened if isinstance(action, FenceTarget)} == {CONSOLE, "shop"}
    runner = world.flow.status.runner
    assert runner is not None
    assert [(c.name, c.image) for c in runner.containers] == [("web", NEW)]


def test_a_console_that_does_not_come_up_fails_the_release_before_anything_is_migrated(world: World) -> None:
    world.broken.add((CONSOLE, NEW))
    world.edit(promotion={"onRolloutFailure": "Rollback"}, migration=builders.executed(compatibility="Additive"))
    world.play()
    assert world.ready() == ("False", Reason.ROLLOUT_FAILED)
    assert (world.count(CreateRun), world.image(), world.image(CONSOLE)) == (0, OLD, NEW)
    assert world.release.outcome is Outcome.FAILED
    world.edit(image=NEWER)
    world.play()
    assert (world.ready(), world.image(), world.image(CONSOLE)) == (("True", Reason.RELEASED), NEWER, NEWER)


def test_a_console_that_is_missing_is_waited_for(world: World) -> None:
    world.remove(Kind.TARGET, CONSOLE)
    world.play()
    assert world.ready() == ("Unknown", Reason.TARGET_NOT_FOUND)
    assert world.flow.status.gate == "RunnerReady"
    add(world, CONSOLE)
    world.play()
    assert world.ready() == ("True", Reason.RELEASED)


def test_a_suspended_flow_leaves_the_console_as_it_is(world: World) -> None:
    world.edit(suspend=True)
    world.play()
    assert world.ready() == ("Unknown", Reason.SUSPENDED)
    assert world.image(CONSOLE) == OLD
    world.edit(suspend=False)
    world.play(until=lambda w: w.flow.status.sequence == 1)
    world.edit(suspend=True)
    world.play()
    assert (world.image(CONSOLE), world.gate("RunnerReady")) == (OLD, ("False", Reason.SUSPENDED))
    world.edit(suspend=False)
    world.play(until=lambda w: w.count(SetImage) == 1)
    world.edit(suspend=True)
    world.play()
    assert world.count(CreateRun) == 0


def test_a_lost_connection_stops_everything_until_a_person_says_that_the_database_may_be_used(world: World) -> None:
    world.fates[MIGRATE] = [CONNECTION_LOST, MIGRATED]
    world.play()
    assert world.ready() == ("False", Reason.OUTCOME_UNKNOWN)
    assert world.flow.status.failure is not None
    assert world.flow.status.failure.reason in DATABASE_IS_UNKNOWN
    assert (world.image(), max(world.migrations().values())) == (OLD, 1)
    world.edit(image=NEWER)
    world.play()
    assert world.release.sequence == 1, "not even another image starts anything"
    world.command(retry="1")
    world.play()
    assert (world.ready(), world.image()) == (("True", Reason.RELEASED), NEWER)
    assert max(world.migrations().values()) == 1


def test_what_was_never_begun_leaves_the_database_free_for_the_next_image(world: World) -> None:
    world.fates[MIGRATE] = [NOT_EXECUTED, MIGRATED]
    world.play()
    assert world.ready() == ("False", Reason.NOT_EXECUTED)
    assert world.image() == OLD
    world.edit(image=NEWER)
    world.play()
    assert (world.ready(), world.image()) == (("True", Reason.RELEASED), NEWER)


def test_a_migration_that_fails_leaves_the_shop_and_says_its_exit_code(world: World) -> None:
    world.fates[MIGRATE] = [migration_failed(7, "boom")]
    world.play()
    failure = world.run.status.failure
    assert failure is not None
    assert (failure.reason, failure.exit_code, failure.log_tail) == (Reason.MIGRATION_FAILED, 7, "boom")
    assert world.image() == OLD


def test_a_newer_image_ends_a_release_whose_console_is_on_its_way(world: World) -> None:
    world.play(until=lambda w: w.count(SetImage) == 1)
    world.edit(image=NEWER)
    world.play()
    assert [release.outcome for release in world.flow.status.history] == [Outcome.SUPERSEDED]
    assert (world.image(CONSOLE), world.image()) == (NEWER, NEWER)
    assert world.count(CreateRun) == 1


def test_a_console_that_somebody_changes_on_the_way_ends_the_release(world: World) -> None:
    world.play(until=lambda w: w.count(SetImage) == 1)
    world.set_image("acme/other:9", CONSOLE)
    world.play()
    assert world.ready() == ("False", Reason.IMAGE_CHANGED_OUTSIDE)
    assert world.count(CreateRun) == 0


def test_another_console_that_is_named_on_the_way_is_moved_instead(world: World) -> None:
    world.play(until=lambda w: w.count(SetImage) == 1)
    add(world, "shop-tools")
    world.edit(migration=builders.executed(runningContainer={"workloadRef": {"name": "shop-tools"}}))
    world.play()
    assert (world.ready(), world.image("shop-tools")) == (("True", Reason.RELEASED), NEW)


def test_a_console_of_another_flow_is_not_touched(world: World) -> None:
    add(world, "mart")
    world.add_flow("mart", targets=[{"name": "mart"}], database={"urlSecretRef": {"name": "mart-db", "key": "url"}},
                   migration=builders.executed())  # fmt: skip
    world.play()
    assert {world.ready()[1], world.ready("mart")[1]} == {Reason.RELEASED, Reason.TARGET_TAKEN}


def test_a_flow_that_only_migrates_moves_its_console_and_nothing_else() -> None:
    world = World()
    add(world, CONSOLE)
    world.add_flow(targets=ABSENT, migration=builders.executed())
    world.play()
    assert world.ready() == ("True", Reason.RELEASED)
    assert [c.type for c in world.flow.status.conditions] == ["RunnerReady", "RunSucceeded", "Ready"]
    assert world.image(CONSOLE) == NEW


def test_only_the_named_container_is_moved() -> None:
    world = World()
    add(world, "shop")
    add(world, CONSOLE, images=(("admin", OLD), ("web", OLD)))
    where = {"workloadRef": {"name": CONSOLE, "container": "admin"}}
    world.add_flow(migration=builders.executed(runningContainer=where))
    world.play(until=lambda w: w.count(CreateRun) == 1)
    assert world.targets[CONSOLE].images == (("admin", NEW), ("web", OLD))
