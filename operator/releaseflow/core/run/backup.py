"""Gates BackedUp and BackupVerified: nothing migrates before a backup is known to be good."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.backup import NOT_TAKEN, BackupStatus
from releaseflow.api.v1alpha1.database import SchemaStatus
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepType
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.containers import ContainerName
from releaseflow.core.decision import Opened
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.gates import GateResult
from releaseflow.core.run.attempt import AttemptEnded, follow_attempt, try_again
from releaseflow.core.run.backup_reports import agree, attempt_failure, backup_failure, message_of, reports_of
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import empty_database
from releaseflow.core.run.lock import remembers_tables
from releaseflow.core.run.record import RunResult, fail_run, step_of, with_step_outcome
from releaseflow.core.run.reports import (
    DumpReport,
    ProofReport,
    prune_warning,
)
from releaseflow.core.run.restore import restore_command_of
from releaseflow.core.timestamps import timestamp

_SKIPPED = "No backup is taken: spec.backup.none acknowledges that data may be lost"
WORTH_ANOTHER_TRY = frozenset({Reason.CONNECTION_FAILED, Reason.BACKUP_FAILED, Reason.INTERRUPTED})
"""Failures of a backup that may be over in a moment; all others would only fail again."""


def backup_is_taken(facts: RunObserved) -> RunResult:
    """Take a backup and prove it, in one Job; record where none is to be taken."""
    if not facts.spec.backup.is_taken:
        skipped = facts.status.model_copy(update={"backup": NOT_TAKEN})
        return GateResult(Opened(Reason.BACKUP_SKIPPED, _SKIPPED), skipped)
    step = step_of(facts.status, StepType.BACKUP)
    if step is not ABSENT and step.outcome is not None:
        return GateResult(Opened(), facts.status)
    over = follow_attempt(facts, StepType.BACKUP, Reason.BACKING_UP)
    if isinstance(over, GateResult):
        return over
    dump, proof = reports_of(over)
    if isinstance(dump, DumpReport) and isinstance(proof, ProofReport) and agree(dump, proof):
        return _judge(facts, over, dump, proof)
    why = attempt_failure(facts, over)
    if why.reason in WORTH_ANOTHER_TRY:
        return try_again(facts, over.step, Reason.BACKING_UP, why)
    return fail_run(with_step_outcome(facts, over.step, StepOutcome.FAILED, exit_code=why.exit_code), why)


def backup_is_verified(facts: RunObserved) -> RunResult:
    """Believe a backup only when it was read back whole."""
    if not facts.spec.backup.is_taken:
        return GateResult(Opened(Reason.BACKUP_SKIPPED, "There is no backup to verify"), facts.status)
    backup = facts.status.backup
    if backup is None or not backup.proof:
        return fail_run(facts.status, backup_failure(facts, Reason.BACKUP_UNVERIFIED, "the backup was not proven"))
    message = (
        f"{backup.location}, {backup.size_bytes} bytes. Restore it: "
        f"{commands.print_restore_command(facts.namespace, facts.name)}"
    )
    if backup.warning:
        message += f". Old backups stay: {backup.warning}"
    return GateResult(Opened(Reason.OPENED, message), facts.status)


def _judge(facts: RunObserved, over: AttemptEnded, dump: DumpReport, proof: ProofReport) -> RunResult:
    """Record a proven backup; the step fails where it is of a database that cannot be the right one."""
    why = _wrong_database(facts, dump)
    outcome = StepOutcome.SUCCEEDED if why is ABSENT else StepOutcome.FAILED
    status = _with_backup(facts, over, dump, proof, outcome)
    return GateResult(Opened(), status) if why is ABSENT else fail_run(status, why)


def _wrong_database(facts: RunObserved, dump: DumpReport) -> Failure | Absent:
    """Return why a database that was backed up cannot be the right one, if there is a reason."""
    if facts.keys_of_identity:
        keys = ", ".join(facts.keys_of_identity)
        return backup_failure(facts, Reason.LOCK_KEY_MISMATCH, f"this database is also locked as {keys}")
    had_tables = facts.lock is not ABSENT and remembers_tables(facts.lock, dump.identity)
    if had_tables and dump.tables == 0 and not facts.spec.accept_empty_database:
        return Failure(
            step=FailedStep.BACKUP, reason=Reason.DATABASE_EMPTY, hint=empty_database(facts)[:LONGEST_MESSAGE]
        )
    return ABSENT


def _with_backup(
    facts: RunObserved, over: AttemptEnded, dump: DumpReport, proof: ProofReport, outcome: StepOutcome
) -> MigrationRunStatus:
    destination = facts.spec.backup.destination
    backup = BackupStatus(
        method=destination.method,
        location=destination.location(dump.path),
        size_bytes=dump.size_bytes,
        sha256=dump.sha256,
        duration_seconds=dump.duration_seconds,
        server_version=dump.server_version,
        client_version=dump.client_version,
        tables=dump.tables,
        proof=proof.proof,
        restore_command=restore_command_of(facts.spec, facts.namespace, dump.path, dump.sha256, facts.client_image),
        warning=prune_warning(message_of(over.pod, ContainerName.PRUNE)),
        completion_time=timestamp(facts.now),
    )
    update = {
        "backup": backup,
        "database_identity": dump.identity,
        "schema_before": SchemaStatus(version=dump.schema_version, fingerprint=dump.fingerprint),
    }
    done = with_step_outcome(facts, over.step, outcome, exit_code=0, job_uid=over.job.uid)
    return done.model_copy(update=update)
