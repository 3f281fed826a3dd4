"""Decide the next step of a ReleaseFlow.

A flow is a row of gates, and they open in order:

    TargetsFound -> RunSucceeded -> Approved -> Promoted -> RolledOut

Only the first closed gate gives the result, so nothing behind it can act. Between releases the flow is idle: it starts
the next release, or reports why it does not.
"""

from dataclasses import replace

from releaseflow.api import commands
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release, Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import TargetStatus, TargetStep
from releaseflow.core.decision import Decision, Stopped, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.flow.commands import Asked, asked, echoed
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.gates import Walk, walk
from releaseflow.core.flow.hints import resume, retry
from releaseflow.core.flow.history import Turn, begun, started, with_late_outcomes, with_record, with_release
from releaseflow.core.flow.idle import at_rest, is_wanted, next_sequence
from releaseflow.core.flow.status import status_of
from releaseflow.core.flow.targets import highest_fence
from releaseflow.core.rejection import with_refusal


def decide(seen: FlowObserved) -> Decision[ReleaseFlowStatus, FlowAction]:
    """Return the status of a flow, and the one action to take."""
    if seen.deleting:
        return Decision(seen.status)
    ask = asked(seen)
    known = with_record(seen, with_late_outcomes(seen, _aligned(seen, echoed(seen))))
    return _decision(seen, _walked(known, ask))


def _walked(seen: FlowObserved, ask: Asked) -> Walk:
    """Go on with the release under way, or see whether another is to be started."""
    release = seen.status.release
    if release is None:
        return _at_first_sight(seen, ask)
    if highest_fence(seen) > release.sequence:
        return _lost(seen, ask, "A target carries a newer release than the status knows of")
    if release.outcome is None:
        return _under_way(seen, release, ask)
    trigger = is_wanted(seen, release, ask)
    if trigger is None or (trigger is Trigger.RETRY and seen.spec.suspend and ask.retry):
        return at_rest(seen, release)
    if seen.spec.suspend:
        return _suspended(seen, f"{seen.spec.image} is not released yet")
    return _begun(seen, trigger)


def _at_first_sight(seen: FlowObserved, ask: Asked) -> Walk:
    """Start the first release, unless targets or runs show that the status lost an earlier one."""
    if highest_fence(seen) > 0 or seen.runs:
        return _lost(seen, ask, _forgotten(seen))
    if seen.spec.suspend:
        return _suspended(seen, f"{seen.spec.image} is not checked yet")
    return _begun(seen, Trigger.FIRST_SIGHT)


def _forgotten(seen: FlowObserved) -> str:
    return f"The status is empty, but there were releases of this flow. See: {commands.show_runs(seen.namespace)}"


def _lost(seen: FlowObserved, ask: Asked, why: str) -> Walk:
    """Stop where the status knows less than the cluster, until a person says that the flow may go on."""
    if ask.retry:
        return _begun(seen, Trigger.RETRY)
    return Walk((), None, Turn(Stopped(Reason.STATUS_LOST, f"{why}. {retry(seen)}"), seen.status))


def _suspended(seen: FlowObserved, why: str) -> Walk:
    verdict = Waiting[FlowAction](Reason.SUSPENDED, f"{why}: the flow is suspended. Go on: {resume(seen)}")
    return Walk((), None, Turn(verdict, seen.status))


def _under_way(seen: FlowObserved, release: Release, ask: Asked) -> Walk:
    """Go on with a release; it can be aborted as long as there is a promotion to withhold."""
    withheld = any(known.step is TargetStep.PENDING for known in seen.status.targets)
    if ask.abort and withheld:
        seen = with_record(seen, with_release(seen.status, aborted=True))
        release = release.model_copy(update={"aborted": True})
    return walk(seen, release)


def _begun(seen: FlowObserved, trigger: Trigger) -> Walk:
    """Record the intent of a release, and walk along its gates for what to report."""
    release = begun(seen, next_sequence(seen), trigger)
    return walk(replace(with_record(seen, started(seen, release)), run=ABSENT), release)


def _aligned(seen: FlowObserved, record: ReleaseFlowStatus) -> ReleaseFlowStatus:
    """Return the record with one entry for each target of the spec, in its order."""
    known = {(target.kind, target.name): target for target in record.targets}
    fresh = tuple(known.get((t.kind, t.name), TargetStatus(kind=t.kind, name=t.name)) for t in seen.spec.targets)
    return record.model_copy(update={"targets": fresh})


def _decision(seen: FlowObserved, found: Walk) -> Decision[ReleaseFlowStatus, FlowAction]:
    """Say what to report and what to do."""
    verdict = with_refusal(found.turn.verdict, seen.refused)
    status = status_of(seen, replace(found, turn=replace(found.turn, verdict=verdict)))
    if isinstance(verdict, Waiting):
        return Decision(status, verdict.action, look_again=verdict.look_again)
    return Decision(status, requires_live_read=verdict.requires_live_read)
