"""Gate Approved: a person lets a run migrate, where its flow says so."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.migration_run import FlowRef
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.gates import GateResult
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.record import RunResult


def migration_is_approved(facts: RunObserved) -> RunResult:
    """Wait for a person, where the flow says so; the approval names the run and holds for it alone."""
    ref, flow = facts.spec.flow_ref, facts.flow
    if flow is not ABSENT and flow.approved:
        return GateResult(Opened(), facts.status)
    name = ref.name if isinstance(ref, FlowRef) else "FLOW"
    command = commands.approve(facts.namespace, name, facts.name)
    backup = "The backup is good" if facts.spec.backup.is_taken else "No backup is taken"
    message = f"{backup}. Approve the migration: {command}"
    return GateResult(Waiting(Reason.AWAITING_APPROVAL, message), facts.status)
