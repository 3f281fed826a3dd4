"""What holds for runs whatever is observed."""

from dataclasses import replace

from hypothesis import given

from releaseflow.api.v1alpha1.backup_status import NOT_TAKEN
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.containers import ContainerName
from releaseflow.core.decision import Decision, WriteStatus, next_effect
from releaseflow.core.facts import ABSENT, JobFacts
from releaseflow.core.run.actions import (
    AddFinalizer,
    CreateJob,
    CreateReportJob,
    DeleteJob,
    DeleteLock,
    ReleaseLock,
    RemoveFinalizer,
    RemoveJobFinalizer,
    RemovePodFinalizer,
    RunAction,
    StartMigration,
    SuspendJob,
    TakeLock,
    TakeOverLock,
)
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import FlowForRun, LockFacts, RunObserved
from releaseflow.core.run.left_behind import is_to_be_asked
from releaseflow.core.run.record import is_lock_given_back, step_of
from tests.support.builders import NO_BACKUP
from tests.unit.core import recorded_states
from tests.unit.core.status_assertions import (
    before_a_deadline,
)
from tests.unit.core.strategies import MANY, observed_runs

RunDecision = Decision[MigrationRunStatus, RunAction]
ACTIONS = [
    CreateJob,
    CreateReportJob,
    DeleteJob,
    DeleteLock,
    AddFinalizer,
    RemoveJobFinalizer,
    ReleaseLock,
    RemovePodFinalizer,
    RemoveFinalizer,
    StartMigration,
    SuspendJob,
    TakeLock,
]


def settled(seen: RunObserved) -> tuple[RunObserved, RunDecision]:
    """Write status after status until there is something to do, or nothing more to say."""
    for _ in range(12):
        decided = decide(seen)
        if not isinstance(next_effect(decided, seen.status), WriteStatus):
            return seen, decided
        seen = replace(seen, status=decided.status)
    raise AssertionError("the status never rests")


def job_of_migration(seen: RunObserved) -> JobFacts:
    job = seen.job(StepType.MIGRATE)
    assert isinstance(job, JobFacts)
    return job


def record(seen: RunObserved, name: StepType) -> StepStatus:
    step = step_of(seen.status, name)
    assert isinstance(step, StepStatus)
    return step


def lock_is_ours(seen: RunObserved) -> bool:
    return isinstance(seen.lock, LockFacts) and seen.lock.holder_uid == seen.uid


def is_wanted(seen: RunObserved) -> bool:
    ref, flow = seen.spec.flow_ref, seen.flow
    if ref is None:
        return not seen.deleting
    if not isinstance(flow, FlowForRun) or seen.deleting or flow.deleting or flow.aborted or flow.suspended:
        return False
    return flow.image == seen.spec.image and flow.sequence <= ref.sequence


def test_the_stories_lead_to_every_action() -> None:
    assert {type(settled(seen)[1].action) for seen in recorded_states.runs()} >= set(ACTIONS)


"""A time that no generated status has recorded already, as a clock that was put back may have."""


@MANY
@given(observed_runs())
def test_it_always_decides_and_always_the_same(seen: RunObserved) -> None:
    assert decide(seen) == decide(seen)


@MANY
@given(observed_runs(StartMigration))
def test_a_migration_is_started_only_with_everything_behind_it(seen: RunObserved) -> None:
    seen, decided = settled(seen)
    if not isinstance(decided.action, StartMigration):
        return
    job, step = job_of_migration(seen), record(seen, StepType.MIGRATE)
    assert step.job_uid == job.uid == decided.action.uid
    assert job.suspended
    assert not job.edited
    assert not job.deleting
    assert not job.complete
    assert job.run_uid == seen.uid
    assert job.template_hash == step.template_hash
    assert step.outcome is None
    assert step.given_up is None
    assert lock_is_ours(seen)
    assert seen.status.backup is not None
    assert seen.status.backup.proof or seen.spec.backup == NO_BACKUP
    assert is_wanted(seen)
    assert isinstance(seen.flow, FlowForRun) or not seen.spec.approval_required or seen.spec.flow_ref is None
    assert not seen.spec.approval_required or seen.status.approval_time is not None
    assert not seen.pods_of(StepType.MIGRATE)
    assert decided.action.requires_live_read
    assert not decided.action.before_status


@MANY
@given(observed_runs(CreateJob))
def test_a_job_is_created_only_for_a_recorded_attempt_without_an_outcome(seen: RunObserved) -> None:
    seen, decided = settled(seen)
    if not isinstance(decided.action, CreateJob):
        return
    step = record(seen, decided.action.step)
    assert (step.job_name, step.attempt, step.template_hash) == (
        decided.action.name,
        decided.action.attempt,
        decided.action.template_hash,
    )
    assert step.outcome is None
    assert seen.job(step.type) is ABSENT
    assert lock_is_ours(seen)
    assert is_wanted(seen) or step.type is StepType.REPORT
    assert not decided.action.before_status
    if step.type is StepType.REPORT:
        assert decided.action.requires_live_read
        assert not any(pod.alive for pod in seen.pods)
        assert seen.status.outcome is not None
    if step.type is StepType.MIGRATE:
        assert not step.job_uid
        assert not seen.pods_of(StepType.MIGRATE)
        assert seen.status.backup is not None
    assert step.type is not StepType.BACKUP or seen.spec.backup != NO_BACKUP


