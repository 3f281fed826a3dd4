"""Clean up after a run whose outcome is recorded: pods, Jobs, the lock, and last the run itself."""

from collections.abc import Callable, Iterator
from itertools import chain

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.facts import ABSENT, Absent, JobSeen
from releaseflow.core.run.actions import (
    DeleteJob,
    DeleteLock,
    ReleaseJob,
    ReleaseLock,
    ReleasePod,
    ReleaseRun,
    RunAction,
)
from releaseflow.core.run.facts import DatabaseState, FlowOfRun, LockSeen, RunObserved
from releaseflow.core.run.lock import remembers_tables
from releaseflow.core.run.migration import has_started, never_started
from releaseflow.core.run.record import step_of

HARMLESS = frozenset({Reason.MIGRATED, Reason.NOTHING_PENDING})


def next_clean_up(seen: RunObserved) -> RunAction | Absent:
    """Return the next thing to clean up; nothing is released while a pod of the run may still be at work."""
    not_needed = next(_jobs_that_are_not_needed(seen), ABSENT)
    if not_needed is not ABSENT or _is_at_work(seen):
        return not_needed
    return next(chain.from_iterable(tidy(seen) for tidy in _ORDER), ABSENT)


def database_after(seen: RunObserved) -> DatabaseState:
    """Say what is known of the database once the run is over."""
    if seen.status.outcome in HARMLESS:
        return DatabaseState.CLEAN
    return DatabaseState.UNKNOWN if _may_have_migrated(seen) else DatabaseState.CLEAN


def _jobs_that_are_not_needed(seen: RunObserved) -> Iterator[RunAction]:
    """Delete Jobs that would still do something: an unfinished check or backup, a migration that never started."""
    for name in StepType:
        job = seen.job(name)
        if job is ABSENT or job.deleting or job.run_uid != seen.uid or job.complete or job.failed:
            continue
        if name is not StepType.MIGRATE or (never_started(job) and not seen.pods_of(name)):
            yield DeleteJob(job.name, job.uid, job.resource_version)


def _jobs_that_were_stopped(seen: RunObserved) -> Iterator[RunAction]:
    """Delete a Job that was suspended under way, once no pod of it is alive: it must not be resumed."""
    job = seen.job(StepType.MIGRATE)
    if job is ABSENT or job.deleting or job.run_uid != seen.uid or job.complete or job.failed:
        return
    yield DeleteJob(job.name, job.uid, job.resource_version)


def _pods_that_are_held(seen: RunObserved) -> Iterator[RunAction]:
    for pod in seen.pods:
        if pod.held:
            yield ReleasePod(pod.name, pod.uid, pod.resource_version)


def _jobs_that_stay(seen: RunObserved) -> Iterator[RunAction]:
    """Release Jobs whose outcome is recorded; Kubernetes removes those that ended, and their pods."""
    for job in (*(seen.job(name) for name in StepType), *seen.past_jobs):
        if job is ABSENT or job.run_uid != seen.uid:
            continue
        if job.held or ((job.complete or job.failed) and not (job.expires or job.deleting)):
            yield ReleaseJob(job.name, job.uid, job.resource_version)


def _the_lock(seen: RunObserved) -> Iterator[RunAction]:
    lock = seen.lock
    if isinstance(lock, LockSeen) and lock.holder_uid == seen.uid:
        yield _let_go_of(seen, lock)


def _let_go_of(seen: RunObserved, lock: LockSeen) -> ReleaseLock | DeleteLock:
    """Free the lock with what is known of its database; where that is nothing, the lock goes.

    So the lock of a Secret or a key that there is not, or of a database that never answered, does not stay for ever.
    """
    if _nothing_is_known(seen, lock):
        return DeleteLock(lock.name, lock.uid, lock.resource_version)
    identity = seen.status.database_identity or lock.identity
    return ReleaseLock(lock, database_after(seen), identity, *_tables_after(seen, lock))


def _nothing_is_known(seen: RunObserved, lock: LockSeen) -> bool:
    """Whether the lock has nothing to remember but who took it last, and that run began no migration.

    A run of the same name made in its place may then start from the beginning: it can do nothing twice.
    """
    if isinstance(step_of(seen.status, StepType.MIGRATE), StepStatus) or has_started(seen):
        return False
    known = seen.status.database_identity or lock.identity or lock.had_tables
    return not known and seen.status.outcome not in HARMLESS


def _tables_after(seen: RunObserved, lock: LockSeen) -> tuple[bool, str]:
    """Say whether the database ever had tables, and the UID of the namespace whose run saw them."""
    backup = seen.status.backup
    if backup is None or (backup.tables == 0 and remembers_tables(lock, seen.status.database_identity)):
        return lock.had_tables, lock.tables_namespace_uid
    return (True, lock.namespace_uid) if backup.tables > 0 else (False, "")


def _the_run(seen: RunObserved) -> Iterator[RunAction]:
    """Let the run go once its flow knows how it ended: a flow whose run vanished would make it again."""
    awaited = isinstance(seen.flow, FlowOfRun) and seen.flow.awaits_outcome
    if seen.held and not awaited:
        yield ReleaseRun()


_ORDER: tuple[Callable[[RunObserved], Iterator[RunAction]], ...] = (
    _jobs_that_were_stopped,
    _the_lock,
    _pods_that_are_held,
    _jobs_that_stay,
    _the_run,
)
"""The lock goes first: what it remembers of the database is read from the Job and its pods."""


def _is_at_work(seen: RunObserved) -> bool:
    """Whether a Job or a pod of the run may still do something."""
    jobs = (seen.job(name) for name in StepType)
    unfinished = any(isinstance(job, JobSeen) and _may_still_act(seen, job) for job in jobs)
    return unfinished or any(pod.alive for pod in seen.pods)


def _may_still_act(seen: RunObserved, job: JobSeen) -> bool:
    """Whether a Job of ours may still make or keep a pod; one being deleted and held by us alone may not."""
    return job.run_uid == seen.uid and not (job.complete or job.failed or job.deleting or job.suspended)


def _may_have_migrated(seen: RunObserved) -> bool:
    """Whether anything of the migration may have reached the database."""
    step = step_of(seen.status, StepType.MIGRATE)
    if not isinstance(step, StepStatus) or seen.status.outcome is Reason.NOT_STARTED:
        return False
    if step.outcome is not None or any(pod.started for pod in seen.pods_of(StepType.MIGRATE)):
        return True
    job = seen.job(StepType.MIGRATE)
    if job is ABSENT or job.run_uid != seen.uid:
        return bool(step.job_uid)
    return not never_started(job)
