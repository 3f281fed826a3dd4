"""Gate RolledOut: the pods of each target run the image that was promoted."""

from datetime import timedelta

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.containers import all_have, live_images
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.flow.failures import image_change_failure, rollout_failure
from releaseflow.core.flow.held import is_gated
from releaseflow.core.flow.hints import names_of, paused_message
from releaseflow.core.flow.history import FlowResult, fail_release, with_target
from releaseflow.core.flow.rollback import hold_or_turn_back
from releaseflow.core.flow.targets import names_of_targets, wait_for_target
from releaseflow.core.gates import GateResult
from releaseflow.core.timestamps import moment, timestamp
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout


def targets_are_rolled_out(facts: FlowObserved, release: Release) -> FlowResult:
    """Watch every target that was not seen rolled out yet; of the others only that they keep the image.

    One that was rolled out may be scaled, and makes pods again: that is not the release's concern.
    """
    row = enumerate(facts.status.targets)
    left = tuple(index for index, known in row if known.step is not TargetStep.ROLLED_OUT)
    return follow_rollouts(facts, release, left) if left else _all_keep_it(facts, release)


def follow_rollouts(facts: FlowObserved, release: Release, moved: tuple[int, ...]) -> FlowResult:
    """Watch targets that were moved, and open once all are rolled out; one that does not come up ends the release."""
    for index in moved:
        spec, target = facts.spec.targets[index], facts.targets[index]
        if target is ABSENT:
            return wait_for_target(facts, spec)
        live = live_images(spec, facts.status.targets[index], target)
        if all_have(live, release.image):
            facts = facts.with_status(_with_progress(facts, index, target))
        elif is_gated(facts.spec):
            facts = facts.with_status(with_target(facts.status, index, step=TargetStep.ROLLED_OUT))
        else:
            return fail_release(facts.status, image_change_failure(facts, target, live))
    return _result(facts, release, moved)


def _all_keep_it(facts: FlowObserved, release: Release) -> FlowResult:
    """Fail for an image that somebody else wrote into a target once all were rolled out; else leave it at that."""
    for spec, status, target in zip(facts.spec.targets, facts.status.targets, facts.targets, strict=True):
        if target is ABSENT or is_gated(facts.spec):
            continue
        live = live_images(spec, status, target)
        if not all_have(live, release.image):
            return fail_release(facts.status, image_change_failure(facts, target, live))
    return GateResult(Opened(), facts.status)


def _with_progress(facts: FlowObserved, index: int, target: TargetFacts) -> ReleaseFlowStatus:
    """Return the record of a target with how far it is; while it is paused, no time is counted."""
    match target.rollout:
        case Rollout.COMPLETE:
            return with_target(facts.status, index, step=TargetStep.ROLLED_OUT)
        case Rollout.FAILED:
            return with_target(facts.status, index, step=TargetStep.FAILED)
        case Rollout.PAUSED:
            return with_target(facts.status, index, step=TargetStep.PROMOTED, promoted_time=None)
        case Rollout.UNOBSERVED | Rollout.PROGRESSING:
            late = _seconds_left(facts, index) <= 0
            since = facts.status.targets[index].promoted_time or timestamp(facts.now)
            step = TargetStep.FAILED if late else TargetStep.PROMOTED
            return with_target(facts.status, index, step=step, promoted_time=since)


def _seconds_left(facts: FlowObserved, index: int) -> float:
    """Return how long a target may go on rolling out; all of its time where it was paused until now."""
    since = facts.status.targets[index].promoted_time
    deadline = timedelta(seconds=facts.spec.promotion.progress_deadline_seconds)
    return ((moment(since) if since else facts.now) + deadline - facts.now).total_seconds()


def _result(facts: FlowObserved, release: Release, moved: tuple[int, ...]) -> FlowResult:
    """Return what the targets lead to together: a failure comes before a pause, and a pause before those on the way."""
    going = [index for index in moved if facts.status.targets[index].step is TargetStep.PROMOTED]
    on_the_way = _seen(facts, going)
    failed = _seen(facts, [index for index in moved if facts.status.targets[index].step is TargetStep.FAILED])
    if failed:
        return hold_or_turn_back(facts, release, rollout_failure(facts, release, failed, on_the_way))
    if not going:
        return GateResult(_open_or_drift(facts, release), facts.status)
    paused = [target for target in on_the_way if target.rollout is Rollout.PAUSED]
    if paused:
        message = paused_message(*paused, *(target for target in on_the_way if target not in paused))
        return GateResult(Waiting(Reason.TARGET_PAUSED, message), facts.status)
    first = on_the_way[0]
    follow = WORKLOADS[first.kind].follow(facts.namespace, first.name)
    left = min(_seconds_left(facts, index) for index in going)
    message = f"Rolling out {names_of(on_the_way)}. Follow it: {follow}"
    return GateResult(Waiting(Reason.ROLLING_OUT, message, requeue_after=left), facts.status)


def _seen(facts: FlowObserved, moved: list[int]) -> list[TargetFacts]:
    return [target for index in moved if (target := facts.targets[index]) is not ABSENT]


def open_rolled_out(facts: FlowObserved, release: Release) -> Opened:
    """Say that the image runs in all targets."""
    return Opened(message=f"{release.image} runs in {names_of_targets(facts)}"[:LONGEST_MESSAGE])


def _open_or_drift(facts: FlowObserved, release: Release) -> Opened:
    """Say so where the pods run other bytes than those that migrated: a tag was moved in between."""
    migrated = facts.run.image_id if facts.run is not ABSENT else ""
    for target in facts.targets if migrated else ():
        if target is not ABSENT and (others := set(target.image_ids) - {migrated}):
            message = f"The migration ran {migrated}, the pods of {target.name} run {', '.join(sorted(others))}"
            return Opened(Reason.IMAGE_DRIFT, message[:LONGEST_MESSAGE])
    return open_rolled_out(facts, release)
