"""Decide the next step of a ReleaseFlow.

A flow is a row of gates, and they open in order:

    TargetsFound -> (RunnerReady) -> RunSucceeded -> Approved -> (BeforePromotionDone) -> Promoted -> RolledOut
    -> (AfterRolloutDone)

With `runIn: Startup` the first target migrates as it starts, so it is moved before the run has succeeded:

    TargetsFound -> RunReady -> Started -> RunSucceeded -> Approved -> ...

The gates of hooks are there only where the flow has such hooks. Without targets there is only (RunnerReady and)
RunSucceeded, and something else puts the image into the workloads. A flow that follows its targets ends with
RunSucceeded too: they have the image already. Only the first closed gate gives the result, so nothing behind it can
act. Between releases the flow is idle: it starts the next release, or reports why it does not. The hooks of onFailure
run beside all that, once a release has failed, and so does its contract once it is released.
"""

from dataclasses import replace

from releaseflow.api import commands
from releaseflow.api.v1alpha1.promotion import Mode
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import TargetStatus, TargetStep
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Decision, Stopped, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.flow.commands import NewCommands, new_commands, with_handled_commands
from releaseflow.core.flow.contract import with_contract
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.failure_hooks import with_failure_hooks, with_seen_failure_hooks
from releaseflow.core.flow.fences import highest_fence
from releaseflow.core.flow.follow import wanted_image, why_unusable, with_followed
from releaseflow.core.flow.gates import TARGETS_FOUND, FlowEvaluation, evaluate_release
from releaseflow.core.flow.held import needs_policies, why_mixed
from releaseflow.core.flow.hints import resume, retry
from releaseflow.core.flow.history import (
    new_release,
    with_late_finding,
    with_late_outcomes,
    with_new_release,
    with_release,
)
from releaseflow.core.flow.idle import evaluate_idle
from releaseflow.core.flow.resume import with_resumed
from releaseflow.core.flow.selection import unfit_selection
from releaseflow.core.flow.status import status_of
from releaseflow.core.flow.triggers import next_sequence, next_trigger
from releaseflow.core.gates import Evaluation, GateResult, decision_of


def decide(facts: FlowObserved) -> Decision[ReleaseFlowStatus, FlowAction]:
    """Return the status of a flow, and the one action to take."""
    if facts.deleting:
        return Decision(facts.status)
    ask = new_commands(facts)
    status = with_followed(facts, _align_targets(facts, with_handled_commands(facts)))
    status = with_late_outcomes(facts, status)
    continued = facts.with_status(with_late_finding(facts, status))
    continued = continued.with_status(with_seen_failure_hooks(continued))
    evaluation = _stop_without_policies(continued) if _lacks_policies(continued) else _evaluate(continued, ask)
    decision = decision_of(facts, evaluation, status_of)
    decision = with_resumed(continued, with_contract(continued, with_failure_hooks(continued, decision)))
    return replace(decision, requires_live_read=decision.requires_live_read or _answers_new_spec(facts))


def _answers_new_spec(facts: FlowObserved) -> bool:
    """Whether targets that name the image may have been written just before a spec that was not seen yet.

    Who applied both waits for what is said of that spec. It must not be said of targets as they were before.
    """
    return facts.spec.mode is not Mode.PROMOTE and facts.generation != facts.status.observed_generation


def _evaluate(facts: FlowObserved, ask: NewCommands) -> FlowEvaluation:
    """Go on with the release under way, or see whether another is to be started."""
    release = facts.status.release
    if release is None:
        return _evaluate_new_flow(facts, ask)
    if highest_fence(facts) > release.sequence:
        return _stop_status_lost(facts, ask, "A target carries a newer release than the status knows of")
    if release.outcome is None:
        return _continue_release(facts, ask)
    trigger = next_trigger(facts, release, ask)
    if trigger is None or (trigger is Trigger.RETRY and facts.spec.suspend and ask.retry):
        return evaluate_idle(facts, release)
    if facts.spec.suspend:
        return _wait_while_suspended(facts, f"{wanted_image(facts)} is not released yet")
    return _begin_release(facts, trigger)


