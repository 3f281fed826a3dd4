"""Gate Locked: one run at a time touches a database."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.conditions import READY, condition
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.run.actions import HoldRun, TakeLock, TakeOverLock
from releaseflow.core.run.attempt import without_workload
from releaseflow.core.run.facts import DatabaseState, LockSeen, RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.record import Turn, failed

LOOK_FOR_PODS = 10.0
"""Seconds after which the pods of a holder that is gone are listed again: their end triggers no event."""


def database_is_locked(seen: RunObserved) -> Turn:
    """Keep every step off a database that another run holds, or whose state is unknown."""
    lock = seen.lock
    if lock is ABSENT:
        return _taken_in_turn(seen, lock)
    if lock.holder_uid == seen.uid:
        return Turn(Opened(), seen.status)
    if _was_here_before(seen, lock):
        return failed(seen.status, _run_replaced(seen))
    if lock.holder_uid:
        return _held_by_another(seen, lock)
    if lock.database is not DatabaseState.CLEAN and not seen.spec.accept_unknown_database:
        return failed(seen.status, _unknown(seen, lock))
    return _taken_in_turn(seen, lock)


def stands_in_line(status: MigrationRunStatus) -> bool:
    """Whether a run waits for the lock, or has it; one that is suspended lets others by."""
    ready = condition(status.conditions, READY)
    return status.outcome is None and (ready is None or ready.reason is not Reason.SUSPENDED)


def remembers_tables(lock: LockSeen, identity: str) -> bool:
    """Whether a database had tables before, as far as its lock knows.

    The lock outlives its namespace. A namespace that was deleted and created again brings a new database, which the
    runs of the former one never saw; only if the database says that it is the same one, its tables are missed.

    Nothing else that a lock remembers ends with the namespace. Whether another run may touch the database at all is
    decided before anything has read its identity, and a database may be outside of the namespace and outlive it, with
    a migration whose end is not known. A wrong guess about tables migrates an empty database; a wrong guess about
    that migrates a broken one, or one that is being migrated.
    """
    namespaces = {lock.namespace_uid, lock.tables_namespace_uid}
    made_anew = "" not in namespaces and len(namespaces) > 1
    return lock.had_tables and (not made_anew or lock.identity == identity)


def _was_here_before(seen: RunObserved, lock: LockSeen) -> bool:
    """Whether a run of this name worked on the database, and is gone: made again, or restored without its record."""
    return lock.last_name == seen.name and lock.last_uid != seen.uid


def _taken_in_turn(seen: RunObserved, lock: LockSeen | Absent) -> Turn:
    """Take a free lock; runs go by creation time, then UID."""
    missing = without_workload(seen, None)
    if not isinstance(missing, Absent):
        return missing
    before = [rival for rival in seen.rivals if (rival.created, rival.uid) < (seen.created, seen.uid)]
    if before:
        message = f"Waiting for an older run on the same database: {commands.SHOW_RUNS_EVERYWHERE}"
        return Turn(Waiting(Reason.LOCK_HELD, message, _found_by_others(seen)), seen.status)
    return Turn(Waiting(Reason.STARTING, "Taking the database's lock", TakeLock(lock)), seen.status)


def _held_by_another(seen: RunObserved, lock: LockSeen) -> Turn:
    """Wait for the holder, or take over from one that is gone, once no pod of it can be at work."""
    if lock.holder_exists or lock.holder_pod_alive:
        look = commands.find_run(lock.holder_name)
        message = f"MigrationRun {lock.holder_name} works on this database: {look}"
        again = None if lock.holder_exists else LOOK_FOR_PODS
        return Turn(Waiting(Reason.LOCK_HELD, message, _found_by_others(seen), look_again=again), seen.status)
    if not seen.spec.accept_unknown_database:
        return failed(seen.status, _unknown(seen, lock))
    action = TakeOverLock(lock)
    return Turn(Waiting(Reason.STARTING, "Taking the database's lock over", action), seen.status)


def _found_by_others(seen: RunObserved) -> HoldRun | Absent:
    """Put the label back by which others in the line find a run; without it one of them may only come first."""
    return ABSENT if seen.in_line else HoldRun()


def _unknown(seen: RunObserved, lock: LockSeen) -> Failure:
    """Describe a database that only a person can say may be used."""
    by = lock.unknown_since or lock.holder_name or lock.last_name
    why = f"MigrationRun {by} left the database in an unknown state" if by else "the database's state is unknown"
    return failure(seen, "Locked", Reason.DATABASE_UNKNOWN, why)


def _run_replaced(seen: RunObserved) -> Failure:
    """Describe a run that was deleted and made again under its own name."""
    why = "a run of this name already worked on the database, and was deleted since"
    return failure(seen, "Locked", Reason.OUTCOME_UNKNOWN, why)
