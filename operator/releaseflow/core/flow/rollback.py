"""What to do when a promoted image does not come up: hold, or put the images before back, last first."""

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
    distinct_images,
    good_images,
    images_to_set,
    live_images,
    with_images,
)
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.hints import retry
from releaseflow.core.flow.history import FlowResult, ReleaseEnded, fail_release, with_target
from releaseflow.core.gates import GateResult


def hold_or_turn_back(facts: FlowObserved, release: Release, failure: Failure) -> FlowResult:
    """End a release that failed once targets had moved, or put their images back, as the flow says."""
    breaking = release.migrated and release.compatibility is Compatibility.BREAKING
    if breaking or facts.spec.promotion.on_rollout_failure is OnRolloutFailure.HOLD:
        return fail_release(facts.status, failure)
    status = facts.status.model_copy(update={"failure": failure})
    if not is_rolling_back(facts):
        status = with_target(status, len(status.targets) - 1, step=TargetStep.FAILED)
    return images_are_put_back(facts.with_status(status), release)


def is_rolling_back(facts: FlowObserved) -> bool:
    """Whether the release is putting images back."""
    return any(status.step in {TargetStep.FAILED, TargetStep.ROLLED_BACK} for status in facts.status.targets)


def images_are_put_back(facts: FlowObserved, release: Release) -> FlowResult:
    """Put back the image that was last seen fully rolled out, only where the live image is still ours."""
    for index in reversed(range(len(facts.status.targets))):
        spec, status, target = facts.spec.targets[index], facts.status.targets[index], facts.targets[index]
        if target is ABSENT:
            continue
        live = live_images(spec, status, target)
        good = good_images(status, live)
        if not _has_our_image(release, status, live) or good in {(), live}:
            continue
        images, init_images = images_to_set(target, good)
        message = f"Putting {', '.join(distinct_images(good))} back into {spec.kind} {spec.name}"[:LONGEST_MESSAGE]
        action = RollBackImage(
            target.kind, target.name, target.uid, target.resource_version, images, init_images=init_images
        )
        return GateResult(Waiting(Reason.ROLLING_BACK, message, action), facts.status)
    return _end_rollback(facts, release)


def _has_our_image(release: Release, status: TargetStatus, live: Images) -> bool:
    moved = status.step in {TargetStep.PROMOTED, TargetStep.ROLLED_OUT, TargetStep.FAILED}
    return moved and all_have(live, release.image)


def _end_rollback(facts: FlowObserved, release: Release) -> FlowResult:
    """Record what every target runs now, and end the release."""
    for index, (status, spec) in enumerate(zip(facts.status.targets, facts.spec.targets, strict=True)):
        target = facts.targets[index]
        if target is ABSENT or status.step is TargetStep.PENDING:
            continue
        live = live_images(spec, status, target)
        if live and live == good_images(status, live):
            fields = {"step": TargetStep.ROLLED_BACK, "containers": with_images(status, live)}
            facts = facts.with_status(with_target(facts.status, index, **fields))
    failure = facts.status.failure
    why = failure.hint if failure is not None else f"{release.image} did not come up. {retry(facts)}"
    if not any(status.step is TargetStep.ROLLED_BACK for status in facts.status.targets):
        reason = failure.reason if failure is not None else Reason.ROLLOUT_FAILED
        return GateResult(ReleaseEnded(Outcome.FAILED, reason, why), facts.status)
    return GateResult(
        ReleaseEnded(Outcome.ROLLED_BACK, Reason.ROLLED_BACK, f"Rolled back: {why}"[:LONGEST_MESSAGE]), facts.status
    )