def _evaluate_new_flow(facts: FlowObserved, ask: NewCommands) -> FlowEvaluation:
    """Start the first release, unless targets or runs show that the status lost an earlier one."""
    if highest_fence(facts) > 0 or facts.runs:
        return _stop_status_lost(facts, ask, _empty_status_message(facts))
    if facts.spec.suspend:
        return _wait_while_suspended(facts, f"{wanted_image(facts) or 'What its targets have'} is not checked yet")
    return _begin_release(facts, Trigger.FIRST_SIGHT)


def _empty_status_message(facts: FlowObserved) -> str:
    return f"The status is empty, but there were releases of this flow. See: {commands.show_runs(facts.namespace)}"


def _stop_status_lost(facts: FlowObserved, ask: NewCommands, why: str) -> FlowEvaluation:
    """Stop where the status knows less than the cluster, until a person says that the flow may go on."""
    if ask.retry:
        return _begin_release(facts, Trigger.RETRY)
    return Evaluation((), "", GateResult(Stopped(Reason.STATUS_LOST, f"{why}. {retry(facts)}"), facts.status))


def _lacks_policies(facts: FlowObserved) -> bool:
    """Whether nothing holds images back, so that no release may begin."""
    return bool(facts.missing_policies) and needs_policies(facts.spec, facts.status)


def _stop_without_policies(facts: FlowObserved) -> FlowEvaluation:
    """Promise nothing while no admission policy holds images back; what is held already stays so."""
    message = (
        f"With mode Gate admission holds new images back, and the cluster lacks {', '.join(facts.missing_policies)}:"
        " new images serve before their migration. Needed are Kubernetes 1.36 and the chart's gate.policy: Always; or"
        f" write mode: Promote. See: {commands.SHOW_GATE_POLICIES}"
    )
    return Evaluation((), "", GateResult(Stopped(Reason.GATE_NOT_INSTALLED, message[:LONGEST_MESSAGE]), facts.status))


def _wait_while_suspended(facts: FlowObserved, why: str) -> FlowEvaluation:
    verdict = Waiting[FlowAction](Reason.SUSPENDED, f"{why}: the flow is suspended. Go on: {resume(facts)}")
    return Evaluation((), "", GateResult(verdict, facts.status))


def _continue_release(facts: FlowObserved, ask: NewCommands) -> FlowEvaluation:
    """Go on with a release; it can be aborted as long as there is a promotion to withhold, or a run to end."""
    withheld = any(status.step is TargetStep.PENDING for status in facts.status.targets)
    if ask.abort and (withheld or not facts.spec.has_targets):
        facts = facts.with_status(with_release(facts.status, aborted=True))
    return evaluate_release(facts)


def _begin_release(facts: FlowObserved, trigger: Trigger) -> FlowEvaluation:
    """Record the intent of a release, and evaluate its gates for what to report."""
    image = wanted_image(facts)
    unfit = unfit_selection(facts)
    if unfit is not ABSENT:
        return Evaluation((), TARGETS_FOUND.condition, unfit)
    if not image:
        return Evaluation((), TARGETS_FOUND.condition, TARGETS_FOUND.check(facts))
    unusable = why_unusable(facts.spec, image) or why_mixed(facts, image)
    if unusable:
        return Evaluation(
            (), TARGETS_FOUND.condition, GateResult(Stopped(Reason.IMAGE_INVALID, unusable), facts.status)
        )
    release = new_release(facts, next_sequence(facts), trigger)
    return evaluate_release(replace(facts.with_status(with_new_release(facts, release)), run=ABSENT))


def _align_targets(facts: FlowObserved, status: ReleaseFlowStatus) -> ReleaseFlowStatus:
    """Return the record with one entry for each target of the spec, in its order."""
    old = {(t.kind, t.name): t for t in status.targets}
    fresh = tuple(old.get((t.kind, t.name), TargetStatus(kind=t.kind, name=t.name)) for t in facts.spec.targets)
    return status.model_copy(update={"targets": fresh})
