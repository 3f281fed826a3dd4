"""Targets that are held, and are resumed whatever else the flow does: holding them holds nothing back."""

from dataclasses import replace

from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.decision import Decision
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import FlowAction, ResumeTarget
from releaseflow.core.flow.approval import MOVED
from releaseflow.core.flow.containers import all_have, chosen_images
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.flow.held import is_gated, is_served


def with_resumed(
    facts: FlowObserved, decision: Decision[ReleaseFlowStatus, FlowAction]
) -> Decision[ReleaseFlowStatus, FlowAction]:
    """Resume such a target where nothing else is to be done."""
    target = _first_to_resume(facts)
    if target is ABSENT or decision.action is not ABSENT:
        return decision
    at = (target.kind, target.name, target.uid, target.resource_version)
    return replace(decision, action=ResumeTarget(*at, target.mark))


def _first_to_resume(facts: FlowObserved) -> TargetFacts | Absent:
    """Return the first target that is held with what its pods have already, or with what was released.

    The image was put back to the one that serves, or only another container's was changed, or a target came late to
    what others serve with already. A mark that is left over goes too: with it, the next pause of a person would look
    like a hold.
    """
    if not is_gated(facts.spec):
        return ABSENT
    for index, target in enumerate(facts.targets):
        if target is not ABSENT and (target.has_stale_mark or _may_be_resumed(facts, index, target)):
            return target
    return ABSENT


def _may_be_resumed(facts: FlowObserved, index: int, target: TargetFacts) -> bool:
    return target.held and (target.runs_template or _has_what_was_released(facts, index))


def _has_what_was_released(facts: FlowObserved, index: int) -> bool:
    release = facts.status.release
    if release is None or facts.spec.suspend or not all_have(chosen_images(facts, index, release.image), release.image):
        return False
    if release.outcome is Outcome.RELEASED:
        return is_served(facts, release)
    return _went_on_before(facts, release, index)


def _went_on_before(facts: FlowObserved, release: Release, index: int) -> bool:
    """Whether the release under way let the target go on already, so that it was held once more with the same image."""
    return release.outcome is None and release.run_outcome is not None and facts.status.targets[index].step in MOVED
