"""A run that waits for a person gives its lock back; approved, it takes the lock again and asks its check again."""

import pytest

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.migration import Migration
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import condition
from releaseflow.core.facts import ABSENT, PodPhase
from releaseflow.core.run.actions import CreateJob, CreateJobAnew, DeleteLock, ReleaseLock, StartMigration, TakeLock
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import DatabaseState
from releaseflow.core.run.lock import is_queued
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import NOTHING_PENDING, checked, migration_failed
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
KEY = "shop-db/url"


@pytest.fixture
def waiting(world: World) -> World:
    """A run that waits for a person, and a flow beside it that wants nothing yet."""
    world.edit(approvals=["BeforeMigration"])
    return world.play()


def approve(world: World) -> None:
    world.command(approve=world.release.run)


def step(world: World, kind: StepType) -> tuple[int, int]:
    """Return the attempt of a step, and how many were made before the run waited for a person."""
    [found] = [step for step in world.run.status.steps if step.type is kind]
    return found.attempt, found.asked_before


def said(world: World, gate: str) -> tuple[ConditionStatus, Reason]:
    found = condition(world.run.status.conditions, gate)
    assert found is not None
    return found.status, found.reason


def test_a_run_that_waits_for_a_person_has_asked_its_check_and_holds_nothing(waiting: World) -> None:
    assert waiting.ready() == ("Unknown", Reason.AWAITING_APPROVAL)
    assert [step.type for step in waiting.run.status.steps] == [CHECK]
    assert (waiting.count(DeleteLock), len(waiting.locks)) == (1, 0), "nothing is known of the database yet"
    assert not is_queued(waiting.run.spec, waiting.run.status)
    assert said(waiting, "Locked") == (ConditionStatus.FALSE, Reason.AWAITING_APPROVAL)
    assert said(waiting, "Checked") == (ConditionStatus.TRUE, Reason.MIGRATION_PENDING)
    assert said(waiting, "Approved") == (ConditionStatus.FALSE, Reason.AWAITING_APPROVAL)
    assert said(waiting, "BackedUp") == (ConditionStatus.UNKNOWN, Reason.NOT_REACHED)


def test_a_lock_that_remembers_something_keeps_it_while_a_run_waits(released: World) -> None:
    released.locks[KEY] = builders.lock(holder_uid="", holder_name="", had_tables=True, identity="here")
    released.edit(image=NEW, approvals=["BeforeMigration"])
    released.play()
    lock = released.locks[KEY]
    assert released.count(ReleaseLock) == 1
    assert (lock.holder_uid, lock.database, lock.had_tables, lock.identity) == ("", DatabaseState.CLEAN, True, "here")


def test_an_approved_run_takes_the_lock_again_and_asks_its_check_again(waiting: World) -> None:
    approve(waiting)
    waiting.play()
    assert waiting.image() == NEW
    assert (waiting.count(TakeLock), waiting.count(CreateJobAnew)) == (2, 1)
    assert step(waiting, CHECK) == (2, 1)
    assert step(waiting, BACKUP) == (1, 0)
    order = [type(action) for action in waiting.happened if isinstance(action, TakeLock | CreateJob | StartMigration)]
    assert order == [TakeLock, CreateJob, TakeLock, CreateJobAnew, CreateJob, CreateJob, StartMigration]


def test_an_approval_that_is_there_already_is_not_waited_for(world: World) -> None:
    world.edit(approvals=["BeforeMigration"])
    world.play(until=lambda w: w.count(CreateJob) == 1)
    approve(world)
    world.play()
    assert world.image() == NEW
    assert (world.count(TakeLock), world.count(CreateJobAnew)) == (1, 0)
    assert (world.run.status.approval_request_time, world.run.status.approval_time is None) == (None, False)


def test_without_a_check_the_lock_alone_is_taken_again(world: World) -> None:
    world.edit(approvals=["BeforeMigration"], migration=Migration(command=("migrate",)))
    world.play()
    approve(world)
    world.play()
    assert (world.image(), world.count(TakeLock), world.count(CreateJobAnew)) == (NEW, 2, 0)


def test_where_nothing_is_pending_after_the_approval_the_run_ends_successfully(waiting: World) -> None:
    waiting.fates[CHECK] = [NOTHING_PENDING]
    approve(waiting)
    waiting.play()
    assert (waiting.image(), waiting.run.status.outcome) == (NEW, Reason.NOTHING_PENDING)
    assert waiting.count(StartMigration) == 0


def test_an_approval_is_an_act_and_what_becomes_of_the_annotation_does_not_matter(waiting: World) -> None:
    approve(waiting)
    waiting.play(until=lambda w: w.count(TakeLock) == 2)
    waiting.command(approve="something else")
    waiting.play()
    assert waiting.image() == NEW