@MANY
@given(observed_runs(SuspendJob | DeleteJob))
def test_a_started_migration_is_never_suspended_or_deleted(seen: RunObserved) -> None:
    seen, decided = settled(seen)
    job = seen.job(StepType.MIGRATE)
    if not isinstance(decided.action, SuspendJob | DeleteJob):
        return
    if job is ABSENT or decided.action.name != job.name:
        return
    pods = [pod for pod in seen.pods_of(StepType.MIGRATE) if pod.job_uid == decided.action.uid]
    assert not any(pod.started and pod.alive for pod in pods)
    if isinstance(decided.action, SuspendJob):
        assert not any(pod.started for pod in pods)
        assert seen.status.outcome is None
    else:
        assert seen.status.outcome is not None
        assert job_of_migration(seen).suspended


@MANY
@given(observed_runs())
def test_an_outcome_is_final_and_only_a_report_and_clean_up_follow(seen: RunObserved) -> None:
    if seen.status.outcome is None:
        return
    decided = decide(seen)
    said = {"steps", "database_state", "database_message", "schema_after", "failure", "conditions"}
    same = decided.status.model_dump(exclude=said) == seen.status.model_dump(exclude=said)
    assert same
    assert decided.status == seen.status or is_to_be_asked(seen)
    reasons = [[(c.type, c.status, c.reason) for c in status.conditions] for status in (seen.status, decided.status)]
    assert reasons[0] == reasons[1]
    allowed = (
        CreateReportJob
        | DeleteJob
        | DeleteLock
        | RemoveJobFinalizer
        | ReleaseLock
        | RemovePodFinalizer
        | RemoveFinalizer
    )
    assert decided.action is ABSENT or isinstance(decided.action, allowed)


@MANY
@given(observed_runs(DeleteLock | RemoveJobFinalizer | ReleaseLock | RemovePodFinalizer | RemoveFinalizer))
def test_no_finalizer_is_removed_before_the_record_or_while_a_pod_is_alive(seen: RunObserved) -> None:
    seen, decided = settled(seen)
    if not isinstance(
        decided.action, DeleteLock | RemoveJobFinalizer | ReleaseLock | RemovePodFinalizer | RemoveFinalizer
    ):
        return
    gives_lock_back = isinstance(decided.action, DeleteLock | ReleaseLock) and is_lock_given_back(seen.status)
    assert seen.status.outcome is not None or gives_lock_back
    assert not any(pod.alive for pod in seen.pods)
    if isinstance(decided.action, RemoveFinalizer):
        job = seen.job(StepType.MIGRATE)
        assert not lock_is_ours(seen)
        assert not any(pod.has_finalizer for pod in seen.pods)
        assert job is ABSENT or not job.has_finalizer or job.run_uid != seen.uid


@MANY
@given(observed_runs(TakeLock))
def test_a_lock_is_taken_only_when_free_or_left_by_a_holder_that_is_gone(seen: RunObserved) -> None:
    seen, decided = settled(seen)
    if not isinstance(decided.action, TakeLock):
        return
    assert is_wanted(seen)
    if isinstance(seen.lock, LockFacts) and seen.lock.holder_uid:
        assert isinstance(decided.action, TakeOverLock)
        assert decided.action.requires_live_read
        assert seen.spec.accept_unknown_database
        assert not seen.lock.holder_exists
        assert not seen.lock.holder_pod_alive


@MANY
@given(observed_runs(DeleteLock | ReleaseLock))
def test_a_lock_is_deleted_only_where_nothing_is_known_of_its_database(seen: RunObserved) -> None:
    seen, decided = settled(seen)
    if not isinstance(decided.action, DeleteLock):
        return
    assert decided.action.requires_live_read
    assert lock_is_ours(seen)
    assert isinstance(seen.lock, LockFacts)
    assert not seen.lock.identity
    assert not seen.lock.had_tables
    assert not seen.status.database_identity
    assert all(step.type is not StepType.MIGRATE for step in seen.status.steps)
    assert not any(pod.started for pod in seen.pods_of(StepType.MIGRATE))


@MANY
@given(observed_runs())
def test_an_empty_database_that_had_tables_is_passed_only_where_a_person_said_so(seen: RunObserved) -> None:
    decided = decide(seen)
    backup = decided.status.backup
    had_tables = isinstance(seen.lock, LockFacts) and seen.lock.had_tables
    if seen.status.backup is not None or backup in {None, NOT_TAKEN} or backup.tables > 0 or not had_tables:
        return
    assert seen.spec.accept_empty_database or decided.status.outcome is not None


@MANY
@given(observed_runs())
def test_success_needs_two_proofs(seen: RunObserved) -> None:
    decided = decide(seen)
    if seen.status.outcome is not None or decided.status.outcome is not Reason.MIGRATED:
        return
    job = job_of_migration(seen)
    assert job.uid == record(seen, StepType.MIGRATE).job_uid
    pods = [pod for pod in seen.pods_of(StepType.MIGRATE) if pod.job_uid == job.uid]
    assert len(pods) == 1
    migrate = pods[0].container(ContainerName.MIGRATE)
    assert migrate is not ABSENT
    assert (migrate.image, migrate.ended_well) == (seen.spec.image, True)
    assert pods[0].over
    assert record(replace(seen, status=decided.status), StepType.MIGRATE).outcome is StepOutcome.SUCCEEDED


@MANY
@given(observed_runs())
def test_time_alone_changes_nothing_but_at_a_deadline(seen: RunObserved) -> None:
    seen, decided = settled(seen)
    if decided.action is not ABSENT:
        return
    later = decide(replace(seen, now=before_a_deadline(seen.now, decided)))
    assert (later.status, later.action) == (decided.status, ABSENT)
