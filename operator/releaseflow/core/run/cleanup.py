"""Clean up after a run whose outcome is recorded: pods, Jobs, the lock, and last the run itself."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from releaseflow.api.v1alpha1.database import LeftBehind
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT, Absent, JobFacts, PodFacts
from releaseflow.core.outcomes import BEFORE_THE_DATABASE, WELL
from releaseflow.core.run.actions import (
    DeleteJob,
    DeleteLock,
    ReleaseLock,
    RemoveFinalizer,
    RemoveJobFinalizer,
    RemovePodFinalizer,
    RunAction,
)
from releaseflow.core.run.evidence import containers_have_ended
from releaseflow.core.run.facts import DatabaseState, LockFacts, RunObserved, pods_at_work
from releaseflow.core.run.left_behind import is_to_be_asked
from releaseflow.core.run.lock import remembers_tables
from releaseflow.core.run.migration import has_started, never_started
from releaseflow.core.run.record import step_of
from releaseflow.core.run.start import STARTED_ONCE, pods_of_job
from releaseflow.core.tools import runs_at_startup

ALL_STEPS = tuple(StepType)


def next_clean_up(facts: RunObserved) -> RunAction | Absent:
    """Return the next thing to clean up; nothing is released while a pod of the run may still be at work."""
    first = next_stop(facts)
    if first is not ABSENT or is_at_work(facts):
        return first
    return next(chain.from_iterable(steps_of(facts) for steps_of in CLEANUP_ORDER), ABSENT)


def next_stop(facts: RunObserved, steps: Iterable[StepType] = ALL_STEPS) -> RunAction | Absent:
    """Return the next Job to delete since it must not go on, nor be resumed: a stopped one once no pod is alive."""
    not_needed = next(_jobs_that_are_not_needed(facts), ABSENT)
    if not_needed is not ABSENT or is_at_work(facts, steps):
        return not_needed
    return next(_jobs_that_were_stopped(facts), ABSENT)


def database_after(facts: RunObserved) -> DatabaseState:
    """Say what is known of the database once the run is over."""
    if facts.status.outcome in WELL:
        return DatabaseState.CLEAN
    if not _may_have_migrated(facts):
        return DatabaseState.CLEAN
    match facts.status.database_state:
        case LeftBehind.CLEAN:
            return DatabaseState.UNCHANGED
        case LeftBehind.DIRTY:
            return DatabaseState.DIRTY
        case LeftBehind.UNKNOWN | None:
            return DatabaseState.UNKNOWN


def _jobs_that_are_not_needed(facts: RunObserved) -> Iterator[RunAction]:
    """Delete Jobs that would still do something: an unfinished check or backup, a migration that never started.

    And a backup's earlier Job that somebody suspended: nothing else ends it, and resumed it would back up again.
    """
    for past in facts.past_jobs:
        if past.suspended and past.run_uid == facts.uid and not (past.complete or past.failed or past.deleting):
            yield DeleteJob(past.name, past.uid, past.resource_version)
    for name in StepType:
        job = facts.job(name)
        if job is ABSENT or job.deleting or job.run_uid != facts.uid or _is_over(facts, name, job):
            continue
        if name is StepType.REPORT and is_to_be_asked(facts):
            continue
        if name not in STARTED_ONCE or (never_started(job) and not _pods_of_once(facts, name, job)):
            yield DeleteJob(job.name, job.uid, job.resource_version)


def _pods_of_once(facts: RunObserved, name: StepType, job: JobFacts) -> tuple[PodFacts, ...]:
    """Return the pods of a step that is started once; other pods of hooks are those of the hooks before."""
    return pods_of_job(facts, name, job) if name is StepType.HOOK else facts.pods_of(name)


def _is_over(facts: RunObserved, name: StepType, job: JobFacts) -> bool:
    """Whether a Job has ended, or has nothing left to do but to be judged by its controller."""
    return job.complete or job.failed or containers_have_ended(pods_of_job(facts, name, job))


def _jobs_that_were_stopped(facts: RunObserved) -> Iterator[RunAction]:
    """Delete a Job that was suspended under way, once no pod of it is alive: it must not be resumed."""
    for job in (facts.job(name) for name in StepType if name in STARTED_ONCE):
        if job is not ABSENT and job.run_uid == facts.uid and not (job.deleting or job.complete or job.failed):
            yield DeleteJob(job.name, job.uid, job.resource_version)


def pods_with_finalizer(facts: RunObserved) -> Iterator[RunAction]:
    """Release the pods: a namespace that is being deleted waits for them before it deletes anything else."""
    for pod in facts.pods:
        if pod.has_finalizer:
            yield RemovePodFinalizer(pod.name, pod.uid, pod.resource_version)


def _jobs_that_stay(facts: RunObserved) -> Iterator[RunAction]:
    """Release a Job whose outcome is recorded; Kubernetes removes it, and its pods, some time after its end."""
    for job in (facts.job(name) for name in StepType):
        if job is not ABSENT and job.run_uid == facts.uid and job.has_finalizer:
            yield RemoveJobFinalizer(job.name, job.uid, job.resource_version)


def _the_lock(facts: RunObserved) -> Iterator[RunAction]:
    lock = facts.lock
    if lock is not ABSENT and lock.holder_uid == facts.uid:
        yield free_lock(facts, lock)


def free_lock(facts: RunObserved, lock: LockFacts) -> ReleaseLock | DeleteLock:
    """Free the lock with what is known of its database; where that is nothing, the lock goes.

    So the lock of a Secret or a key that there is not, or of a database that never answered, does not stay for ever.
    """
    if _nothing_is_known(facts, lock):
        return DeleteLock(lock.name, lock.uid, lock.resource_version)
    identity = facts.status.database_identity or lock.identity
    return ReleaseLock(lock, database_after(facts), identity, *_tables_after(facts, lock))


def _nothing_is_known(facts: RunObserved, lock: LockFacts) -> bool:
    """Whether the lock has nothing to remember but who took it last, and that run began no migration.

    A run of the same name made in its place may then start from the beginning: it can do nothing twice.
    """
    if step_of(facts.status, StepType.MIGRATE) is not ABSENT or has_started(facts):
        return False
    known = facts.status.database_identity or lock.identity or lock.had_tables
    return not known and facts.status.outcome not in WELL


def _tables_after(facts: RunObserved, lock: LockFacts) -> tuple[bool, str]:
    """Say whether the database ever had tables, and the UID of the namespace whose run saw them."""
    backup = facts.status.backup if facts.spec.backup.asks_database else None
    if backup is None or (backup.tables == 0 and remembers_tables(lock, facts.status.database_identity)):
        return lock.had_tables, lock.tables_namespace_uid
    return (True, lock.namespace_uid) if backup.tables > 0 else (False, "")


def _the_run(facts: RunObserved) -> Iterator[RunAction]:
    """Let the run go once its flow knows how it ended: a flow whose run vanished would make it again."""
    awaited = facts.flow is not ABSENT and facts.flow.awaits_outcome
    if facts.has_finalizer and not awaited:
        yield RemoveFinalizer()


CLEANUP_ORDER: tuple[Callable[[RunObserved], Iterator[RunAction]], ...] = (
    _the_lock,
    pods_with_finalizer,
    _jobs_that_stay,
    _the_run,
)
"""The lock goes first: what it remembers of the database is read from the Job and its pods."""


def is_at_work(facts: RunObserved, steps: Iterable[StepType] = ALL_STEPS) -> bool:
    """Whether a Job or a pod of the run, or of these steps of it, may still do something; also a pod of a target."""
    if _is_starting(facts):
        return True
    jobs = (facts.job(name) for name in steps)
    unfinished = any(job is not ABSENT and _may_still_act(facts, job) for job in jobs)
    return unfinished or any(pod.alive for pod in facts.pods if pod.step in steps)


def _is_starting(facts: RunObserved) -> bool:
    """Whether the run's migration is at work in a pod of a target."""
    return any(pod.run == facts.name for pod in pods_at_work(facts))


def _may_still_act(facts: RunObserved, job: JobFacts) -> bool:
    """Whether a Job of ours may still make or keep a pod; one being deleted and held by us alone may not."""
    return job.run_uid == facts.uid and not (job.complete or job.failed or job.deleting or job.suspended)


def _may_have_migrated(facts: RunObserved) -> bool:
    """Whether anything of the migration may have reached the database."""
    step = step_of(facts.status, StepType.MIGRATE)
    if step is ABSENT or facts.status.outcome in BEFORE_THE_DATABASE:
        return False
    if runs_at_startup(facts.spec):
        return step.given_up is None
    if step.outcome is not None or any(pod.started for pod in facts.pods_of(StepType.MIGRATE)):
        return True
    job = facts.job(StepType.MIGRATE)
    if job is ABSENT or job.run_uid != facts.uid:
        return bool(step.job_uid)
    return not never_started(job)
