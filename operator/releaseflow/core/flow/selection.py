"""Targets that are chosen by their labels: as they are when a release starts, and the same until it ends."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.promotion import Mode
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import Target
from releaseflow.api.v1alpha1.target_selector import MOST_TARGETS
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.containers import all_have, live_images
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.history import FlowResult
from releaseflow.core.flow.wanted import no_longer_wanted
from releaseflow.core.gates import GateResult

SELECTION_SECONDS = 30.0
"""Seconds after which a flow at rest asks again for what its selector chooses: no watch delivers what is new there."""


def may_choose(spec: ReleaseFlowSpec, status: ReleaseFlowStatus) -> bool:
    """Whether targets are chosen now: between releases. One that is under way keeps those that it began with."""
    return spec.target_selector is not None and not status.is_under_way


def targets_in_effect(
    spec: ReleaseFlowSpec, status: ReleaseFlowStatus, chosen: tuple[Target, ...]
) -> tuple[Target, ...]:
    """Return the targets of a flow with a selector: those that it chooses now, ordered by their names.

    A release that is under way keeps those that it began with, and so does a flow whose selector chooses too many. Of
    what such a release never saw no container is known to be its own, so it leaves that alone.
    """
    if may_choose(spec, status) and len(chosen) <= MOST_TARGETS:
        return tuple(sorted(chosen, key=lambda target: (target.name, target.kind)))
    seen = (known for known in status.targets if known.uid or spec.mode is not Mode.PROMOTE)
    return tuple(chosen_target(known.kind, known.name, tuple(c.name for c in known.containers)) for known in seen)


def chosen_target(kind: str, name: str, containers: tuple[str, ...]) -> Target:
    """Return a chosen workload as a target; it may have more containers than a user may name."""
    return Target(kind=kind, name=name).model_copy(update={"containers": containers})


def unfit_selection(facts: FlowObserved) -> FlowResult | Absent:
    """Return why no release can be of what the selector chooses: of nothing, or of too much."""
    selector = facts.spec.target_selector
    if selector is None:
        return ABSENT
    show = commands.list_chosen(facts.namespace, selector.kinds, selector.text)
    if facts.chosen > MOST_TARGETS:
        why = f"targetSelector chooses {facts.chosen} workloads, and a release moves at most {MOST_TARGETS}: {show}"
        return GateResult(Stopped(Reason.TOO_MANY_TARGETS, why[:LONGEST_MESSAGE]), facts.status)
    if facts.targets:
        return ABSENT
    why = f"targetSelector chooses no workload with a container of the image: {show}"[:LONGEST_MESSAGE]
    return GateResult(Waiting(Reason.TARGET_NOT_FOUND, why, requeue_after=SELECTION_SECONDS), facts.status)


def is_given_up(facts: FlowObserved) -> bool:
    """Whether a release need not wait for a chosen target that is gone: a person ended it, or wants another image."""
    release = facts.status.release
    if facts.spec.target_selector is None or release is None or release.outcome is not None:
        return False
    return release.aborted or no_longer_wanted(facts, release) is not ABSENT


def has_newcomer(facts: FlowObserved, release: Release) -> bool:
    """Whether the selector chooses a workload that was not there at the release, and has another image."""
    if facts.spec.target_selector is None or facts.spec.mode is not Mode.PROMOTE:
        return False
    if release.outcome is not Outcome.RELEASED or facts.spec.suspend:
        return False
    row = zip(facts.spec.targets, facts.status.targets, facts.targets, strict=True)
    return any(
        target is not ABSENT and not status.uid and not all_have(live_images(spec, status, target), release.image)
        for spec, status, target in row
    )
