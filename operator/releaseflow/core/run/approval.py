"""Gate Approved: a person lets a run migrate, where its spec says so, and the lock is given back while it waits.

An unanswered question must not hold up other flows, and a backup must not age while people sleep. So the run records
that it asks, then gives the lock back. Once approved it records that, takes the lock again, and asks its check again:
another run may have migrated the database in between.

That it was approved is recorded only where live reads show the lock as not its own. A write that gives the lock back
and arrives late then finds another version of the Lease, and fails. An approval is an act: what becomes of the
annotation afterwards does not matter, and who changes his mind aborts the release.
"""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.migration_run import FlowRef, MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.gates import GateResult
from releaseflow.core.run.cleanup import free_lock, is_at_work
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.record import RunResult, is_lock_given_back, with_another_question
from releaseflow.core.timestamps import timestamp


def migration_is_approved(facts: RunObserved) -> RunResult:
    """Wait for a person, where the spec says so; the approval names the run and holds for it alone."""
    if facts.status.approval_time is not None:
        return GateResult(Opened(), facts.status)
    if is_lock_given_back(facts.status):
        return _wait_without_lock(facts)
    if _is_approved(facts):
        return GateResult(Opened(), _record(facts, "approval_time"))
    return GateResult(Waiting(Reason.AWAITING_APPROVAL, _message(facts)), _record(facts, "approval_request_time"))


def _wait_without_lock(facts: RunObserved) -> RunResult:
    """Give the lock back and, once a person has approved, record that it is taken again and the check asked again."""
    lock = facts.lock
    if lock is not ABSENT and lock.holder_uid == facts.uid:
        action = ABSENT if is_at_work(facts) else free_lock(facts, lock)
        return GateResult(Waiting(Reason.AWAITING_APPROVAL, _message(facts), action), facts.status)
    if not _is_approved(facts):
        return GateResult(Waiting(Reason.AWAITING_APPROVAL, _message(facts)), facts.status)
    again = with_another_question(facts.with_status(_record(facts, "approval_time")), StepType.CHECK)
    message = "Approved: taking the database's lock again, and asking the check again"
    return GateResult(Waiting(Reason.STARTING, message, requires_live_read=True), again)


def _record(facts: RunObserved, field: str) -> MigrationRunStatus:
    return facts.status.model_copy(update={field: timestamp(facts.now)})


def _is_approved(facts: RunObserved) -> bool:
    """A flow's annotation speaks for its runs; a run made by hand has one of its own."""
    if facts.spec.flow_ref is None:
        return facts.approved
    return facts.flow is not ABSENT and facts.flow.approved


def _message(facts: RunObserved) -> str:
    ref, name = facts.spec.flow_ref, facts.name
    command = commands.approve_run(facts.namespace, name)
    if isinstance(ref, FlowRef):
        command = commands.approve(facts.namespace, ref.name, name)
    backup = "Nothing is changed yet; a backup is taken first" if facts.spec.backup.is_taken else "No backup is taken"
    return f"{backup}. Approve the migration: {command}"
