"""Gate Promoted: the targets get the image one after the other, each rolled out before the next, or all at once."""

from releaseflow.api.v1alpha1.promotion import PromotionOrder
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release, Startup, Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import ResumeTarget, SetImage, StartTarget
from releaseflow.core.flow.containers import (
    Images,
    all_have,
    images_to_set,
    live_images,
    recorded_images,
    released_containers,
    were_changed,
    with_images,
)
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.failures import image_change_failure
from releaseflow.core.flow.fences import next_fence
from releaseflow.core.flow.held import is_gated
from releaseflow.core.flow.history import FlowResult, fail_release, with_target
from releaseflow.core.flow.rollout import follow_rollouts
from releaseflow.core.flow.targets import names_of_targets, wait_for_target
from releaseflow.core.gates import GateResult
from releaseflow.core.timestamps import timestamp
from releaseflow.workloads.workload import Rollout


def targets_are_promoted(facts: FlowObserved, release: Release) -> FlowResult:
    """Move the targets, in sequence each once the one before it is rolled out; what the open gate says then stays."""
    opened = Opened()
    last = len(facts.status.targets) - 1
    in_sequence = facts.spec.promotion.order is PromotionOrder.SEQUENTIAL
    for index, status in enumerate(facts.status.targets):
        if status.step is TargetStep.ROLLED_OUT:
            continue
        if status.step is not TargetStep.PROMOTED:
            move = resume_target if is_gated(facts.spec) else promote
            result = move(facts, release, index)
            if not isinstance(result.verdict, Opened):
                return result
            facts = facts.with_status(result.status)
            opened = opened if opened.reason is Reason.IMAGE_DRIFT else _open_promoted(facts, release)
        if in_sequence and index < last:
            result = follow_rollouts(facts, release, (index,))
            if not isinstance(result.verdict, Opened):
                return result
            facts = facts.with_status(result.status)
            opened = result.verdict if result.verdict.reason is Reason.IMAGE_DRIFT else opened
    return GateResult(opened, facts.status)


def _open_promoted(facts: FlowObserved, release: Release) -> Opened:
    return Opened(message=f"{release.image} is in {names_of_targets(facts)}"[:LONGEST_MESSAGE])


def promote(facts: FlowObserved, release: Release, index: int) -> FlowResult:
    """Write the image into a target, and into the first one the migration where it runs there, unless it is there."""
    spec, status, target = facts.spec.targets[index], facts.status.targets[index], facts.targets[index]
    if target is ABSENT or released_containers(spec, status, target) is ABSENT:
        return wait_for_target(facts, spec)
    starts = index == 0 and release.startup is Startup.BEGUN
    restart = target.migrates_for != release.run if starts else _needs_restart(facts, release, index)
    live = live_images(spec, status, target)
    if all_have(live, release.image) and not restart:
        return GateResult(Opened(), _with_promoted(facts, index, live))
    if not all_have(live, release.image) and were_changed(status, live):
        return fail_release(facts.status, image_change_failure(facts, target, live))
    if starts and not restart:
        return fail_release(facts.status, image_change_failure(facts, target, live))
    message = f"Moving {spec.kind} {spec.name} to {release.image}"
    fence = next_fence(facts, release)
    if fence is not ABSENT:
        return GateResult(Waiting(Reason.PROMOTING, message, fence), facts.status)
    images, init_images = images_to_set(target, tuple((name, release.image) for name, _ in live))
    at = (target.kind, target.name, target.uid, target.resource_version)
    if starts:
        action: SetImage = StartTarget(*at, images, init_images=init_images, run=release.run)
    else:
        action = SetImage(*at, images, release.sequence if restart else 0, init_images)
    return GateResult(Waiting(Reason.PROMOTING, message, action), facts.status)


def resume_target(facts: FlowObserved, release: Release, index: int) -> FlowResult:
    """Resume a target that is held with the image; one with another image is left to the release of that one."""
    spec, status, target = facts.spec.targets[index], facts.status.targets[index], facts.targets[index]
    if target is ABSENT:
        return wait_for_target(facts, spec)
    live = live_images(spec, status, target)
    if not all_have(live, release.image):
        return GateResult(Opened(), with_target(facts.status, index, step=TargetStep.ROLLED_OUT))
    restart = _needs_restart(facts, release, index)
    if not target.held and not restart:
        return GateResult(Opened(), _with_promoted(facts, index, live))
    fence = next_fence(facts, release)
    at = (target.kind, target.name, target.uid, target.resource_version)
    resumed = ResumeTarget(*at, target.mark) if target.held else SetImage(*at, images=(), restart_for=release.sequence)
    message = f"Resuming {spec.kind} {spec.name} with {release.image}"
    return GateResult(Waiting(Reason.PROMOTING, message, resumed if fence is ABSENT else fence), facts.status)


def _with_promoted(facts: FlowObserved, index: int, live: Images) -> ReleaseFlowStatus:
    """Return the record of a target that has the image."""
    containers, now = with_images(facts.status.targets[index], live), timestamp(facts.now)
    return with_target(facts.status, index, step=TargetStep.PROMOTED, containers=containers, promoted_time=now)


def _needs_restart(facts: FlowObserved, release: Release, index: int) -> bool:
    """Whether pods of the very image must be restarted: they may be in restart back-off for minutes."""
    status, target = facts.status.targets[index], facts.targets[index]
    if (
        target is ABSENT
        or not all_have(recorded_images(status), release.image)
        or target.restarted_for >= release.sequence
    ):
        return False
    again = release.trigger is Trigger.RETRY and target.rollout is not Rollout.COMPLETE
    return release.migrated or again
