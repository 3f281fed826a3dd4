"""Gates Promoted and RolledOut: one target after the other gets the image, each rolled out before the next."""

from datetime import timedelta

from releaseflow.api import commands
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.api.v1alpha1.release_flow import Approval
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.conditions import LONGEST_MESSAGE
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
from releaseflow.core.flow.facts import FlowObserved, Rollout, RunOfFlow, TargetSeen
from releaseflow.core.flow.hints import resume, retry
from releaseflow.core.flow.history import Over, Turn, failed, with_record, with_target
from releaseflow.core.flow.rollback import rollout_failed
from releaseflow.core.flow.targets import first_unfenced, image_changed, names_of_targets
from releaseflow.core.timestamps import moment, timestamp

MOVED = frozenset({TargetStep.PROMOTED, TargetStep.ROLLED_OUT})


def promotion_is_approved(seen: FlowObserved, release: Release) -> Turn:
    """Let a migrated image go on only while it is still wanted, and where asked for, approved by a person."""
    moved = [known.name for known in seen.status.targets if known.step in MOVED]
    if release.aborted:
        message = f"{', '.join(moved)} had it already" if moved else "nothing had it yet"
        over = Over(
            Outcome.ABORTED, Reason.ABORTED, f"The promotion was withheld; {message}. {retry(seen)}"[:LONGEST_MESSAGE]
        )
        return Turn(over, seen.status)
    if seen.spec.image != release.image:
        return Turn(Over(Outcome.SUPERSEDED, Reason.SUPERSEDED, f"{seen.spec.image} is wanted now"), seen.status)
    if seen.spec.suspend and not moved:
        message = f"Migrated, not promoted: the flow is suspended. Go on: {resume(seen)}"
        return Turn(Waiting(Reason.SUSPENDED, message), seen.status)
    asked, wanted = Approval.BEFORE_PROMOTION in seen.spec.approvals, approval_of_promotion(release)
    if asked and seen.commands.approve != wanted and not moved:
        command = commands.approve(seen.namespace, seen.name, wanted)
        return Turn(Waiting(Reason.AWAITING_APPROVAL, f"Migrated. Approve the promotion: {command}"), seen.status)
    return Turn(Opened(message="approved" if asked else "not asked for"), seen.status)


def targets_are_promoted(seen: FlowObserved, release: Release) -> Turn:
    """Move each target, once the one before it is rolled out; the message of the open gate stays from then on."""
    opened = Opened()
    for index, known in enumerate(seen.status.targets):
        if known.step is TargetStep.ROLLED_OUT:
            continue
        if known.step is not TargetStep.PROMOTED:
            turn = _promoted(seen, release, index)
            if not isinstance(turn.verdict, Opened):
                return turn
            seen = with_record(seen, turn.record)
            opened = opened if opened.reason is Reason.IMAGE_DRIFT else _all_moved(seen, release)
        if index < len(seen.status.targets) - 1:
            turn = _rolled_out(seen, release, index)
            if not isinstance(turn.verdict, Opened):
                return turn
            seen = with_record(seen, turn.record)
            opened = turn.verdict if turn.verdict.reason is Reason.IMAGE_DRIFT else opened
    return Turn(opened, seen.status)


def _all_moved(seen: FlowObserved, release: Release) -> Opened:
    return Opened(message=f"{release.image} is in {names_of_targets(seen)}"[:LONGEST_MESSAGE])


def last_target_is_rolled_out(seen: FlowObserved, release: Release) -> Turn:
    """Watch the last target; those before it were rolled out before it was moved."""
    return _rolled_out(seen, release, len(seen.status.targets) - 1)


