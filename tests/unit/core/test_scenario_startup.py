"""Releases whose migration runs as the first target starts: it is written once all before it is done."""

from dataclasses import replace
from typing import Any

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Startup
from releaseflow.api.v1alpha1.steps import StepOutcome, StepType
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import SetImage, StartTarget
from releaseflow.core.run.facts import DatabaseState
from releaseflow.core.run.record import step_of
from tests.support import builders
from tests.support.builders import NEW, NEWER
from tests.support.pod_outcomes import NOTHING_PENDING
from tests.unit.core.startups import AT_STARTUP, alone, jobs_made, opened, ready_to_start, started
from tests.unit.core.world import World

ROW = ["TargetsFound", "RunReady", "Started", "RunSucceeded", "Approved", "Promoted", "RolledOut"]


@pytest.fixture
def world() -> World:
    """A flow that wants the new image, over a Deployment that never runs two pods at once."""
    return alone()


def test_the_migration_is_written_with_the_image_and_the_database_is_asked_afterwards(world: World) -> None:
    world.play()
    assert jobs_made(world) == [StepType.CHECK, StepType.BACKUP, StepType.REPORT]
    assert [type(action) for action in world.happened if isinstance(action, SetImage)] == [StartTarget]
    assert (world.image(), world.ready(), world.run.status.outcome) == (NEW, ("True", Reason.RELEASED), Reason.MIGRATED)
    migrate = step_of(world.run.status, StepType.MIGRATE)
    assert migrate is not ABSENT
    assert (migrate.outcome, migrate.job_name, migrate.exit_code) == (StepOutcome.SUCCEEDED, "", 0)
    assert (migrate.pod_name, migrate.image_id) == ("shop-1", "sha256:new")
    assert world.locks["shop-db/url"].database is DatabaseState.CLEAN
    assert world.release.migrated
    assert [c.type for c in world.flow.status.conditions][:7] == ROW


def test_run_and_release_have_recorded_it_before_it_is_written(world: World) -> None:
    started(world)
    assert world.release.startup is Startup.BEGUN
    assert step_of(world.run.status, StepType.MIGRATE) is not ABSENT
    lock = world.locks["shop-db/url"]
    assert (lock.holder_uid, lock.database) == (world.run.uid, DatabaseState.IN_USE)
    opened(world, "Started")
    assert world.gate("RunSucceeded") == ("False", Reason.STARTING_UP)


def test_nothing_pending_is_promoted_as_ever(world: World) -> None:
    world.fates[StepType.CHECK] = [NOTHING_PENDING]
    world.play()
    assert [type(action) for action in world.happened if isinstance(action, SetImage)] == [SetImage]
    assert (world.image(), world.ready()) == (NEW, ("True", Reason.RELEASED))
    assert world.targets["shop"].migrates_for == ""


def test_the_next_promotion_without_it_takes_it_away(world: World) -> None:
    world.play()
    assert world.targets["shop"].migrates_for == world.run.name
    world.edit(image=NEWER, migration={"tool": "Django"})
    world.play()
    assert (world.image(), world.targets["shop"].migrates_for) == (NEWER, "")
    assert jobs_made(world)[3:] == [StepType.CHECK, StepType.BACKUP, StepType.MIGRATE]


def test_the_way_is_that_of_the_release_and_not_of_an_edit_under_way(world: World) -> None:
    started(world)
    world.edit(migration={"tool": "Django"})
    world.play()
    assert jobs_made(world) == [StepType.CHECK, StepType.BACKUP, StepType.REPORT]
    assert world.ready() == ("True", Reason.RELEASED)


def test_further_targets_follow_once_the_run_has_succeeded(world: World) -> None:
    world.targets["worker"] = builders.target(name="worker", uid="worker-uid")
    world.edit(targets=[{"name": "shop"}, {"name": "worker"}])
    world.play(until=lambda w: w.count(SetImage) == 2)
    assert world.run.status.outcome is Reason.MIGRATED
    world.play()
    moves = [(action.name, type(action)) for action in world.happened if isinstance(action, SetImage)]
    assert moves == [("shop", StartTarget), ("worker", SetImage)]
    assert world.ready() == ("True", Reason.RELEASED)


def test_a_newer_image_ends_what_was_not_written_and_waits_for_what_was(world: World) -> None:
    ready_to_start(world)
    world.edit(image=NEWER)
    world.play()
    assert world.release.image == NEWER
    first = min(world.runs.values(), key=lambda run: run.name)
    assert first.status.outcome is Reason.SUPERSEDED
    assert [action.images for action in world.happened if isinstance(action, StartTarget)] == [(("web", NEWER),)]


def test_a_newer_image_follows_a_migration_that_was_written(world: World) -> None:
    started(world)
    world.edit(image=NEWER)
    world.play()
    assert (world.count(StartTarget), world.image(), world.ready()) == (2, NEWER, ("True", Reason.RELEASED))
    assert {run.status.outcome for run in world.runs.values()} == {Reason.MIGRATED}


