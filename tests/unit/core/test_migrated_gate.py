"""The gate Migrated, asked by itself: one sentence for each thing that keeps it closed, or opens it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepType
from releaseflow.core.decision import Stopped
from releaseflow.core.facts import PendingCause, PodPhase
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.migration import has_started, migration_is_done
from releaseflow.core.timestamps import timestamp
from tests.support import builders
from tests.support.builders import NOW
from tests.unit.core.messages import assert_known
from tests.unit.core.records import job, under_way, with_steps

BACKUP, MIGRATE = StepType.BACKUP, StepType.MIGRATE
ENDED = builders.pod(MIGRATE, PodPhase.FAILED, builders.container("migrate", 1))
GOOD = builders.pod(
    MIGRATE,
    PodPhase.SUCCEEDED,
    builders.container("migrate"),
    builders.container("report", message=builders.schema_says()),
)
LATER = builders.container("report", None, started=False)
AT_WORK = builders.pod(MIGRATE, PodPhase.RUNNING, builders.container("migrate", None), LATER)
WAITS = builders.pod(MIGRATE, PodPhase.PENDING, builders.container("migrate", None, started=False), LATER)
FAILED = builders.pod(MIGRATE, PodPhase.FAILED, builders.container("migrate", 1), LATER)
CUT_OFF = builders.pod(MIGRATE, PodPhase.RUNNING, builders.container("migrate"), LATER)
RECORDED = under_way(MIGRATE, job_uid=builders.JOB_UID)


def backed_up(**facts: Any) -> RunObserved:
    """Return a run whose backup has told which database it is."""
    known = MigrationRunStatus(steps=(RECORDED,), database_identity=builders.IDENTITY)
    return builders.run(status=known, **facts)


MIGRATED: dict[str, tuple[RunObserved, Reason]] = {
    "the intent is recorded first": (builders.run(), Reason.MIGRATING),
    "the Job is made": (with_steps(under_way(MIGRATE)), Reason.MIGRATING),
    "a Job that has a pod before its UID was recorded is recorded": (
        with_steps(under_way(MIGRATE), jobs=job(MIGRATE, edited=True), pods=(builders.pod(MIGRATE, PodPhase.RUNNING),)),
        Reason.MIGRATING,
    ),
    "a pod whose Job is gone before its UID was recorded is unknown": (
        with_steps(under_way(MIGRATE), pods=(builders.pod(MIGRATE, PodPhase.RUNNING),)),
        Reason.OUTCOME_UNKNOWN,
    ),
    "a recorded Job that is absent is unknown": (with_steps(RECORDED), Reason.OUTCOME_UNKNOWN),
    "a recorded Job that carries another attempt is unknown": (
        with_steps(RECORDED, jobs=job(MIGRATE, attempt=2)),
        Reason.OUTCOME_UNKNOWN,
    ),
    "a Job without a pod that says failed counts as interrupted": (
        with_steps(RECORDED, jobs=job(MIGRATE, failed=True)),
        Reason.INTERRUPTED,
    ),
    "a failed Job whose pod never started did not begin": (
        with_steps(RECORDED, jobs=job(MIGRATE, failed=True), pods=(builders.pod(MIGRATE, PodPhase.FAILED),)),
        Reason.NOT_STARTED,
    ),
    "a pod on a lost node may have begun": (
        with_steps(
            RECORDED,
            jobs=job(MIGRATE, failed=True),
            pods=(
                builders.pod(
                    MIGRATE, PodPhase.FAILED, builders.container("migrate", None, started=False), node_lost=True
                ),
            ),
        ),
        Reason.INTERRUPTED,
    ),
    "a failed Job with a living pod is waited for": (
        with_steps(RECORDED, jobs=job(MIGRATE, failed=True), pods=(builders.pod(MIGRATE, PodPhase.PENDING),)),
        Reason.MIGRATING,
    ),
    "an exit code is told": (
        with_steps(RECORDED, jobs=job(MIGRATE, failed=True), pods=(ENDED,)),
        Reason.MIGRATION_FAILED,
    ),
    "two pods prove nothing": (
        with_steps(RECORDED, jobs=job(MIGRATE, complete=True), pods=(GOOD, GOOD)),
        Reason.OUTCOME_UNVERIFIED,
    ),
    "a migration has ended when its containers have": (
        backed_up(jobs=job(MIGRATE, edited=True), pods=(replace(GOOD, phase=PodPhase.RUNNING),)),
        Reason.MIGRATED,
    ),
    "a Job that ran out of time after its containers ended well has migrated": (
        backed_up(
            jobs=job(MIGRATE, failed=True, failed_reason="DeadlineExceeded"),
            pods=(replace(GOOD, phase=PodPhase.FAILED, deleting=True, disrupted=True),),
        ),
        Reason.MIGRATED,
    ),
    "a Job that was deleted after its containers ended well has migrated": (
        backed_up(jobs=job(MIGRATE, edited=True, deleting=True), pods=(GOOD,)),
        Reason.MIGRATED,
    ),
    "a Job that was suspended by somebody is unknown, even if its containers ended well": (
        backed_up(jobs=job(MIGRATE, edited=True, suspended=True), pods=(GOOD,)),
        Reason.OUTCOME_UNKNOWN,
    ),
    "a Job that is being deleted while its containers run is unknown": (
        with_steps(RECORDED, jobs=job(MIGRATE, edited=True, deleting=True), pods=(AT_WORK,)),
        Reason.OUTCOME_UNKNOWN,
    ),
    "a Job that says Complete ends nothing while its containers run": (
        with_steps(RECORDED, jobs=job(MIGRATE, edited=True, complete=True), pods=(AT_WORK,)),
        Reason.MIGRATING,
    ),
    "a Job that says Failed ends nothing while its containers run": (
        with_steps(RECORDED, jobs=job(MIGRATE, edited=True, failed=True), pods=(AT_WORK,)),
        Reason.MIGRATING,
    ),
    "a Job that says Complete beside a pod that has not started is waited for": (
        with_steps(RECORDED, jobs=job(MIGRATE, edited=True, complete=True), pods=(WAITS,)),
        Reason.MIGRATING,
    ),
    "the report of a migration is waited for": (
        with_steps(
            RECORDED,
            jobs=job(MIGRATE, edited=True),
            pods=(builders.pod(MIGRATE, PodPhase.RUNNING, GOOD.containers[0], AT_WORK.containers[1]),),
        ),
        Reason.MIGRATING,
    ),
    "a migration that failed is not waited for any longer": (
        with_steps(RECORDED, jobs=job(MIGRATE, edited=True), pods=(replace(FAILED, phase=PodPhase.RUNNING),)),
        Reason.MIGRATION_FAILED,
    ),
    "a pod that was evicted between its containers proves nothing": (
        with_steps(
            RECORDED,
            jobs=job(MIGRATE, edited=True),
            pods=(replace(CUT_OFF, phase=PodPhase.FAILED, disrupted=True),),
        ),
        Reason.OUTCOME_UNVERIFIED,
    ),
    "a pod that was evicted before a container ran waits for its Job": (
        with_steps(RECORDED, jobs=job(MIGRATE, edited=True), pods=(replace(WAITS, phase=PodPhase.FAILED),)),
        Reason.MIGRATING,
    ),
    "a pod that succeeded without a container that ran proves nothing": (
        with_steps(RECORDED, jobs=job(MIGRATE, failed=True), pods=(replace(WAITS, phase=PodPhase.SUCCEEDED),)),
        Reason.INTERRUPTED,
    ),
    "a given up Job that is suspended waits for its pod": (
        with_steps(
            under_way(MIGRATE, job_uid=builders.JOB_UID, given_up=Reason.QUOTA_EXCEEDED),
            jobs=job(MIGRATE, suspended=True, edited=True),
            pods=(builders.pod(MIGRATE, PodPhase.PENDING),),
        ),
        Reason.STOPPING,
    ),
    "a pod that vanished unread when its Job was given up may have begun": (
        with_steps(
            under_way(MIGRATE, job_uid=builders.JOB_UID, given_up=Reason.QUOTA_EXCEEDED, pod_name="pod"),
            jobs=job(MIGRATE, suspended=True, edited=True),
        ),
        Reason.INTERRUPTED,
    ),
    "a resumed Job that its controller has not looked at has its whole time": (
        with_steps(RECORDED, jobs=job(MIGRATE, edited=True, start_time=None, created=NOW - timedelta(hours=9))),
        Reason.MIGRATING,
    ),
    "an outcome that stands without the run's is not trusted": (
        with_steps(under_way(MIGRATE, job_uid=builders.JOB_UID, outcome=StepOutcome.SUCCEEDED)),
        Reason.OUTCOME_UNKNOWN,
    ),
}


@pytest.mark.parametrize("says", MIGRATED)
def test_migrated(says: str) -> None:
    seen, reason = MIGRATED[says]
    assert_known(decide(seen))
    turn = migration_is_done(seen)
    assert turn.verdict.reason is reason
    if isinstance(turn.verdict, Stopped):
        assert turn.status.steps[-1].outcome is StepOutcome.FAILED
        assert turn.status.steps[-1].completion_time == timestamp(NOW)


def test_a_pod_alone_shows_that_a_migration_may_have_begun() -> None:
    assert has_started(builders.run(pods=(builders.pod(MIGRATE, PodPhase.RUNNING),)))
    assert not has_started(builders.run(pods=(builders.pod(BACKUP, PodPhase.RUNNING),)))


def test_the_pod_that_does_not_start_is_recorded() -> None:
    pending = job(MIGRATE, edited=True, pending_cause=PendingCause(Reason.IMAGE_PULL_FAILED, "back-off"))
    turn = migration_is_done(with_steps(RECORDED, jobs=pending, pods=(builders.pod(MIGRATE, PodPhase.PENDING),)))
    assert turn.verdict.reason is Reason.IMAGE_PULL_FAILED
    assert turn.status.steps[-1].pod_name == "pod"


@pytest.mark.parametrize(("allowed", "reason"), [(5, Reason.STOPPING), (86_400, Reason.IMAGE_PULL_FAILED)])
def test_the_pod_of_a_migration_may_take_as_long_to_start_as_a_run_says(allowed: int, reason: Reason) -> None:
    pending = job(MIGRATE, edited=True, pending_cause=PendingCause(Reason.IMAGE_PULL_FAILED, "back-off"))
    seen = with_steps(RECORDED, jobs=pending, spec=builders.run_spec(jobs={"startDeadlineSeconds": allowed}))
    later = replace(seen, now=seen.now + timedelta(seconds=400))
    assert migration_is_done(later).verdict.reason is reason


def test_a_wait_for_a_pod_that_does_not_start_says_what_to_do_and_until_when() -> None:
    pending = job(MIGRATE, edited=True, pending_cause=PendingCause(Reason.CONFIG_MISSING, "couldn't find key uri."))
    seen = with_steps(RECORDED, jobs=pending, pods=(builders.pod(MIGRATE, PodPhase.PENDING),))
    deadline = timestamp(NOW + timedelta(seconds=seen.spec.jobs.start_deadline_seconds))
    later = replace(seen, now=seen.now + timedelta(seconds=7))

    told, told_later = migration_is_done(seen).verdict, migration_is_done(later).verdict

    assert told.message == (
        "couldn't find key uri. Create the missing Secret, ConfigMap or key, or correct spec.database. "
        f"Until {deadline} it starts by itself once the cause is gone"
    )
    assert told_later.message == told.message, "it is not written anew as time goes by"
