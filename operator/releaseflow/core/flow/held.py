"""Mode Gate: admission holds a target whose images were changed, until its release lets it go on.

The template of a target that is held is only what is wanted: its pods have the images before, which the record keeps.
Whatever a target has without being held serves, or is about to.
"""

from releaseflow.api.v1alpha1.promotion import Mode
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import ContainerStatus, TargetStatus
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.containers import (
    Images,
    all_have,
    chosen_images,
    distinct_images,
    images_of,
    recorded_images,
    were_changed,
)
from releaseflow.core.flow.facts import FlowObserved, TargetFacts


def is_gated(spec: ReleaseFlowSpec) -> bool:
    """Whether the targets name the image, and admission holds them until it is released."""
    return spec.mode is Mode.GATE


def needs_policies(spec: ReleaseFlowSpec, status: ReleaseFlowStatus) -> bool:
    """Whether the admission policies have to be there: a release may begin. One that is under way goes on."""
    return is_gated(spec) and not status.is_under_way


def image_to_release(facts: FlowObserved, known: str) -> str:
    """Return the image that the targets ask for; the newest release's as long as any of them has it.

    Args:
        facts: What is known of a flow with mode Gate.
        known: The image of its newest release; empty where there was none.
    """
    images = [chosen_images(facts, index, known) for index in range(len(facts.targets))]
    has_known = any(all_have(found, known) for found in images)
    if has_known and facts.status.is_under_way:
        return known
    row = zip(facts.status.targets, facts.targets, images, strict=True)
    asked = [found for status, target, found in row if _asks(status, target, found, known)]
    first = asked[0] if asked else next((found for found in images if found), ())
    return known if has_known and not asked else next(iter(distinct_images(first)), known)


def is_served(facts: FlowObserved, release: Release) -> bool:
    """Whether the pods of some target have the image of a release, as far as is recorded."""
    return any(all_have(recorded_images(status), release.image) for status in facts.status.targets)


def asks_again(facts: FlowObserved, release: Release) -> bool:
    """Whether a target is held with what was released before, and no pod shows that it still fits the database."""
    if not is_gated(facts.spec) or release.outcome is not Outcome.RELEASED:
        return False
    if is_served(facts, release) and not facts.spec.suspend:
        return False
    return any(
        target is not ABSENT
        and target.held
        and not target.runs_template
        and all_have(chosen_images(facts, index, release.image), release.image)
        for index, target in enumerate(facts.targets)
    )


def why_mixed(facts: FlowObserved, image: str) -> str:
    """Return which target asks for more than this image at once, so that no release is of what it has."""
    if not is_gated(facts.spec):
        return ""
    for index, target in enumerate(facts.targets):
        images = chosen_images(facts, index, image)
        if target is not ABSENT and target.held and image in distinct_images(images) and not all_have(images, image):
            listed = ", ".join(f"{name} has {found}" for name, found in images)
            why = f"{target.kind} {target.name} asks for several images at once, and a release is of one: {listed}"
            return why[:LONGEST_MESSAGE]
    return ""


def with_what_serves(facts: FlowObserved, release: Release) -> ReleaseFlowStatus:
    """Return the record of the targets: who they are, and what each of them had when it was last not held.

    What a target has without being held is only taken over where it was seen at a release's start, or is of a release
    whose migration is known to be done. Anything else went past the gate, and is reported until a person decides.
    """
    known = tuple(_what_serves(facts, index, release) for index in range(len(facts.status.targets)))
    return facts.status.model_copy(update={"targets": known})


def targets_at_start(facts: FlowObserved, image: str) -> tuple[TargetStatus, ...]:
    """Return what is known of the targets when a release of an image starts: whatever serves is what it starts from."""
    return tuple(_at_start(facts, index, image) for index in range(len(facts.status.targets)))


def find_unheld(facts: FlowObserved) -> TargetFacts | Absent:
    """Return the first target that has, without being held, images that no release let through."""
    for status, target in zip(facts.status.targets, facts.targets, strict=True):
        if _went_past(status, target):
            return target
    return ABSENT


def _went_past(status: TargetStatus, target: TargetFacts | Absent) -> bool:
    if target is ABSENT or target.held or not status.uid:
        return False
    live = images_of(target, tuple(container.name for container in status.containers))
    return bool(live) and were_changed(status, live)


def _asks(status: TargetStatus, target: TargetFacts | Absent, images: Images, known: str) -> bool:
    """Whether a target has another image than that of the newest release, which is held or went past the gate."""
    if target is ABSENT or not images or all_have(images, known):
        return False
    return _went_past(status, target) or (target.held and not target.runs_template)


def _what_serves(facts: FlowObserved, index: int, release: Release) -> TargetStatus:
    status, target = facts.status.targets[index], facts.targets[index]
    images = chosen_images(facts, index, release.image)
    if target is ABSENT or not images:
        return status
    through = _is_migrated(release) and all_have(images, release.image)
    return _recorded(status, target, images, takes_over=through or not status.uid)


def _at_start(facts: FlowObserved, index: int, image: str) -> TargetStatus:
    old, target = facts.status.targets[index], facts.targets[index]
    status = TargetStatus(kind=old.kind, name=old.name, uid=old.uid, containers=old.containers)
    images = chosen_images(facts, index, image)
    return status if target is ABSENT or not images else _recorded(status, target, images, takes_over=True)


def _recorded(status: TargetStatus, target: TargetFacts, images: Images, *, takes_over: bool) -> TargetStatus:
    """Return the record of a target; one that was made again while it is held has no pods yet."""
    recorded = dict(recorded_images(status))
    if target.held:
        recorded = recorded if status.uid == target.uid else {}
    elif takes_over:
        recorded = dict(images)
    containers = tuple(ContainerStatus(name=name, image=recorded.get(name, "")) for name, _ in images)
    return status.model_copy(update={"uid": target.uid, "containers": containers})


def _is_migrated(release: Release) -> bool:
    return release.run_outcome is not None and release.outcome in {None, Outcome.RELEASED}