def test_an_abort_before_it_is_written_leaves_the_database_clean(world: World) -> None:
    ready_to_start(world)
    world.command(abort="now")
    world.play()
    assert (world.run.status.outcome, world.count(StartTarget)) == (Reason.ABORTED, 0)
    migrate = step_of(world.run.status, StepType.MIGRATE)
    assert migrate is not ABSENT
    assert (migrate.outcome, migrate.given_up) == (None, Reason.ABORTED)
    assert world.locks["shop-db/url"].database is DatabaseState.CLEAN
    assert world.run.status.database_state is None


def test_a_suspended_flow_writes_nothing_and_an_old_backup_starts_nothing(world: World) -> None:
    ready_to_start(world)
    world.edit(suspend=True)
    world.play()
    assert (world.ready(), world.count(StartTarget)) == (("Unknown", Reason.SUSPENDED), 0)
    world.wait(3601)
    world.edit(suspend=False)
    world.play()
    assert (world.ready(), world.count(StartTarget)) == (("False", Reason.BACKUP_EXPIRED), 0)
    assert world.locks["shop-db/url"].database is DatabaseState.CLEAN


def test_a_run_that_is_deleted_before_it_is_written_ends_with_its_release(world: World) -> None:
    ready_to_start(world)
    world.delete_run(world.run.name)
    run = world.run
    world.play()
    assert (run.status.outcome, world.count(StartTarget)) == (Reason.RUN_DELETED, 0)
    assert world.ready() == ("False", Reason.RUN_DELETED)


def test_without_a_client_the_pods_are_believed(world: World) -> None:
    world = World()
    world.targets["shop"] = builders.target(is_alone=True)
    world.add_flow(migration=AT_STARTUP, database={"engine": "Other", "lockKey": "shop"}, backup=builders.NO_BACKUP)
    world.play()
    assert jobs_made(world) == [StepType.CHECK]
    assert (world.ready(), world.run.status.outcome) == (("True", Reason.RELEASED), Reason.MIGRATED)


@pytest.mark.parametrize(
    ("facts", "migration", "words"),
    [
        ({}, {}, "may start two pods at once, and Django does not wait"),
        ({"is_alone": True, "replicas": 0}, {}, "has no pods"),
        ({"is_alone": True}, {"startCommand": ["serve"]}, "has no probe"),
        (
            {"is_alone": True, "with_probe": ("web",), "with_command": ("web",)},
            {"startCommand": ["serve"]},
            "has a command of its own",
        ),
    ],
)
def test_what_is_unsafe_waits_before_anything_is_done(
    facts: dict[str, Any], migration: dict[str, Any], words: str
) -> None:
    world = World()
    world.targets["shop"] = builders.target(**facts)
    world.add_flow(migration=AT_STARTUP | migration, database={"fromEnv": {"url": "DATABASE_URL"}})
    world.play()
    assert (world.ready(), world.gate("RunReady")) == (
        ("Unknown", Reason.STARTUP_UNSAFE),
        ("False", Reason.STARTUP_UNSAFE),
    )
    ready = next(c for c in world.flow.status.conditions if c.type == "Ready")
    assert words in ready.message
    assert not world.runs
    safe: dict[str, Any] = {"is_alone": True, "replicas": 1, "with_probe": ("web",), "with_command": ()}
    world.targets["shop"] = replace(world.targets["shop"], **safe)
    world.play()
    assert world.ready() == ("True", Reason.RELEASED)


def test_where_nothing_makes_a_kind_start_one_pod_at_a_time_a_job_is_what_is_left() -> None:
    world = World()
    world.targets["shop"] = builders.target(kind="DaemonSet")
    world.add_flow(targets=[{"kind": "DaemonSet", "name": "shop"}], migration=AT_STARTUP)
    world.play()
    [ready] = [c for c in world.flow.status.conditions if c.type == "Ready"]
    assert ready.reason is Reason.STARTUP_UNSAFE
    assert "DaemonSet shop may start two pods at once" in ready.message
    assert ready.message.endswith(" that is under way: write migration.runIn: Job into the flow")


def test_a_tool_that_waits_may_start_in_many_pods(world: World) -> None:
    world.targets["shop"] = replace(world.targets["shop"], is_alone=False, replicas=2)
    world.edit(migration={"tool": "Knex", "runIn": "Startup"})
    world.play()
    assert world.ready() == ("True", Reason.RELEASED)


def test_a_target_that_becomes_unsafe_before_it_is_written_is_not_written(world: World) -> None:
    ready_to_start(world)
    world.targets["shop"] = replace(world.targets["shop"], is_alone=False)
    world.play()
    assert (world.ready(), world.count(StartTarget)) == (("Unknown", Reason.STARTUP_UNSAFE), 0)
