"""What another client did to the targets of a flow, and what only a person can judge."""

from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.containers import all_have, distinct_images, live_images, recorded_images, were_changed
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.flow.failures import (
    bypass_failure,
    image_change_failure,
    replacement_failure,
    taken_failure,
)
from releaseflow.core.flow.follow import follows_targets, wanted_image
from releaseflow.core.flow.held import find_unheld, is_gated
from releaseflow.core.flow.targets import is_taken
from releaseflow.core.outcomes import BEFORE_THE_DATABASE, DATABASE_IS_UNKNOWN


def interference(facts: FlowObserved, release: Release) -> Failure | Absent:
    """Return what another client did to a target; it is reported until that is undone, or a person retries."""
    wanted = wanted_image(facts)
    passed = find_bypassed(facts, wanted) if wanted != release.image or is_gated(facts.spec) else ABSENT
    if passed is not ABSENT:
        return bypass_failure(facts, passed)
    if release.outcome is not Outcome.RELEASED or follows_targets(facts.spec):
        return ABSENT
    for spec, status, target in zip(facts.spec.targets, facts.status.targets, facts.targets, strict=True):
        if target is ABSENT or not status.uid or status.step is not TargetStep.ROLLED_OUT:
            continue
        if is_taken(facts, target):
            return taken_failure(facts, target)
        if status.uid != target.uid:
            return replacement_failure(facts, target)
        if is_gated(facts.spec):
            continue
        live = live_images(spec, status, target)
        if were_changed(status, live):
            return image_change_failure(facts, target, live)
    return ABSENT


def find_bypassed(facts: FlowObserved, image: str) -> TargetFacts | Absent:
    """Return the first target that got this image from somebody else, ahead of its migration, which a gate forbids.

    With mode Gate it is any image that no release let through.
    """
    if follows_targets(facts.spec):
        return ABSENT
    if is_gated(facts.spec):
        return find_unheld(facts)
    for spec, status, target in zip(facts.spec.targets, facts.status.targets, facts.targets, strict=False):
        if target is ABSENT or not all_have(live_images(spec, status, target), image):
            continue
        if distinct_images(recorded_images(status)) not in {(), (image,)}:
            return target
    return ABSENT


def needs_a_person(facts: FlowObserved, release: Release) -> bool:
    """Whether the last release left the database in a state that only a person can judge."""
    failure = facts.status.failure
    if release.outcome is not Outcome.FAILED or failure is None:
        return False
    migrating = failure.step is FailedStep.MIGRATE and failure.reason not in BEFORE_THE_DATABASE
    return migrating or failure.reason in DATABASE_IS_UNKNOWN
