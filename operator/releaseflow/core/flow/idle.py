"""A flow between releases: is another one wanted, and is everything as the last one left it?"""

from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.conditions import READY, condition
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import DeleteRun, FlowAction
from releaseflow.core.flow.commands import NewCommands
from releaseflow.core.flow.containers import live_images, were_changed
from releaseflow.core.flow.facts import FlowObserved, RunForFlow, TargetFacts
from releaseflow.core.flow.gates import GATES, ROLLED_OUT, TARGETS_FOUND, FlowEvaluation
from releaseflow.core.flow.hints import paused_message
from releaseflow.core.flow.history import database_hash, end_message
from releaseflow.core.flow.rollback import rollout_failure
from releaseflow.core.flow.rollout import open_rolled_out
from releaseflow.core.flow.targets import (
    bypass_failure,
    find_bypassed,
    highest_fence,
    image_change_failure,
    is_taken,
    next_fence,
    replacement_failure,
    target_taken_message,
    targets_are_found,
)
from releaseflow.core.gates import Evaluation, GateResult
from releaseflow.core.outcomes import BEFORE_THE_DATABASE, DATABASE_IS_UNKNOWN
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout

UNTIL_ROLLED_OUT = frozenset({Reason.IMAGE_CHANGED_OUTSIDE, Reason.ROLLING_OUT, Reason.ROLLOUT_FAILED})
"""What Ready says of a flow at rest until its pods were seen to run the released image again."""


def next_trigger(facts: FlowObserved, release: Release, ask: NewCommands) -> Trigger | None:
    """Return why another release is to be started, if one is."""
    if ask.retry and _may_be_repaired(facts, release):
        return Trigger.RETRY
    if _needs_a_person(facts, release) or not isinstance(interference(facts, release), Absent):
        return None
    if release.outcome is Outcome.SUPERSEDED and release.trigger is Trigger.RETRY and release.run_outcome is None:
        return Trigger.RETRY
    if release.outcome is Outcome.SUPERSEDED or facts.spec.image != release.image:
        return Trigger.NEW_IMAGE
    if database_hash(facts.spec.database) != release.database_hash:
        return Trigger.DATABASE_CHANGED
    return None


def _may_be_repaired(facts: FlowObserved, release: Release) -> bool:
    """Whether there is anything that a retry might repair."""
    if release.outcome is not Outcome.RELEASED or not isinstance(interference(facts, release), Absent):
        return True
    unsettled = _first_not_rolled_out(facts)
    return unsettled is not ABSENT and unsettled.rollout is Rollout.FAILED


def next_sequence(facts: FlowObserved) -> int:
    """Return a sequence above every one that was ever written anywhere."""
    runs = max((run.sequence for run in facts.runs), default=0)
    release = facts.status.release
    recorded = 0 if release is None else release.sequence
    return max(facts.status.sequence, recorded, highest_fence(facts), runs) + 1


def evaluate_idle(facts: FlowObserved, release: Release) -> FlowEvaluation:
    """Say how the last release ended, and keep the targets fenced and the history short."""
    found = targets_are_found(facts)
    if release.outcome is Outcome.RELEASED and isinstance(found.verdict, Waiting | Stopped):
        return Evaluation((), TARGETS_FOUND.condition, found)
    trouble = interference(facts, release)
    if not isinstance(trouble, Absent) and not _needs_a_person(facts, release):
        return Evaluation((), "", GateResult(Stopped(trouble.reason, trouble.hint), facts.status))
    if release.outcome is not Outcome.RELEASED:
        reason = release.outcome_reason or Reason.RUN_FAILED
        return Evaluation((), "", GateResult(Stopped(reason, end_message(facts, facts.status)), facts.status))
    unsettled = _first_not_rolled_out(facts)
    last = open_rolled_out(facts, release) if _is_rolling_out_again(facts) else Opened()
    opened = (*((gate.condition, Opened()) for gate in GATES[:-1]), (ROLLED_OUT.condition, last))
    if unsettled is not ABSENT:
        return Evaluation(
            opened[:-1], ROLLED_OUT.condition, GateResult(_report_rollout(facts, release, unsettled), facts.status)
        )
    action = _upkeep(facts, release)
    if isinstance(action, Absent):
        return Evaluation(opened, "", GateResult(Opened(Reason.RELEASED, f"{release.image} is released"), facts.status))
    return Evaluation(
        opened, "", GateResult(Waiting(Reason.RELEASED, f"{release.image} is released", action), facts.status)
    )


