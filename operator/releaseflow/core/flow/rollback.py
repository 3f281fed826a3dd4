"""What to do when a promoted image does not come up: hold, or put the images before back, last first."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.migration import Compatibility
from releaseflow.api.v1alpha1.promotion import OnRolloutFailure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.api.v1alpha1.target import TargetStatus, TargetStep
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import RollBackImage
from releaseflow.core.flow.containers import (
    Images,
    all_have,
    distinct,
    good_images,
    images_to_set,
    live_images,
    with_images,
)
from releaseflow.core.flow.facts import FlowObserved, TargetSeen
from releaseflow.core.flow.hints import retry
from releaseflow.core.flow.history import Over, Turn, failed, with_record, with_target


def rollout_failed(seen: FlowObserved, release: Release, index: int, here: TargetSeen) -> Turn:
    """Record the target that did not come up, and hold or turn back."""
    failure = not_come_up(seen, release, here)
    record = with_target(seen.status, index, step=TargetStep.FAILED).model_copy(update={"failure": failure})
    breaking = release.migrated and release.compatibility is Compatibility.BREAKING
    if breaking or seen.spec.promotion.on_rollout_failure is OnRolloutFailure.HOLD:
        return failed(record, failure)
    return images_are_put_back(with_record(seen, record), release)


def is_turning_back(seen: FlowObserved) -> bool:
    """Whether the release is putting images back."""
    return any(known.step in {TargetStep.FAILED, TargetStep.ROLLED_BACK} for known in seen.status.targets)


def images_are_put_back(seen: FlowObserved, release: Release) -> Turn:
    """Put back the image that was last seen fully rolled out, only where the live image is still ours."""
    for index in reversed(range(len(seen.status.targets))):
        target, known, here = seen.spec.targets[index], seen.status.targets[index], seen.targets[index]
        if here is ABSENT:
            continue
        live = live_images(target, known, here)
        good = good_images(known, live)
        if not _has_our_image(release, known, live) or good in {(), live}:
            continue
        images, init_images = images_to_set(here, good)
        message = f"Putting {', '.join(distinct(good))} back into {target.kind} {target.name}"[:LONGEST_MESSAGE]
        action = RollBackImage(here.name, here.uid, here.resource_version, images, init_images=init_images)
        return Turn(Waiting(Reason.ROLLING_BACK, message, action), seen.status)
    return _put_back(seen, release)


def _has_our_image(release: Release, known: TargetStatus, live: Images) -> bool:
    moved = known.step in {TargetStep.PROMOTED, TargetStep.ROLLED_OUT, TargetStep.FAILED}
    return moved and all_have(live, release.image)


def _put_back(seen: FlowObserved, release: Release) -> Turn:
    """Record what every target runs now, and end the release."""
    for index, (known, target) in enumerate(zip(seen.status.targets, seen.spec.targets, strict=True)):
        here = seen.targets[index]
        if here is ABSENT or known.step is TargetStep.PENDING:
            continue
        live = live_images(target, known, here)
        if live and live == good_images(known, live):
            facts = {"step": TargetStep.ROLLED_BACK, "containers": with_images(known, live)}
            seen = with_record(seen, with_target(seen.status, index, **facts))
    failure = seen.status.failure
    why = failure.hint if failure is not None else f"{release.image} did not come up. {retry(seen)}"
    if not any(known.step is TargetStep.ROLLED_BACK for known in seen.status.targets):
        return Turn(Over(Outcome.FAILED, Reason.ROLLOUT_FAILED, why), seen.status)
    return Turn(Over(Outcome.ROLLED_BACK, Reason.ROLLED_BACK, f"Rolled back: {why}"[:LONGEST_MESSAGE]), seen.status)


def not_come_up(seen: FlowObserved, release: Release, here: TargetSeen) -> Failure:
    """Describe a target whose pods do not come up."""
    why = f"{release.image} did not come up in Deployment {here.name}"
    detail = f" ({here.rollout_message})" if here.rollout_message else ""
    describe = commands.describe_deployment(seen.namespace, here.name)
    logs = commands.show_deployment_log(seen.namespace, here.name)
    hint = f"{why}{detail}. See: {describe}; {logs}. {retry(seen)}"
    return Failure(step="RollOut", reason=Reason.ROLLOUT_FAILED, hint=hint[:LONGEST_MESSAGE])