def _promoted(seen: FlowObserved, release: Release, index: int) -> Turn:
    """Write the image into a target, unless it is there already."""
    target, known, here = seen.spec.targets[index], seen.status.targets[index], seen.targets[index]
    if here is ABSENT or released_containers(target, known, here) is ABSENT:
        return Turn(Waiting(Reason.TARGET_NOT_FOUND, f"Waiting for {target.kind} {target.name}"), seen.status)
    live, restart = live_images(target, known, here), _needs_restart(seen, release, index)
    if all_have(live, release.image) and not restart:
        record = with_target(
            seen.status,
            index,
            step=TargetStep.PROMOTED,
            containers=with_images(known, live),
            promoted_time=timestamp(seen.now),
        )
        return Turn(Opened(), record)
    if not all_have(live, release.image) and were_changed(known, live):
        return failed(seen.status, image_changed(seen, here, live))
    message = f"Moving {target.kind} {target.name} to {release.image}"
    fence = first_unfenced(seen, release)
    if fence is not ABSENT:
        return Turn(Waiting(Reason.PROMOTING, message, fence), seen.status)
    images, init_images = images_to_set(here, tuple((name, release.image) for name, _ in live))
    restart_for = release.sequence if restart else 0
    action = SetImage(here.name, here.uid, here.resource_version, images, restart_for, init_images)
    return Turn(Waiting(Reason.PROMOTING, message, action), seen.status)


def _needs_restart(seen: FlowObserved, release: Release, index: int) -> bool:
    """Whether pods of the very image must be restarted: they may be in restart back-off for minutes."""
    known, here = seen.status.targets[index], seen.targets[index]
    if here is ABSENT or not all_have(recorded_images(known), release.image) or here.restarted_for >= release.sequence:
        return False
    again = release.trigger is Trigger.RETRY and here.rollout is not Rollout.COMPLETE
    return release.migrated or again


def _rolled_out(seen: FlowObserved, release: Release, index: int) -> Turn:
    """Watch a target that was moved."""
    target, here = seen.spec.targets[index], seen.targets[index]
    if here is ABSENT:
        return Turn(Waiting(Reason.TARGET_NOT_FOUND, f"Waiting for {target.kind} {target.name}"), seen.status)
    live = live_images(target, seen.status.targets[index], here)
    if not all_have(live, release.image):
        return failed(seen.status, image_changed(seen, here, live))
    match here.rollout:
        case Rollout.COMPLETE:
            record = with_target(seen.status, index, step=TargetStep.ROLLED_OUT)
            return Turn(_drift(seen, release, here), record)
        case Rollout.FAILED:
            return rollout_failed(seen, release, index, here)
        case Rollout.PAUSED:
            go_on = commands.resume_rollout(seen.namespace, target.name)
            message = f"{target.kind} {target.name} is paused. Go on: {go_on}"
            return Turn(Waiting(Reason.TARGET_PAUSED, message), seen.status)
        case Rollout.UNOBSERVED | Rollout.PROGRESSING:
            return _waited(seen, release, index, here)


def _waited(seen: FlowObserved, release: Release, index: int, here: TargetSeen) -> Turn:
    """Wait for a rollout as long as the flow says."""
    target, known = seen.spec.targets[index], seen.status.targets[index]
    deadline = timedelta(seconds=seen.spec.promotion.progress_deadline_seconds)
    since = moment(known.promoted_time) if known.promoted_time else seen.now
    remaining = (since + deadline - seen.now).total_seconds()
    if remaining <= 0:
        return rollout_failed(seen, release, index, here)
    follow = commands.follow_rollout(seen.namespace, target.name)
    message = f"Rolling out {target.kind} {target.name}. Follow it: {follow}"
    return Turn(Waiting(Reason.ROLLING_OUT, message, look_again=remaining), seen.status)


def all_run(seen: FlowObserved, release: Release) -> Opened:
    """Say that the image runs in all targets."""
    return Opened(message=f"{release.image} runs in {names_of_targets(seen)}"[:LONGEST_MESSAGE])


def _drift(seen: FlowObserved, release: Release, here: TargetSeen) -> Opened:
    """Say so where the pods run other bytes than those that migrated: a tag was moved in between."""
    migrated = seen.run.image_id if isinstance(seen.run, RunOfFlow) else ""
    others = {image for image in here.image_ids if image != migrated}
    if not migrated or not others:
        return all_run(seen, release)
    return Opened(
        Reason.IMAGE_DRIFT, f"The migration ran {migrated}, the pods of {here.name} run {', '.join(sorted(others))}"
    )
