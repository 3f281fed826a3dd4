"""Gate RolledOut: the pods of each target run the image that was promoted."""

from datetime import timedelta

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.conditions import LONGEST_MESSAGE, READY, condition
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.containers import Images, all_have, live_images
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.flow.failures import image_change_failure
from releaseflow.core.flow.held import is_gated
from releaseflow.core.flow.hints import paused_message
from releaseflow.core.flow.history import FlowResult, fail_release, with_target
from releaseflow.core.flow.rollback import handle_failed_rollout
from releaseflow.core.flow.targets import names_of_targets
from releaseflow.core.gates import GateResult
from releaseflow.core.timestamps import moment, timestamp
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout


def last_target_is_rolled_out(facts: FlowObserved, release: Release) -> FlowResult:
    """Watch the last target; those before it were rolled out before it was moved."""
    return follow_rollout(facts, release, len(facts.status.targets) - 1)


def follow_rollout(facts: FlowObserved, release: Release, index: int) -> FlowResult:
    """Watch a target that was moved."""
    spec, target = facts.spec.targets[index], facts.targets[index]
    if target is ABSENT:
        return GateResult(Waiting(Reason.TARGET_NOT_FOUND, f"Waiting for {spec.kind} {spec.name}"), facts.status)
    live = live_images(spec, facts.status.targets[index], target)
    if not all_have(live, release.image):
        return _no_longer_has_it(facts, index, target, live)
    match target.rollout:
        case Rollout.COMPLETE:
            status = with_target(facts.status, index, step=TargetStep.ROLLED_OUT)
            return GateResult(_open_or_drift(facts, release, target), status)
        case Rollout.FAILED:
            return handle_failed_rollout(facts, release, index, target)
        case Rollout.PAUSED:
            message = paused_message(target)
            return GateResult(Waiting(Reason.TARGET_PAUSED, message), facts.status)
        case Rollout.UNOBSERVED | Rollout.PROGRESSING:
            return _wait_for_rollout(facts, release, index, target)


def _no_longer_has_it(facts: FlowObserved, index: int, target: TargetFacts, live: Images) -> FlowResult:
    """Fail for an image that somebody else wrote; where admission holds that one back, it is the next release's."""
    if is_gated(facts.spec):
        return GateResult(Opened(), with_target(facts.status, index, step=TargetStep.ROLLED_OUT))
    return fail_release(facts.status, image_change_failure(facts, target, live))


def _was_paused(facts: FlowObserved) -> bool:
    ready = condition(facts.status.conditions, READY)
    return ready is not None and ready.reason is Reason.TARGET_PAUSED


def _wait_for_rollout(facts: FlowObserved, release: Release, index: int, target: TargetFacts) -> FlowResult:
    """Wait for a rollout as long as the flow says; while it was paused, no time was counted."""
    if _was_paused(facts):
        facts = facts.with_status(with_target(facts.status, index, promoted_time=timestamp(facts.now)))
    spec, status = facts.spec.targets[index], facts.status.targets[index]
    deadline = timedelta(seconds=facts.spec.promotion.progress_deadline_seconds)
    since = moment(status.promoted_time) if status.promoted_time else facts.now
    remaining = (since + deadline - facts.now).total_seconds()
    if remaining <= 0:
        return handle_failed_rollout(facts, release, index, target)
    follow = WORKLOADS[spec.kind].follow(facts.namespace, spec.name)
    message = f"Rolling out {spec.kind} {spec.name}. Follow it: {follow}"
    return GateResult(Waiting(Reason.ROLLING_OUT, message, requeue_after=remaining), facts.status)


def open_rolled_out(facts: FlowObserved, release: Release) -> Opened:
    """Say that the image runs in all targets."""
    return Opened(message=f"{release.image} runs in {names_of_targets(facts)}"[:LONGEST_MESSAGE])


def _open_or_drift(facts: FlowObserved, release: Release, target: TargetFacts) -> Opened:
    """Say so where the pods run other bytes than those that migrated: a tag was moved in between."""
    migrated = facts.run.image_id if facts.run is not ABSENT else ""
    others = {image for image in target.image_ids if image != migrated}
    if not migrated or not others:
        return open_rolled_out(facts, release)
    return Opened(
        Reason.IMAGE_DRIFT, f"The migration ran {migrated}, the pods of {target.name} run {', '.join(sorted(others))}"
    )
