"""Gate Locked: one run at a time touches a database."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.conditions import READY, condition
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.gates import GateResult
from releaseflow.core.run.actions import AddFinalizer, TakeLock, TakeOverLock
from releaseflow.core.run.attempt import wait_for_workload
from releaseflow.core.run.facts import DatabaseState, LockFacts, RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.record import RunResult, fail_run, is_lock_given_back

HOLDER_PODS_POLL_SECONDS = 10.0
"""Seconds after which the pods of a holder that is gone are listed again: their end triggers no event."""


def database_is_locked(facts: RunObserved) -> RunResult:
    """Keep every step off a database that another run holds, or whose state is unknown."""
    lock = facts.lock
    if lock is ABSENT:
        return _acquire_in_order(facts, lock)
    if lock.holder_uid == facts.uid:
        return GateResult(Opened(), facts.status)
    if _was_here_before(facts, lock):
        return fail_run(facts.status, _replaced_run_failure(facts))
    if lock.holder_uid:
        return _wait_for_holder(facts, lock)
    if lock.database is not DatabaseState.CLEAN and not facts.spec.accept_unknown_database:
        return fail_run(facts.status, _unknown_state_failure(facts, lock))
    return _acquire_in_order(facts, lock)


def is_queued(spec: MigrationRunSpec, status: MigrationRunStatus) -> bool:
    """Whether a run waits for the lock or holds it; one that is suspended, or waits for a person, lets others by."""
    if not spec.takes_lock:
        return False
    ready = condition(status.conditions, READY)
    suspended = ready is not None and ready.reason in {Reason.SUSPENDED, Reason.FLOW_NOT_SUSPENDED}
    return status.outcome is None and not suspended and not is_lock_given_back(status)


def remembers_tables(lock: LockFacts, identity: str) -> bool:
    """Whether a database had tables before, as far as its lock knows.

    The lock outlives its namespace. A namespace that was deleted and created again brings a new database, which the
    runs of the former one never saw; only if the database says that it is the same one, its tables are missed.

    Nothing else that a lock remembers ends with the namespace. Whether another run may touch the database at all is
    decided before anything has read its identity, and a database may be outside of the namespace and outlive it, with
    a migration whose end is not known. A wrong guess about tables migrates an empty database; a wrong guess about
    that migrates a broken one, or one that is being migrated.
    """
    namespaces = {lock.namespace_uid, lock.tables_namespace_uid}
    namespace_recreated = "" not in namespaces and len(namespaces) > 1
    return lock.had_tables and (not namespace_recreated or lock.identity == identity)


def _was_here_before(facts: RunObserved, lock: LockFacts) -> bool:
    """Whether a run of this name worked on the database: one that is gone, or this one, and its record is lost.

    A run that has the lock has written no status yet; one that gave it back, or has ended, has.
    """
    return lock.last_name == facts.name and (lock.last_uid != facts.uid or facts.status.start_time is None)


def _acquire_in_order(facts: RunObserved, lock: LockFacts | Absent) -> RunResult:
    """Take a free lock; runs go by creation time, then UID."""
    missing = wait_for_workload(facts, None)
    if missing is not ABSENT:
        return missing
    before = [waiter for waiter in facts.waiters if (waiter.created, waiter.uid) < (facts.created, facts.uid)]
    if before:
        message = f"Waiting for an older run on the same database: {commands.SHOW_RUNS_EVERYWHERE}"
        return GateResult(Waiting(Reason.LOCK_HELD, message, _enqueue(facts)), facts.status)
    return GateResult(Waiting(Reason.STARTING, "Taking the database's lock", TakeLock(lock)), facts.status)


def _wait_for_holder(facts: RunObserved, lock: LockFacts) -> RunResult:
    """Wait for the holder, or take over from one that is gone, once no pod of it can be at work."""
    if lock.holder_exists or lock.holder_pod_alive:
        command = commands.find_run(lock.holder_name)
        message = f"MigrationRun {lock.holder_name} works on this database: {command}"
        again = None if lock.holder_exists else HOLDER_PODS_POLL_SECONDS
        return GateResult(Waiting(Reason.LOCK_HELD, message, _enqueue(facts), requeue_after=again), facts.status)
    if not facts.spec.accept_unknown_database:
        return fail_run(facts.status, _unknown_state_failure(facts, lock))
    action = TakeOverLock(lock)
    return GateResult(Waiting(Reason.STARTING, "Taking the database's lock over", action), facts.status)


def _enqueue(facts: RunObserved) -> AddFinalizer | Absent:
    """Put the label back by which the others in the queue find a run; without it one of them may only go first."""
    return ABSENT if facts.queued else AddFinalizer()


_UNKNOWN = "left the database in an unknown state"
_LEFT = {
    DatabaseState.UNCHANGED: "failed, and left schema and bookkeeping of the database as they were",
    DatabaseState.DIRTY: "failed, and changed the database",
}
"""What a lock remembers of a failed migration, in words."""


def _unknown_state_failure(facts: RunObserved, lock: LockFacts) -> Failure:
    """Describe a database that only a person can say may be used."""
    by = lock.unknown_since or lock.holder_name or lock.last_name
    why = f"MigrationRun {by} {_LEFT.get(lock.database, _UNKNOWN)}" if by else "the database's state is unknown"
    return failure(facts, FailedStep.LOCK, Reason.DATABASE_UNKNOWN, why)


def _replaced_run_failure(facts: RunObserved) -> Failure:
    """Describe a run that was deleted and made again under its own name, or lost its record."""
    why = "a run of this name already worked on the database, and it or its record was deleted since"
    return failure(facts, FailedStep.LOCK, Reason.OUTCOME_UNKNOWN, why)
