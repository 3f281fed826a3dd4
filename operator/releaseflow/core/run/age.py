"""How old a backup may be: a migration starts with one that is fresh, and an old one is taken again."""

from datetime import timedelta

from releaseflow.api.v1alpha1.backup_status import ExpiredBackup
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.decision import Waiting
from releaseflow.core.gates import GateResult
from releaseflow.core.run.backup_reports import backup_failure
from releaseflow.core.run.early_end import is_suspended
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.record import RunResult, fail_run, with_attempt
from releaseflow.core.timestamps import moment

TAKEN_AGAIN = 3
"""How often a run takes its backup again: what holds a migration back for so long is for a person to see."""


def is_too_old(facts: RunObserved) -> bool:
    """Whether a proven backup is too old for a migration that could start now.

    While the flow is suspended it could not: a backup would only grow old again.
    """
    backup = facts.status.backup
    if backup is None or backup.completion_time is None or is_suspended(facts):
        return False
    return facts.now - moment(backup.completion_time) > timedelta(seconds=facts.spec.backup.maximum_age_seconds)


def take_again(facts: RunObserved, step: StepStatus) -> RunResult:
    """Record another attempt at a backup that was proven and grew too old; stop when there were enough."""
    seconds = facts.spec.backup.maximum_age_seconds
    if step.expired >= TAKEN_AGAIN:
        why = f"the backup was older than {seconds} s before the migration could start, {TAKEN_AGAIN + 1} times"
        return fail_run(facts.status, backup_failure(facts, Reason.BACKUP_EXPIRED, why))
    before = {"unreachable": step.unreachable, "expired": step.expired + 1}
    status = _with_expired(with_attempt(facts, StepType.BACKUP, step.attempt + 1, before=before))
    message = f"The backup is older than backup.maximumAgeSeconds, {seconds} s: it is taken again"
    return GateResult(Waiting(Reason.BACKING_UP, message), status)


def _with_expired(status: MigrationRunStatus) -> MigrationRunStatus:
    """Return the record in which the file of the old backup is known.

    The new attempt must not remove it: it may run although the migration started after all.
    """
    backup = status.backup
    if backup is None or not backup.location:
        return status
    expired = ExpiredBackup(location=backup.location, sha256=backup.sha256)
    return status.model_copy(update={"expired_backups": (*status.expired_backups, expired)})
