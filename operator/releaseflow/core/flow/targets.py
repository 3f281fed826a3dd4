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
    distinct_images,
    live_images,
    recorded_images,
    released_containers,
)
from releaseflow.core.flow.facts import Fence, FlowObserved, TargetFacts
from releaseflow.core.flow.hints import ignore_differences, retry
from releaseflow.core.flow.history import FlowResult, fail_release, with_found_target
from releaseflow.core.gates import GateResult
from releaseflow.workloads.registry import WORKLOADS

LOOK_FOR_TARGET = 3.0
"""Seconds after which an absent target is read again: before it is fenced, no watch delivers it."""


def targets_are_found(facts: FlowObserved) -> FlowResult:
    """Wait for targets rather than fail: they may be applied after the flow."""
    found = list(facts.status.targets)
    for index, (spec, target) in enumerate(zip(facts.spec.targets, facts.targets, strict=True)):
        if target is ABSENT or target.deleting:
            return GateResult(
                Waiting(Reason.TARGET_NOT_FOUND, _missing_message(facts, spec), requeue_after=LOOK_FOR_TARGET),
                facts.status,
            )
        if _containers(facts, found[index], spec, target) is ABSENT:
            return GateResult(
                Waiting(Reason.CONTAINER_NOT_FOUND, _no_container_message(spec, target), requeue_after=30.0),
                facts.status,
            )
        if not found[index].uid:
            found[index] = with_found_target(found[index], spec, target, facts.spec.image)
        trouble = _ownership_problem(facts, found[index], target)
        if not isinstance(trouble, Absent):
            return trouble
    status = facts.status.model_copy(update={"targets": tuple(found)})
    return GateResult(Opened(message=names_of_targets(facts)[:LONGEST_MESSAGE]), status)


def names_of_targets(facts: FlowObserved) -> str:
    """Return the kinds and names of all targets."""
    return ", ".join(f"{spec.kind} {spec.name}" for spec in facts.spec.targets)


def next_fence(facts: FlowObserved, release: Release) -> FenceTarget | Absent:
    """Return the write that fences the first target that does not carry exactly this release's fence."""
    fence = Fence(facts.name, facts.uid, release.sequence)
    for target in facts.targets:
        if isinstance(target, TargetFacts) and (target.fence != fence or not target.managed):
            return FenceTarget(target.kind, target.name, target.uid, target.resource_version, fence)
    return ABSENT


def find_bypassed(facts: FlowObserved, image: str) -> TargetFacts | Absent:
    """Return the first target that got this image from somebody else, ahead of its migration."""
    for spec, status, target in zip(facts.spec.targets, facts.status.targets, facts.targets, strict=False):
        if isinstance(target, Absent) or not all_have(live_images(spec, status, target), image):
            continue
        if distinct_images(recorded_images(status)) not in {(), (image,)}:
            return target
    return ABSENT


def bypass_failure(facts: FlowObserved, target: TargetFacts, image: str) -> Failure:
    """Describe a target whose image was moved past the gate."""
    why = (
        f"{target.kind} {target.name} already runs {image}, which {_who_changed(target)} put there before its migration"
    )
    command = commands.retry(facts.namespace, facts.name)
    hint = f"{why}. Migrate now, and restart its pods: {command}. {_put_back_hint(facts, target)}"
    return Failure(step="Run", reason=Reason.GATE_BYPASSED, hint=hint[:LONGEST_MESSAGE])


def image_change_failure(facts: FlowObserved, target: TargetFacts, live: Images) -> Failure:
    """Describe a target whose image was changed by somebody else."""
    found, expected = (", ".join(distinct_images(images)) for images in (live, _images_before(facts, target)))
    why = f"{target.kind} {target.name} runs {found}, not {expected}: {_who_changed(target)} changed it"
    command = commands.retry(facts.namespace, facts.name)
    hint = f"{why}. {_put_back_hint(facts, target)} Or release {facts.spec.image} again: {command}"
    if target.is_argo_cds:
        hint = f"{hint}. {ignore_differences(target)}"
    return Failure(step="Promote", reason=Reason.IMAGE_CHANGED_OUTSIDE, hint=hint[:LONGEST_MESSAGE])


def _who_changed(target: TargetFacts) -> str:
    return target.image_changed_by or "somebody else"


def _images_before(facts: FlowObserved, target: TargetFacts) -> Images:
    return recorded_images(facts.status.targets[facts.targets.index(target)])


def _put_back_hint(facts: FlowObserved, target: TargetFacts) -> str:
    """Return the command that undoes what somebody else did to a target's image."""
    there = {name for name, _ in (*target.images, *target.init_images)}
    images = " ".join(f"{name}={image}" for name, image in _images_before(facts, target) if name in there)
    if not images:
        return "Put its images back."
    return f"Put it back: {WORKLOADS[target.kind].set_images(facts.namespace, target.name, images)}."


def replacement_failure(facts: FlowObserved, target: TargetFacts) -> Failure:
    """Describe a target that was deleted and made again."""
    why = f"{target.kind} {target.name} was deleted and made again"
    return Failure(step="FindTargets", reason=Reason.TARGET_REPLACED, hint=f"{why}. {retry(facts)}")


def target_taken_message(namespace: str, target: TargetFacts) -> str:
    """Say that another flow owns a target."""
    owner = target.fence.flow_name if isinstance(target.fence, Fence) else "another flow"
    edit = commands.edit_flow(namespace, owner)
    return f"{target.kind} {target.name} belongs to ReleaseFlow {owner}. Take it out of one of the two: {edit}"


def is_taken(facts: FlowObserved, target: TargetFacts) -> bool:
    """Whether a flow that exists, and is not this one, owns a target."""
    return isinstance(target.fence, Fence) and target.fence.flow_uid != facts.uid and target.fence_owner_exists


def highest_fence(facts: FlowObserved) -> int:
    """Return the highest sequence of this flow that a target carries; 0 where none does."""
    fences = (target.fence for target in facts.targets if isinstance(target, TargetFacts))
    return max((f.sequence for f in fences if isinstance(f, Fence) and f.flow_uid == facts.uid), default=0)


def _ownership_problem(facts: FlowObserved, status: TargetStatus, target: TargetFacts) -> FlowResult | Absent:
    if is_taken(facts, target):
        return GateResult(Stopped(Reason.TARGET_TAKEN, target_taken_message(facts.namespace, target)), facts.status)
    if status.uid != target.uid:
        return fail_release(facts.status, replacement_failure(facts, target))
    return ABSENT


def _containers(
    facts: FlowObserved, status: TargetStatus, spec: Target, target: TargetFacts
) -> tuple[str, ...] | Absent:
    """Return the containers that the release moves, or will move once it has seen the target."""
    if status.uid:
        return released_containers(spec, status, target)
    return chosen_containers(spec, status, target, facts.spec.image)


def _missing_message(facts: FlowObserved, spec: Target) -> str:
    return f"Waiting for {spec.kind} {spec.name}: {WORKLOADS[spec.kind].show(facts.namespace, spec.name)}"


def _no_container_message(spec: Target, target: TargetFacts) -> str:
    names = ", ".join(name for name, _ in (*target.images, *target.init_images))
    return f"{spec.kind} {spec.name} has the containers {names}: name those to release in spec.targets[].containers"
