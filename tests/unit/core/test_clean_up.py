"""What is cleaned up after a run whose outcome is recorded, and what its lock then remembers of the database."""

from dataclasses import replace
from typing import Any

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.decision import next_effect
from releaseflow.core.facts import ABSENT, AnyJob, PodFacts, PodPhase
from releaseflow.core.run.actions import (
    DeleteJob,
    DeleteLock,
    ReleaseLock,
    RemoveFinalizer,
    RemoveJobFinalizer,
    RemovePodFinalizer,
)
from releaseflow.core.run.cleanup import next_clean_up
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import DatabaseState, RunObserved
from tests.support import builders
from tests.support.builders import JOB_UID, RUN_UID

MIGRATE = StepType.MIGRATE
CREATED = builders.job(suspended=True, start_time=None, has_finalizer=True)
BEING_DELETED = builders.job(suspended=True, start_time=None, has_finalizer=True, deleting=True, edited=True)
RESUMED = builders.job(edited=True)
STOPPED = builders.job(suspended=True, start_time=None, edited=True, has_finalizer=True)
DONE = builders.job(edited=True, complete=True, has_finalizer=True)
RUNNING = builders.pod(MIGRATE, PodPhase.RUNNING, builders.container("migrate", None))
OVER = builders.pod(MIGRATE, PodPhase.RUNNING, builders.container("migrate"), has_finalizer=True)
ENDED = builders.pod(MIGRATE, PodPhase.SUCCEEDED, builders.container("migrate"), has_finalizer=True)


def over(job: AnyJob, *pods: PodFacts, reason: Reason = Reason.SUPERSEDED, **step: Any) -> RunObserved:
    """Return a run that has ended with a recorded migration Job."""
    recorded = StepStatus(**({"name": "migrate", "type": MIGRATE, "job_name": "job", "job_uid": JOB_UID} | step))
    status = MigrationRunStatus(steps=(recorded,), outcome=reason)
    return builders.run(status=status, jobs=((MIGRATE, job),), pods=pods)


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (over(CREATED), DeleteJob),
        (over(CREATED, RUNNING), None),
        (over(BEING_DELETED), ReleaseLock),
        (over(RESUMED), None),
        (over(RESUMED, ENDED), None),
        (over(DONE, OVER), None),
        (over(DONE, RUNNING), None),
        (over(DONE, ENDED), ReleaseLock),
        (over(STOPPED, RUNNING), None),
        (over(STOPPED), DeleteJob),
        (replace(over(DONE, ENDED), lock=ABSENT), RemovePodFinalizer),
        (replace(over(DONE), lock=ABSENT), RemoveJobFinalizer),
        (replace(over(ABSENT), lock=ABSENT), RemoveFinalizer),
        (replace(over(ABSENT), lock=ABSENT, has_finalizer=False), None),
    ],
)
def test_one_object_after_the_other_is_released(seen: RunObserved, kind: type | None) -> None:
    action = next_clean_up(seen)
    assert action is ABSENT if kind is None else isinstance(action, kind)


@pytest.mark.parametrize("step", [StepType.CHECK, StepType.BACKUP])
def test_a_job_that_its_controller_has_yet_to_judge_is_waited_for_and_one_at_work_is_deleted(step: StepType) -> None:
    recorded = StepStatus(name="step", type=step, job_name="job", job_uid=JOB_UID, outcome=StepOutcome.FAILED)
    status = MigrationRunStatus(steps=(recorded,), outcome=Reason.BACKUP_FAILED)
    seen = builders.run(status=status, jobs=((step, builders.job()),))
    ended = builders.pod(step, PodPhase.RUNNING, builders.container("it", 1))
    at_work = builders.pod(step, PodPhase.RUNNING, builders.container("it", None))
    assert next_clean_up(replace(seen, pods=(ended,))) is ABSENT
    assert isinstance(next_clean_up(replace(seen, pods=(at_work,))), DeleteJob)


def test_a_job_of_an_earlier_attempt_that_was_suspended_is_deleted_since_nothing_else_ends_it() -> None:
    past = builders.job(name="job-of-attempt-1", suspended=True)
    recorded = StepStatus(name="backup", type=StepType.BACKUP, job_name="job", job_uid=JOB_UID, attempt=2)
    over = builders.run(status=MigrationRunStatus(steps=(recorded,), outcome=Reason.BACKUP_FAILED), past_jobs=(past,))
    assert next_clean_up(over) == DeleteJob("job-of-attempt-1", past.uid, past.resource_version)
    for other in (replace(past, run_uid="another"), replace(past, failed=True), replace(past, deleting=True)):
        assert not isinstance(next_clean_up(replace(over, past_jobs=(other,))), DeleteJob)


