"""What a run says of a failure: what is the case, what to do about it, and how to go on."""

from typing import Any

from releaseflow.api import commands
from releaseflow.api.v1alpha1.backup_status import BackupStatus
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.migration_run import FlowRef
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.reasons.table import remedy
from releaseflow.core.run.facts import LockFacts, RunObserved

_MAY_HAVE_CHANGED = frozenset(
    {
        Reason.MIGRATION_FAILED,
        Reason.STARTUP_FAILED,
        Reason.OUT_OF_MEMORY,
        Reason.DEADLINE_EXCEEDED,
        Reason.INTERRUPTED,
        Reason.OUTCOME_UNKNOWN,
        Reason.OUTCOME_UNVERIFIED,
    }
)
"""How a migration fails that may have changed the database."""

_AFTER_A_DOWN = (
    "The image that serves may not work on what is there. Read the end of the log in status.failure, and repair the"
    " database, or restore the backup of this run"
)
"""What to do about a Down that failed: no old version serves beside it."""


def failed_step(step: StepType) -> FailedStep:
    """Return what a run says has failed with a step: what asks the database speaks of the migration."""
    return FailedStep.MIGRATE if step is StepType.REPORT else FailedStep(step)


def failure(facts: RunObserved, step: FailedStep, reason: Reason, why: str, **evidence: Any) -> Failure:
    """Describe a failure: why, what the table of reasons says to do, and the command that lets the release go on.

    Args:
        facts: What the run depends on.
        step: What failed.
        reason: Why, as one word.
        why: The same in words.
        evidence: Further fields of the failure.
    """
    job = next((known.job_name for known in reversed(facts.status.steps) if known.type.value == step.value), "")
    serves = facts.flow is not ABSENT and facts.flow.holds_back
    known = {"namespace": facts.namespace, "job": job, "pod": evidence.get("pod", "")}
    do = remedy(reason, serves=serves, **known, serviceaccount=facts.spec.migration.service_account_name or "")
    if facts.spec.down is not None and reason in _MAY_HAVE_CHANGED:
        do = _AFTER_A_DOWN
    hint = f"{why}. {way_back(facts, reason)}{do}. {go_on(facts)}"
    return Failure(step=step, reason=reason, hint=hint[:LONGEST_MESSAGE], **evidence)


def restore_point(backup: BackupStatus) -> str:
    """Return the second, and where it is known the position in the write-ahead log, to restore a database to."""
    return f"{backup.recovery_time}, LSN {backup.recovery_lsn}" if backup.recovery_lsn else f"{backup.recovery_time}"


def way_back(facts: RunObserved, reason: Reason) -> str:
    """Return the words to restore to, where a migration may have changed the database and a point was recorded."""
    backup = facts.status.backup
    if backup is None or backup.recovery_time is None or reason not in _MAY_HAVE_CHANGED:
        return ""
    return f"To undo what it did, restore to {restore_point(backup)}. "


def empty_database(facts: RunObserved) -> str:
    """Say what to do about a database without tables: the very next run accepts it."""
    flow = facts.spec.flow_ref
    accept = "create another MigrationRun with spec.acceptEmptyDatabase: true"
    if isinstance(flow, FlowRef):
        accept = commands.retry(facts.namespace, flow.name)
    return (
        f"the database has no tables, and an earlier backup of it had tables{_perhaps_of_another(facts.lock)}. "
        "If the Secret names another database than it should, or the tables are lost, correct or restore that first. "
        f"Then, or if the database is new on purpose: {accept}"
    )


def _perhaps_of_another(lock: LockFacts | Absent) -> str:
    """Say so where it is not known whether that was in this namespace, or in one of its name that was deleted since."""
    known = lock is not ABSENT and lock.namespace_uid and lock.tables_namespace_uid
    return "" if known else " (perhaps in a namespace of this name that was deleted since)"


def go_on(facts: RunObserved) -> str:
    """Return the command that starts another run."""
    flow = facts.spec.flow_ref
    if isinstance(flow, FlowRef):
        return f"Then: {commands.retry(facts.namespace, flow.name)}"
    return "Then create another MigrationRun with spec.acceptUnknownDatabase: true"
