"""Backups that grow too old before the migration can start: each is taken again, and not for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.run.actions import CreateJob, StartMigration
from releaseflow.core.run.age import is_too_old
from releaseflow.core.run.facts import DatabaseState, FlowForRun
from releaseflow.core.run.record import step_of
from releaseflow.core.timestamps import moment
from tests.support import builders
from tests.support.builders import NEW
from tests.support.pod_outcomes import BACKED_UP, backed_up, backup_failed
from tests.unit.core.world import World

HOUR = 3600
SECOND_PLACE, SECOND_SHA = "team/shop/2.dump", "6b" * 32
SECOND = backed_up(builders.backup_says(path=SECOND_PLACE, sha256=SECOND_SHA))


@pytest.fixture
def world() -> World:
    """A world in which the flow is suspended just before its migration would start."""
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow()
    hold(world)
    return world


def hold(world: World, number: int = 1) -> None:
    """Let the backup of this number be proven, and suspend the flow before the migration starts."""
    world.play(until=lambda w: proven(w) == number)
    world.edit(suspend=True)
    world.play()


def proven(world: World) -> int:
    """How many backups of the only run were proven."""
    found = [step_of(run.status, StepType.BACKUP) for run in world.runs.values()]
    return sum(s.expired + (s.outcome is not None) for s in found if isinstance(s, StepStatus))


def step(world: World) -> StepStatus:
    found = step_of(world.run.status, StepType.BACKUP)
    assert isinstance(found, StepStatus)
    return found


def backups(world: World) -> list[CreateJob]:
    return [a for a in world.happened if isinstance(a, CreateJob) and a.step is StepType.BACKUP]


def resume_after(world: World, seconds: float) -> World:
    world.wait(seconds)
    world.edit(suspend=False)
    return world


def test_a_backup_that_is_fresh_enough_is_not_taken_again(world: World) -> None:
    resume_after(world, HOUR - 60).play()
    assert (len(backups(world)), world.ready()) == (1, ("True", Reason.RELEASED))
    assert world.run.status.expired_backups == ()


def test_an_old_one_is_taken_again_before_the_migration_starts(world: World) -> None:
    world.fates[StepType.BACKUP] = [SECOND]
    assert world.count(StartMigration) == 0
    resume_after(world, HOUR + 1).play()
    assert [backup.attempt for backup in backups(world)] == [1, 2]
    assert (world.ready(), world.image()) == (("True", Reason.RELEASED), NEW)
    status = world.run.status
    assert (step(world).attempt, step(world).expired) == (2, 1)
    assert status.backup is not None
    assert (status.backup.location, status.backup.sha256) == (f"pvc://shop-backups/{SECOND_PLACE}", SECOND_SHA)
    assert [(old.location, old.sha256) for old in status.expired_backups] == [
        ("pvc://shop-backups/team/shop/1.dump", "5a" * 32)
    ]
    made = [type(action) for action in world.happened if isinstance(action, StartMigration) or action in backups(world)]
    assert made == [CreateJob, CreateJob, StartMigration]


def test_the_status_says_why_it_is_taken_again(world: World) -> None:
    resume_after(world, HOUR + 1)
    world.play(until=lambda w: step(w).attempt == 2)
    found = next(c for c in world.run.status.conditions if c.type == "BackedUp")
    assert (found.status.value, found.reason) == ("False", Reason.BACKING_UP)
    assert found.message == "The backup is older than backup.maximumAgeSeconds, 3600 s: it is taken again"


def test_while_the_flow_is_suspended_nothing_is_taken_again(world: World) -> None:
    world.wait(100 * HOUR)
    world.play()
    assert (len(backups(world)), step(world).attempt) == (1, 1)
    assert world.ready()[1] is Reason.SUSPENDED


def test_a_flow_may_ask_for_a_fresher_one(world: World) -> None:
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow(backup={"persistentVolumeClaim": {"claimName": "shop-backups"}, "maximumAgeSeconds": 60})
    hold(world)
    resume_after(world, 61).play()
    assert len(backups(world)) == 2


def test_a_run_gives_up_after_four_backups_that_grew_too_old(world: World) -> None:
    for number in range(1, 5):
        assert len(backups(world)) == number
        resume_after(world, HOUR + 1)
        if number < 4:
            hold(world, number + 1)
    world.play()
    assert world.run.status.outcome is Reason.BACKUP_EXPIRED
    assert world.count(StartMigration) == 0
    assert world.run.status.failure is not None
    assert world.run.status.failure.hint.startswith(
        "the backup was older than 3600 s before the migration could start, 4 times. See what holds the migration back"
    )
    assert len(world.run.status.expired_backups) == 3
    assert world.locks["shop-db/url"].database is DatabaseState.CLEAN


def test_what_failed_and_what_expired_are_counted_apart(world: World) -> None:
    world.fates[StepType.BACKUP] = [backup_failed("BackupFailed"), backup_failed("BackupFailed"), BACKED_UP]
    resume_after(world, HOUR + 1)
    for _ in range(3):
        world.play()
        world.wait(20)
    world.play()
    assert (step(world).attempt, step(world).expired) == (4, 1)
    assert world.ready() == ("True", Reason.RELEASED)


def test_a_point_in_time_grows_old_as_a_dump_does() -> None:
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow(backup=builders.POINT_IN_TIME)
    hold(world)
    resume_after(world, HOUR + 1).play()
    assert len(backups(world)) == 2
    assert (world.run.status.expired_backups, world.ready()) == ((), ("True", Reason.RELEASED))


def test_no_backup_grows_old_where_none_is_taken(world: World) -> None:
    seen = next(seen for seen in world.seen_runs if seen.status.backup is not None)
    assert not is_too_old(replace(seen, status=seen.status.model_copy(update={"backup": None})))


def test_it_is_too_old_one_second_after_its_time_whatever_became_of_an_approval(world: World) -> None:
    seen = next(seen for seen in world.seen_runs if seen.status.backup is not None)
    assert seen.status.backup is not None
    assert seen.status.backup.completion_time is not None
    at = moment(seen.status.backup.completion_time)
    seen = replace(seen, flow=FlowForRun(NEW, 1))
    assert not is_too_old(replace(seen, now=at + timedelta(seconds=HOUR)))
    old = replace(seen, now=at + timedelta(seconds=HOUR + 1))
    assert is_too_old(old)
    assert is_too_old(replace(old, spec=builders.run_spec(approvalRequired=True)))
