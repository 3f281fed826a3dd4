"""Gates Promoted and RolledOut: one target after the other gets the image, each rolled out before the next."""

from datetime import timedelta

from releaseflow.api import commands
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.api.v1alpha1.release_flow import Approval
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.conditions import LONGEST_MESSAGE, READY, condition
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import SetImage
from releaseflow.core.flow.commands import approval_of_promotion
from releaseflow.core.flow.containers import (
    all_have,
    images_to_set,
    live_images,
    recorded_images,
    released_containers,
    were_changed,
    with_images,
)
from releaseflow.core.flow.facts import FlowObserved, RunForFlow, TargetFacts
from releaseflow.core.flow.hints import paused_message, resume, retry
from releaseflow.core.flow.history import FlowResult, ReleaseEnded, fail_release, with_target
from releaseflow.core.flow.rollback import handle_failed_rollout
from releaseflow.core.flow.targets import image_change_failure, names_of_targets, next_fence
from releaseflow.core.gates import GateResult
from releaseflow.core.timestamps import moment, timestamp
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout

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
    if facts.spec.image != release.image:
        return GateResult(
            ReleaseEnded(Outcome.SUPERSEDED, Reason.SUPERSEDED, f"{facts.spec.image} is wanted now"), facts.status
        )
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


def targets_are_promoted(facts: FlowObserved, release: Release) -> FlowResult:
    """Move each target, once the one before it is rolled out; the message of the open gate stays from then on."""
    opened = Opened()
    for index, status in enumerate(facts.status.targets):
        if status.step is TargetStep.ROLLED_OUT:
            continue
        if status.step is not TargetStep.PROMOTED:
            result = _promote(facts, release, index)
            if not isinstance(result.verdict, Opened):
                return result
            facts = facts.with_status(result.status)
            opened = opened if opened.reason is Reason.IMAGE_DRIFT else _open_promoted(facts, release)
        if index < len(facts.status.targets) - 1:
            result = _follow_rollout(facts, release, index)
            if not isinstance(result.verdict, Opened):
                return result
            facts = facts.with_status(result.status)
            opened = result.verdict if result.verdict.reason is Reason.IMAGE_DRIFT else opened
    return GateResult(opened, facts.status)


def _open_promoted(facts: FlowObserved, release: Release) -> Opened:
    return Opened(message=f"{release.image} is in {names_of_targets(facts)}"[:LONGEST_MESSAGE])


def last_target_is_rolled_out(facts: FlowObserved, release: Release) -> FlowResult:
    """Watch the last target; those before it were rolled out before it was moved."""
    return _follow_rollout(facts, release, len(facts.status.targets) - 1)


def _promote(facts: FlowObserved, release: Release, index: int) -> FlowResult:
    """Write the image into a target, unless it is there already."""
    spec, status, target = facts.spec.targets[index], facts.status.targets[index], facts.targets[index]
    if target is ABSENT or released_containers(spec, status, target) is ABSENT:
        return GateResult(Waiting(Reason.TARGET_NOT_FOUND, f"Waiting for {spec.kind} {spec.name}"), facts.status)
    live, restart = live_images(spec, status, target), _needs_restart(facts, release, index)
    if all_have(live, release.image) and not restart:
        promoted = with_target(
            facts.status,
            index,
            step=TargetStep.PROMOTED,
            containers=with_images(status, live),
            promoted_time=timestamp(facts.now),
        )
        return GateResult(Opened(), promoted)
    if not all_have(live, release.image) and were_changed(status, live):
        return fail_release(facts.status, image_change_failure(facts, target, live))
    message = f"Moving {spec.kind} {spec.name} to {release.image}"
    fence = next_fence(facts, release)
    if fence is not ABSENT:
        return GateResult(Waiting(Reason.PROMOTING, message, fence), facts.status)
    images, init_images = images_to_set(target, tuple((name, release.image) for name, _ in live))
    restart_for = release.sequence if restart else 0
    action = SetImage(target.kind, target.name, target.uid, target.resource_version, images, restart_for, init_images)
    return GateResult(Waiting(Reason.PROMOTING, message, action), facts.status)


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


def _follow_rollout(facts: FlowObserved, release: Release, index: int) -> FlowResult:
    """Watch a target that was moved."""
    spec, target = facts.spec.targets[index], facts.targets[index]
    if target is ABSENT:
        return GateResult(Waiting(Reason.TARGET_NOT_FOUND, f"Waiting for {spec.kind} {spec.name}"), facts.status)
    live = live_images(spec, facts.status.targets[index], target)
    if not all_have(live, release.image):
        return fail_release(facts.status, image_change_failure(facts, target, live))
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
    migrated = facts.run.image_id if isinstance(facts.run, RunForFlow) else ""
    others = {image for image in target.image_ids if image != migrated}
    if not migrated or not others:
        return open_rolled_out(facts, release)
    return Opened(
        Reason.IMAGE_DRIFT, f"The migration ran {migrated}, the pods of {target.name} run {', '.join(sorted(others))}"
    )