def released_as(seen: RunObserved) -> DatabaseState:
    """Return what the lock is told of the database."""
    action = next_clean_up(seen)
    assert isinstance(action, ReleaseLock)
    return action.database


CLEAN, UNKNOWN = DatabaseState.CLEAN, DatabaseState.UNKNOWN


@pytest.mark.parametrize(
    ("seen", "database"),
    [
        (over(BEING_DELETED), CLEAN),
        (over(DONE), UNKNOWN),
        (over(ABSENT), UNKNOWN),
        (over(ABSENT, job_uid=""), CLEAN),
        (over(ABSENT, ENDED, job_uid=""), UNKNOWN),
        (over(builders.job(run_uid="theirs"), job_uid=""), CLEAN),
        (over(ABSENT, reason=Reason.MIGRATED, outcome=StepOutcome.SUCCEEDED), CLEAN),
        (over(ABSENT, reason=Reason.NOT_STARTED, outcome=StepOutcome.FAILED), CLEAN),
        (over(ABSENT, reason=Reason.NO_EFFECT, outcome=StepOutcome.SUCCEEDED), UNKNOWN),
        (
            builders.run(status=MigrationRunStatus(outcome=Reason.BACKUP_FAILED), lock=builders.lock(identity="id")),
            CLEAN,
        ),
    ],
)
def test_what_the_lock_remembers_of_the_database(seen: RunObserved, database: DatabaseState) -> None:
    assert released_as(seen) is database


STEPS = {step: StepStatus(name=step.lower(), type=step, job_name="job") for step in StepType}
LEARNED_NOTHING = builders.run(status=MigrationRunStatus(outcome=Reason.CONFIG_MISSING, steps=(STEPS[StepType.CHECK],)))


def with_status(**facts: Any) -> RunObserved:
    """Return a run that learned nothing, with these facts in its status."""
    return replace(LEARNED_NOTHING, status=LEARNED_NOTHING.status.model_copy(update=facts))


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (LEARNED_NOTHING, DeleteLock),
        (with_status(outcome=Reason.CONNECTION_FAILED, steps=(STEPS[StepType.BACKUP],)), DeleteLock),
        (with_status(outcome=Reason.NOTHING_PENDING), ReleaseLock),
        (with_status(database_identity=builders.IDENTITY), ReleaseLock),
        (with_status(steps=(STEPS[MIGRATE],)), ReleaseLock),
        (replace(LEARNED_NOTHING, pods=(ENDED,)), ReleaseLock),
        (replace(LEARNED_NOTHING, jobs=((MIGRATE, DONE),)), ReleaseLock),
        (replace(LEARNED_NOTHING, lock=builders.lock(identity=builders.IDENTITY)), ReleaseLock),
        (replace(LEARNED_NOTHING, lock=builders.lock(had_tables=True)), ReleaseLock),
        (replace(LEARNED_NOTHING, lock=builders.lock(holder_uid="other")), RemoveFinalizer),
    ],
)
def test_a_lock_by_which_nothing_is_known_goes(seen: RunObserved, kind: type) -> None:
    action = next_clean_up(seen)
    assert isinstance(action, kind)
    assert not isinstance(action, DeleteLock) or action == DeleteLock("lock", "lock-uid", "1")


def test_the_lock_is_released_and_jobs_are_deleted_on_live_reads_alone() -> None:
    for seen in (over(DONE, ENDED), over(CREATED), over(STOPPED), LEARNED_NOTHING):
        assert next_effect(decide(seen), seen.status).requires_live_read
    free = replace(over(DONE, ENDED), lock=ABSENT)
    assert not next_effect(decide(free), free.status).requires_live_read


def test_the_lock_of_another_run_is_left_alone() -> None:
    seen = replace(over(DONE, ENDED), lock=builders.lock(holder_uid="other"))
    assert isinstance(next_clean_up(seen), RemovePodFinalizer)
    assert seen.uid == RUN_UID


def test_a_pod_that_loses_our_finalizer_is_named_as_it_was_seen() -> None:
    assert next_clean_up(replace(over(DONE, ENDED), lock=ABSENT)) == RemovePodFinalizer("pod", "pod-uid", "1")