def _is_rolling_out_again(facts: FlowObserved) -> bool:
    """Whether somebody put an image back that had been changed outside, and its pods were not seen to be back yet."""
    ready = condition(facts.status.conditions, READY)
    return ready is not None and ready.reason in UNTIL_ROLLED_OUT


def _first_not_rolled_out(facts: FlowObserved) -> TargetFacts | Absent:
    """Return a target whose pods are not back yet; one that does not come up before one that is on its way."""
    there = [target for target in facts.targets if target is not ABSENT and target.rollout is not Rollout.COMPLETE]
    there.sort(key=lambda target: target.rollout is not Rollout.FAILED)
    return there[0] if there and _is_rolling_out_again(facts) else ABSENT


def _report_rollout(facts: FlowObserved, release: Release, target: TargetFacts) -> Waiting[FlowAction] | Stopped:
    if target.rollout is Rollout.FAILED:
        failure = rollout_failure(facts, release, target)
        return Stopped(failure.reason, failure.hint)
    if target.rollout is Rollout.PAUSED:
        return Waiting(Reason.ROLLING_OUT, paused_message(target))
    follow = WORKLOADS[target.kind].follow(facts.namespace, target.name)
    return Waiting(Reason.ROLLING_OUT, f"{target.kind} {target.name} rolls out the image that was put back: {follow}")


def interference(facts: FlowObserved, release: Release) -> Failure | Absent:
    """Return what another client did to a target; it is reported until that is undone, or a person retries."""
    passed = find_bypassed(facts, facts.spec.image) if facts.spec.image != release.image else ABSENT
    if passed is not ABSENT:
        return bypass_failure(facts, passed, facts.spec.image)
    if release.outcome is not Outcome.RELEASED:
        return ABSENT
    for spec, status, target in zip(facts.spec.targets, facts.status.targets, facts.targets, strict=True):
        if target is ABSENT or not status.uid or status.step is not TargetStep.ROLLED_OUT:
            continue
        if is_taken(facts, target):
            return Failure(
                step="FindTargets", reason=Reason.TARGET_TAKEN, hint=target_taken_message(facts.namespace, target)
            )
        if status.uid != target.uid:
            return replacement_failure(facts, target)
        live = live_images(spec, status, target)
        if were_changed(status, live):
            return image_change_failure(facts, target, live)
    return ABSENT


def _needs_a_person(facts: FlowObserved, release: Release) -> bool:
    """Whether the last release left the database in a state that only a person can judge."""
    failure = facts.status.failure
    if release.outcome is not Outcome.FAILED or failure is None:
        return False
    migrating = failure.step == "Migrate" and failure.reason not in BEFORE_THE_DATABASE
    return migrating or failure.reason in DATABASE_IS_UNKNOWN


def _upkeep(facts: FlowObserved, release: Release) -> FlowAction | Absent:
    """Return what keeps a released flow in order: lost fences, and runs beyond the history limit."""
    fence = next_fence(facts, release)
    return _oldest_run(facts) if isinstance(fence, Absent) else fence


def _oldest_run(facts: FlowObserved) -> DeleteRun | Absent:
    """Return the oldest finished run beyond the history that holds no backup which is still kept."""
    finished = [run for run in facts.runs if not isinstance(run.outcome, Absent) and not run.deleting]
    newest_first = sorted(finished, key=lambda run: run.sequence, reverse=True)
    for run in reversed(newest_first[facts.spec.history_limit :]):
        if not run.backed_up or _is_pruned(facts, run, newest_first):
            return DeleteRun(run.name, run.uid, run.resource_version)
    return ABSENT


def _is_pruned(facts: FlowObserved, run: RunForFlow, finished: list[RunForFlow]) -> bool:
    """Whether so many newer runs hold a backup that one of them had to prune this one's."""
    newer = [other for other in finished if other.backed_up and other.sequence > run.sequence]
    return len(newer) > facts.spec.backup.retain
