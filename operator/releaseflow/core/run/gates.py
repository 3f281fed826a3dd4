"""The gates of a run, in their order."""

from collections.abc import Callable
from typing import TypeAlias

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.operation import Operation
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.engines import client_of, no_client
from releaseflow.core.facts import ABSENT
from releaseflow.core.gates import Evaluation, Gate, GateResult, evaluate
from releaseflow.core.run.actions import RunAction
from releaseflow.core.run.approval import migration_is_approved
from releaseflow.core.run.backup import backup_is_taken, backup_is_verified
from releaseflow.core.run.check import nothing_is_pending
from releaseflow.core.run.down import down_is_needed, flows_are_suspended, version_is_found
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.hooks import hooks_are_done
from releaseflow.core.run.lock import database_is_locked
from releaseflow.core.run.migration import migration_is_done
from releaseflow.core.run.record import Finished, RunResult, is_lock_given_back
from releaseflow.core.run.startup import migration_has_started_up
from releaseflow.core.tools import runs_at_startup

RunGate: TypeAlias = Gate[RunObserved, MigrationRunStatus, RunAction, Finished]
RunEvaluation: TypeAlias = Evaluation[MigrationRunStatus, RunAction, Finished]
LOCKED = RunGate("Locked", database_is_locked)
CHECKED = RunGate("Checked", nothing_is_pending)
APPROVED = RunGate("Approved", migration_is_approved)
BACKED_UP = RunGate("BackedUp", backup_is_taken)
VERIFIED = RunGate("BackupVerified", backup_is_verified)
MIGRATED = RunGate("Migrated", lambda facts: _way_of(facts)(facts))
HOOKS_DONE = RunGate("HooksDone", hooks_are_done)
FOUND = RunGate("VersionFound", version_is_found)
SUSPENDED = RunGate("FlowsSuspended", flows_are_suspended)
NEEDED = RunGate("DownNeeded", down_is_needed)
GATES = (LOCKED, CHECKED, APPROVED, HOOKS_DONE, BACKED_UP, VERIFIED, MIGRATED)
GATES_OF_DOWN = (FOUND, SUSPENDED, LOCKED, APPROVED, BACKED_UP, VERIFIED, NEEDED, MIGRATED)


def _way_of(facts: RunObserved) -> Callable[[RunObserved], RunResult]:
    """Return what runs the migration, and says how it ended."""
    return migration_has_started_up if runs_at_startup(facts.spec) else migration_is_done


def gates(facts: RunObserved) -> tuple[RunGate, ...]:
    """Return a run's row of gates."""
    asked = {APPROVED: facts.spec.approval_required, HOOKS_DONE: bool(facts.spec.hooks)}
    match facts.spec.operation:
        case Operation.HOOK:
            return (HOOKS_DONE,)
        case Operation.MIGRATE:
            return tuple(gate for gate in GATES if asked.get(gate, True))
        case Operation.DOWN:
            return tuple(gate for gate in GATES_OF_DOWN if asked.get(gate, True))


def gates_to_ask(facts: RunObserved) -> tuple[RunGate, ...]:
    """Return the gates that a decision asks: where the lock is given back, that of the person alone."""
    return (APPROVED,) if is_lock_given_back(facts.status) else gates(facts)


def evaluate_run(facts: RunObserved, row: tuple[RunGate, ...]) -> RunEvaluation:
    """Return how far a run comes along a row of gates, and the result of the first closed one."""
    return evaluate(facts, row, _end_run)


def _end_run(facts: RunObserved) -> RunResult:
    if facts.spec.operation is Operation.HOOK:
        done = hooks_are_done(facts).verdict
        return GateResult(Finished(done.reason, done.message), facts.status)
    if facts.spec.operation is Operation.DOWN:
        there = facts.status.down.version if facts.status.down is not None else ""
        return GateResult(Finished(Reason.WENT_DOWN, f"The schema is back at {there}"), facts.status)
    message = f"The schema is migrated by {facts.spec.image}"
    if client_of(facts.spec) is ABSENT:
        message = f"The migration of {facts.spec.image} is complete by its pod: {no_client(facts.spec)}"
    return GateResult(Finished(Reason.MIGRATED, message), facts.status)
