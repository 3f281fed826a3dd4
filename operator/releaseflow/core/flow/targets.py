"""Gate TargetsFound: every target exists, is the one it was, and belongs to no other flow."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release
from releaseflow.api.v1alpha1.target import Target, TargetStatus
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import FenceTarget
from releaseflow.core.flow.containers import (
    Images,
    all_have,
    chosen_containers,
    distinct,
    live_images,
    recorded_images,
    released_containers,
)
from releaseflow.core.flow.facts import Fence, FlowObserved, TargetSeen
from releaseflow.core.flow.hints import ignore_differences, retry
from releaseflow.core.flow.history import Turn, failed, met

LOOK_FOR_TARGET = 3.0
"""Seconds after which an absent target is read again: before it is fenced, no watch delivers it."""


def targets_are_found(seen: FlowObserved) -> Turn:
    """Wait for targets rather than fail: they may be applied after the flow."""
    record = seen.status
    known = list(record.targets)
    for index, (target, here) in enumerate(zip(seen.spec.targets, seen.targets, strict=True)):
        if here is ABSENT or here.deleting:
            return Turn(Waiting(Reason.TARGET_NOT_FOUND, _missing(seen, target), look_again=LOOK_FOR_TARGET), record)
        if _containers(seen, known[index], target, here) is ABSENT:
            return Turn(Waiting(Reason.CONTAINER_NOT_FOUND, _no_container(target, here), look_again=30.0), record)
        if not known[index].uid:
            known[index] = met(known[index], target, here, seen.spec.image)
        trouble = _trouble(seen, known[index], here)
        if not isinstance(trouble, Absent):
            return trouble
    return Turn(
        Opened(message=names_of_targets(seen)[:LONGEST_MESSAGE]), record.model_copy(update={"targets": tuple(known)})
    )


def names_of_targets(seen: FlowObserved) -> str:
    """Return the kinds and names of all targets."""
    return ", ".join(f"{target.kind} {target.name}" for target in seen.spec.targets)


def first_unfenced(seen: FlowObserved, release: Release) -> FenceTarget | Absent:
    """Return the write that fences the first target that does not carry exactly this release's fence."""
    fence = Fence(seen.name, seen.uid, release.sequence)
    for here in seen.targets:
        if isinstance(here, TargetSeen) and (here.fence != fence or not here.managed):
            return FenceTarget(here.name, here.uid, here.resource_version, fence)
    return ABSENT


def bypassed(seen: FlowObserved, image: str) -> TargetSeen | Absent:
    """Return the first target that got this image from somebody else, ahead of its migration."""
    for target, known, here in zip(seen.spec.targets, seen.status.targets, seen.targets, strict=False):
        if isinstance(here, Absent) or not all_have(live_images(target, known, here), image):
            continue
        if distinct(recorded_images(known)) not in {(), (image,)}:
            return here
    return ABSENT


def gate_bypassed(seen: FlowObserved, here: TargetSeen, image: str) -> Failure:
    """Describe a target whose image was moved past the gate."""
    why = f"Deployment {here.name} already runs {image}, which {_who_changed(here)} put there before its migration"
    command = commands.retry(seen.namespace, seen.name)
    hint = f"{why}. Migrate now, and restart its pods: {command}. {_put_back(seen, here)}"
    return Failure(step="Run", reason=Reason.GATE_BYPASSED, hint=hint[:LONGEST_MESSAGE])


def image_changed(seen: FlowObserved, here: TargetSeen, live: Images) -> Failure:
    """Describe a target whose image was changed by somebody else."""
    found, expected = (", ".join(distinct(images)) for images in (live, _images_before(seen, here)))
    why = f"Deployment {here.name} runs {found}, not {expected}: {_who_changed(here)} changed it"
    command = commands.retry(seen.namespace, seen.name)
    hint = f"{why}. {_put_back(seen, here)} Or release {seen.spec.image} again: {command}"
    if here.is_argo_cds:
        hint = f"{hint}. {ignore_differences()}"
    return Failure(step="Promote", reason=Reason.IMAGE_CHANGED_OUTSIDE, hint=hint[:LONGEST_MESSAGE])


def _who_changed(here: TargetSeen) -> str:
    return here.image_changed_by or "somebody else"


def _images_before(seen: FlowObserved, here: TargetSeen) -> Images:
    return recorded_images(seen.status.targets[seen.targets.index(here)])


def _put_back(seen: FlowObserved, here: TargetSeen) -> str:
    """Return the command that undoes what somebody else did to a target's image."""
    there = {name for name, _ in (*here.images, *here.init_images)}
    images = " ".join(f"{name}={image}" for name, image in _images_before(seen, here) if name in there)
    if not images:
        return "Put its images back."
    return f"Put it back: {commands.set_deployment_images(seen.namespace, here.name, images)}."


def replaced(seen: FlowObserved, here: TargetSeen) -> Failure:
    """Describe a target that was deleted and made again."""
    why = f"Deployment {here.name} was deleted and made again"
    return Failure(step="FindTargets", reason=Reason.TARGET_REPLACED, hint=f"{why}. {retry(seen)}")


def taken(namespace: str, here: TargetSeen) -> str:
    """Say that another flow owns a target."""
    owner = here.fence.flow_name if isinstance(here.fence, Fence) else "another flow"
    edit = commands.edit_flow(namespace, owner)
    return f"Deployment {here.name} belongs to ReleaseFlow {owner}. Take it out of one of the two: {edit}"


def is_taken(seen: FlowObserved, here: TargetSeen) -> bool:
    """Whether a flow that exists, and is not this one, owns a target."""
    return isinstance(here.fence, Fence) and here.fence.flow_uid != seen.uid and here.fence_owner_exists


def highest_fence(seen: FlowObserved) -> int:
    """Return the highest sequence of this flow that a target carries; 0 where none does."""
    fences = (here.fence for here in seen.targets if isinstance(here, TargetSeen))
    return max((f.sequence for f in fences if isinstance(f, Fence) and f.flow_uid == seen.uid), default=0)


def _trouble(seen: FlowObserved, known: TargetStatus, here: TargetSeen) -> Turn | Absent:
    if is_taken(seen, here):
        return Turn(Stopped(Reason.TARGET_TAKEN, taken(seen.namespace, here)), seen.status)
    if known.uid != here.uid:
        return failed(seen.status, replaced(seen, here))
    return ABSENT


def _containers(seen: FlowObserved, known: TargetStatus, target: Target, here: TargetSeen) -> tuple[str, ...] | Absent:
    """Return the containers that the release moves, or will move once it has seen the target."""
    if known.uid:
        return released_containers(target, known, here)
    return chosen_containers(target, known, here, seen.spec.image)


def _missing(seen: FlowObserved, target: Target) -> str:
    return f"Waiting for {target.kind} {target.name}: {commands.show_deployment(seen.namespace, target.name)}"


def _no_container(target: Target, here: TargetSeen) -> str:
    names = ", ".join(name for name, _ in (*here.images, *here.init_images))
    return f"{target.kind} {target.name} has the containers {names}: name those to release in spec.targets[].containers"
