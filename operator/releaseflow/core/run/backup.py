"""Gates BackedUp and BackupVerified: nothing migrates before a backup is known to be good."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.backup_status import NOT_TAKEN, BackupStatus
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepType
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.gates import GateResult
from releaseflow.core.redaction import one_line
from releaseflow.core.run.age import is_too_old, take_again
from releaseflow.core.run.attempt import AttemptEnded, follow_attempt, try_again
from releaseflow.core.run.backup_reports import attempt_failure, backup_failure
from releaseflow.core.run.down import another_database
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import empty_database, restore_point
from releaseflow.core.run.lock import remembers_tables
from releaseflow.core.run.proven import Proven, proven_by
from releaseflow.core.run.record import RunResult, fail_run, step_of, with_step_outcome

_SKIPPED = "No backup is taken: spec.backup.none acknowledges that data may be lost"
RETRYABLE = frozenset({Reason.CONNECTION_FAILED, Reason.BACKUP_FAILED, Reason.INTERRUPTED})
"""Failures of a backup that may be over in a moment; all others would only fail again."""


def backup_is_taken(facts: RunObserved) -> RunResult:
    """Take a backup and prove it, or record a point in time, in one Job; record where neither is asked for."""
    if not facts.spec.backup.asks_database:
        skipped = facts.status.model_copy(update={"backup": NOT_TAKEN})
        return GateResult(Opened(Reason.BACKUP_SKIPPED, _SKIPPED), skipped)
    step = step_of(facts.status, StepType.BACKUP)
    if step is not ABSENT and step.outcome is not None:
        return take_again(facts, step) if is_too_old(facts) else GateResult(Opened(), facts.status)
    over = follow_attempt(facts, StepType.BACKUP, Reason.BACKING_UP)
    if isinstance(over, GateResult):
        return over
    proven = proven_by(facts, over)
    if proven is not ABSENT:
        return _judge(facts, over, proven)
    why = attempt_failure(facts, over)
    if why.reason in RETRYABLE:
        return try_again(facts, over.step, Reason.BACKING_UP, why)
    return fail_run(with_step_outcome(facts, over.step, StepOutcome.FAILED, exit_code=why.exit_code), why)


def backup_is_verified(facts: RunObserved) -> RunResult:
    """Believe a backup only when it was read back whole, and a point in time only when it was recorded."""
    if not facts.spec.backup.asks_database:
        return GateResult(Opened(Reason.BACKUP_SKIPPED, "There is no backup to verify"), facts.status)
    backup = facts.status.backup
    if backup is None or not backup.proof:
        return fail_run(facts.status, backup_failure(facts, Reason.BACKUP_UNVERIFIED, "the backup was not proven"))
    return GateResult(Opened(Reason.OPENED, _way_back(facts, backup)), facts.status)


def _way_back(facts: RunObserved, backup: BackupStatus) -> str:
    """Say how the database is brought back to where it was before the migration."""
    point = facts.spec.backup.point_in_time
    if point is not None:
        return (
            f"Nothing was copied. The database can be restored to {restore_point(backup)}, if spec.backup.pointInTime"
            f" is right: {one_line(point.statement, LONGEST_MESSAGE)}. ReleaseFlow does not test that restore"
        )
    stay = f". Old backups stay: {backup.warning}" if backup.warning else ""
    restore = commands.print_restore_command(facts.namespace, facts.name)
    return f"{backup.location}, {backup.size_bytes} bytes. Restore it: {restore}{stay}"


def _judge(facts: RunObserved, over: AttemptEnded, proven: Proven) -> RunResult:
    """Record a backup that counts; the step fails where it is of a database that cannot be the right one."""
    why = _wrong_database(facts, proven)
    outcome = StepOutcome.SUCCEEDED if why is ABSENT else StepOutcome.FAILED
    done = with_step_outcome(facts, over.step, outcome, exit_code=0, job_uid=over.job.uid)
    update = {"backup": proven.backup, "database_identity": proven.identity, "schema_before": proven.schema}
    status = done.model_copy(update=update)
    return GateResult(Opened(), status) if why is ABSENT else fail_run(status, why)


def _wrong_database(facts: RunObserved, proven: Proven) -> Failure | Absent:
    """Return why a database that was backed up cannot be the right one, if there is a reason."""
    if facts.keys_of_identity:
        keys = ", ".join(facts.keys_of_identity)
        return backup_failure(facts, Reason.LOCK_KEY_MISMATCH, f"this database is also locked as {keys}")
    other = another_database(facts, proven.identity)
    if other is not ABSENT:
        return other
    had_tables = facts.lock is not ABSENT and remembers_tables(facts.lock, proven.identity)
    if had_tables and proven.backup.tables == 0 and not facts.spec.accept_empty_database:
        return Failure(
            step=FailedStep.BACKUP, reason=Reason.DATABASE_EMPTY, hint=empty_database(facts)[:LONGEST_MESSAGE]
        )
    return ABSENT
