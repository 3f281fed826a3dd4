"""A flow between releases: how the last one ended, and whether everything is as it left it."""

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.core.conditions import LONGEST_MESSAGE, READY, condition
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.flow.failure_hooks import note_on_failure_hooks
from releaseflow.core.flow.failures import rollout_failure
from releaseflow.core.flow.follow import follows_targets
from releaseflow.core.flow.gates import ROLLED_OUT, TARGETS_FOUND, FlowEvaluation, gates_that_opened
from releaseflow.core.flow.hints import paused_message
from releaseflow.core.flow.history import FlowResult, end_message, released_message
from releaseflow.core.flow.interference import interference, needs_a_person
from releaseflow.core.flow.rollout import open_rolled_out
from releaseflow.core.flow.targets import targets_are_found
from releaseflow.core.flow.upkeep import next_upkeep
from releaseflow.core.gates import Evaluation, GateResult
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout

UNTIL_ROLLED_OUT = frozenset(
    {Reason.IMAGE_CHANGED_OUTSIDE, Reason.ROLLING_OUT, Reason.TARGET_PAUSED, Reason.ROLLOUT_FAILED}
)
"""What Ready says of a flow at rest until its pods were seen to run the released image again."""


def evaluate_idle(facts: FlowObserved, release: Release) -> FlowEvaluation:
    """Say how the last release ended, and keep the targets fenced and the history short."""
    found = targets_are_found(facts)
    if release.outcome is Outcome.RELEASED and isinstance(found.verdict, Waiting | Stopped):
        return Evaluation((), TARGETS_FOUND.condition, found)
    trouble = interference(facts, release)
    if trouble is not ABSENT and not needs_a_person(facts, release):
        return Evaluation((), "", GateResult(Stopped(trouble.reason, trouble.hint), facts.status))
    if release.outcome is not Outcome.RELEASED:
        reason = release.outcome_reason or Reason.RUN_FAILED
        message = f"{end_message(facts, facts.status)}{note_on_failure_hooks(facts.namespace, release)}"
        return Evaluation((), "", GateResult(Stopped(reason, message[:LONGEST_MESSAGE]), facts.status))
    unsettled = first_not_rolled_out(facts)
    last = open_rolled_out(facts, release) if _is_rolling_out_again(facts) else Opened()
    row = gates_that_opened(facts, release)
    opened = tuple((gate.condition, last if gate is ROLLED_OUT else Opened()) for gate in row)
    if unsettled is not ABSENT:
        report: FlowResult = GateResult(_report_rollout(facts, release, unsettled), facts.status)
        before = tuple(pair for pair in opened if pair[0] != ROLLED_OUT.condition)
        return Evaluation(before, ROLLED_OUT.condition, report)
    message, action = released_message(facts, release), next_upkeep(facts, release)
    if action is ABSENT:
        return Evaluation(opened, "", GateResult(Opened(Reason.RELEASED, message), facts.status))
    return Evaluation(opened, "", GateResult(Waiting(Reason.RELEASED, message, action), facts.status))


def _is_rolling_out_again(facts: FlowObserved) -> bool:
    """Whether somebody put an image back that had been changed outside, and its pods were not seen to be back yet."""
    ready = condition(facts.status.conditions, READY)
    return ready is not None and ready.reason in UNTIL_ROLLED_OUT and not follows_targets(facts.spec)


def first_not_rolled_out(facts: FlowObserved) -> TargetFacts | Absent:
    """Return a target whose pods are not back yet; one that does not come up before one that is on its way."""
    there = [target for target in facts.targets if target is not ABSENT and target.rollout is not Rollout.COMPLETE]
    there.sort(key=lambda target: target.rollout is not Rollout.FAILED)
    return there[0] if there and _is_rolling_out_again(facts) else ABSENT


def _report_rollout(facts: FlowObserved, release: Release, target: TargetFacts) -> Waiting[FlowAction] | Stopped:
    if target.rollout is Rollout.FAILED:
        failure = rollout_failure(facts, release, (target,))
        return Stopped(failure.reason, failure.hint)
    if target.rollout is Rollout.PAUSED:
        return Waiting(Reason.TARGET_PAUSED, paused_message(target))
    follow = WORKLOADS[target.kind].follow(facts.namespace, target.name)
    then = f". {target.rollout_hint}" if target.rollout_hint else ""
    message = f"{target.kind} {target.name} rolls out the image that was put back: {follow}{then}"
    return Waiting(Reason.ROLLING_OUT, message[:LONGEST_MESSAGE])
