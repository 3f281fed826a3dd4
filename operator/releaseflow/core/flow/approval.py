"""Gate Approved: a migrated image is promoted while it is wanted and, where asked for, a person approves."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.api.v1alpha1.release_flow import Approval
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.commands import approval_of_promotion
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.hints import resume, retry
from releaseflow.core.flow.history import FlowResult, ReleaseEnded
from releaseflow.core.flow.wanted import no_longer_wanted
from releaseflow.core.gates import GateResult

MOVED = frozenset({TargetStep.PROMOTED, TargetStep.ROLLED_OUT})


def promotion_is_approved(facts: FlowObserved, release: Release) -> FlowResult:
    """Let a migrated image go on only while it is still wanted, and where asked for, approved by a person."""
    moved = [status.name for status in facts.status.targets if status.step in MOVED]
    if release.aborted:
        message = f"{', '.join(moved)} had it already" if moved else "nothing had it yet"
        over = ReleaseEnded(
            Outcome.ABORTED, Reason.ABORTED, f"The promotion was withheld; {message}. {retry(facts)}"[:LONGEST_MESSAGE]
        )
        return GateResult(over, facts.status)
    changed = no_longer_wanted(facts, release)
    if changed is not ABSENT:
        return GateResult(changed, facts.status)
    if facts.spec.suspend and not moved:
        message = f"Migrated, not promoted: the flow is suspended. Go on: {resume(facts)}"
        return GateResult(Waiting(Reason.SUSPENDED, message), facts.status)
    asked, wanted = Approval.BEFORE_PROMOTION in facts.spec.approvals, approval_of_promotion(release)
    if asked and facts.commands.approve != wanted and not moved:
        command = commands.approve(facts.namespace, facts.name, wanted)
        return GateResult(
            Waiting(Reason.AWAITING_APPROVAL, f"Migrated. Approve the promotion: {command}"), facts.status
        )
    return GateResult(Opened(message="approved" if asked else "not asked for"), facts.status)