def test_an_approval_that_comes_before_the_lock_is_given_back_waits_for_that(world: World) -> None:
    world.edit(approvals=["BeforeMigration"])
    world.play(until=lambda w: bool(w.runs) and w.run.status.approval_request_time is not None)
    approve(world)
    world.play()
    assert (world.image(), world.count(DeleteLock), world.count(TakeLock)) == (NEW, 1, 2)


def test_while_one_flow_waits_for_a_person_the_other_releases(waiting: World) -> None:
    waiting.targets["wiki"] = builders.target(name="wiki", uid="wiki-uid")
    waiting.add_flow("wiki", targets=[{"name": "wiki"}])
    waiting.wait(86_400)
    waiting.play()
    assert (waiting.image("wiki"), waiting.image("shop")) == (NEW, OLD)
    approve(waiting)
    waiting.play()
    assert (waiting.image("shop"), step(waiting, CHECK)) == (NEW, (2, 1))


def test_a_database_that_another_run_left_unknown_meanwhile_stops_the_approved_run(waiting: World) -> None:
    waiting.targets["wiki"] = builders.target(name="wiki", uid="wiki-uid")
    waiting.add_flow("wiki", targets=[{"name": "wiki"}])
    waiting.fates[MIGRATE] = [migration_failed()]
    waiting.play()
    approve(waiting)
    waiting.play()
    assert waiting.run.status.outcome is Reason.DATABASE_UNKNOWN
    assert waiting.count(StartMigration) == 1


@pytest.mark.parametrize("how", ["aborted", "superseded", "deleted"])
def test_a_run_that_waits_for_a_person_can_be_ended(waiting: World, how: str) -> None:
    run = waiting.run
    if how == "aborted":
        waiting.command(abort="1")
    elif how == "superseded":
        waiting.edit(image=NEWER)
    else:
        waiting.delete_run(run.name)
    waiting.play(until=lambda w: w.runs.get(run.name) is None or w.runs[run.name].status.outcome is not None)
    waiting.play()
    assert waiting.image() == OLD
    assert waiting.count(StartMigration) == 0
    assert not any(lock.holder_uid == run.uid for lock in waiting.locks.values())


def test_a_suspended_run_that_is_approved_takes_no_lock_until_it_goes_on(waiting: World) -> None:
    waiting.edit(suspend=True)
    approve(waiting)
    waiting.play()
    assert (len(waiting.locks), waiting.ready()[1]) == (0, Reason.SUSPENDED)
    waiting.edit(suspend=False)
    waiting.play()
    assert waiting.image() == NEW


def test_the_check_that_is_asked_again_has_all_its_tries(waiting: World) -> None:
    waiting.fates[CHECK] = [checked(127), checked(127), checked(1)]
    approve(waiting)
    waiting.play()
    for _ in range(2):
        waiting.wait(60)
        waiting.play()
    assert (waiting.image(), step(waiting, CHECK)) == (NEW, (4, 1))


def test_the_approval_is_recorded_and_the_check_asked_again_on_live_reads_alone(waiting: World) -> None:
    """Another operator may have taken the lock, or given it back, since this one's cache was written."""
    assert CreateJobAnew.requires_live_read
    approve(waiting)
    waiting.play(until=lambda w: bool(w.run.status.approval_time))
    [decided] = [d for d in map(decide, waiting.seen_runs) if d.status.approval_time and d.requires_live_read]
    assert decided.action is ABSENT


def test_a_lock_is_not_given_back_while_a_pod_of_the_run_is_alive(world: World) -> None:
    world.edit(approvals=["BeforeMigration"])
    world.play(until=lambda w: bool(w.runs) and w.run.status.approval_request_time is not None)
    late = builders.pod(BACKUP, PodPhase.RUNNING, name="late", job_uid="late")
    world.add_pod(world.run.uid, late)
    while world.reconcile_once():
        pass
    assert world.locks[KEY].holder_uid == world.run.uid


def test_a_run_made_by_hand_waits_for_an_approval_of_its_own() -> None:
    world = World()
    world.targets["shop"] = builders.target()
    spec = builders.run_spec(approvalRequired=True).model_copy(update={"flow_ref": None})
    world.add_run("by-hand", spec)
    world.play()
    assert condition_of(world, "Ready") == (ConditionStatus.UNKNOWN, Reason.AWAITING_APPROVAL)
    world.approve_run("by-hand", "by-hand")
    world.play()
    assert world.runs["by-hand"].status.outcome is Reason.MIGRATED


def condition_of(world: World, kind: str) -> tuple[ConditionStatus, Reason]:
    """Return status and reason of a condition of the run that was made by hand."""
    found = condition(world.runs["by-hand"].status.conditions, kind)
    assert found is not None
    return found.status, found.reason
