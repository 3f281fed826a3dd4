"""Gate TargetsFound: every target exists, is the one it was, and belongs to no other flow."""

from releaseflow.api.v1alpha1.metadata import GATE_LABEL
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.target import Target, TargetStatus
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.containers import chosen_containers, released_containers
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.flow.failures import replacement_failure, taken_failure
from releaseflow.core.flow.follow import wanted_image
from releaseflow.core.flow.held import is_gated
from releaseflow.core.flow.history import FlowResult, fail_release, with_found_target
from releaseflow.core.flow.selection import is_given_up, unfit_selection
from releaseflow.core.gates import GateResult
from releaseflow.workloads.registry import WORKLOADS

TARGET_POLL_SECONDS = 3.0
"""Seconds after which an absent target is read again: before it is fenced, no watch delivers it."""
CONTAINER_POLL_SECONDS = 30.0
"""Seconds after which a target without the container is read again: before it is fenced, no watch delivers it."""


def wait_for_target(facts: FlowObserved, target: Target) -> FlowResult:
    """Wait for a target that is gone, or lost its container, in mid-release: a watch says when it is back."""
    return GateResult(Waiting(Reason.TARGET_NOT_FOUND, f"Waiting for {target.kind} {target.name}"), facts.status)


def targets_are_found(facts: FlowObserved) -> FlowResult:
    """Wait for targets rather than fail: they may be applied after the flow."""
    unfit = unfit_selection(facts)
    if unfit is not ABSENT:
        return unfit
    found = list(facts.status.targets)
    for index, (spec, target) in enumerate(zip(facts.spec.targets, facts.targets, strict=True)):
        if target is ABSENT or target.deleting:
            if is_given_up(facts):
                continue
            return GateResult(
                Waiting(Reason.TARGET_NOT_FOUND, _missing_message(facts, spec), requeue_after=TARGET_POLL_SECONDS),
                facts.status,
            )
        if is_gated(facts.spec) and target.gated_by != facts.name:
            why = _not_gated_message(facts, spec)
            return GateResult(Waiting(Reason.TARGET_NOT_GATED, why, requeue_after=CONTAINER_POLL_SECONDS), facts.status)
        if _containers(facts, found[index], spec, target) is ABSENT:
            return GateResult(
                Waiting(
                    Reason.CONTAINER_NOT_FOUND,
                    _no_container_message(spec, target),
                    requeue_after=CONTAINER_POLL_SECONDS,
                ),
                facts.status,
            )
        if not found[index].uid:
            found[index] = with_found_target(found[index], spec, target, wanted_image(facts))
        trouble = _ownership_problem(facts, found[index], target)
        if trouble is not ABSENT:
            return trouble
    status = facts.status.model_copy(update={"targets": tuple(found)})
    return GateResult(Opened(message=names_of_targets(facts)[:LONGEST_MESSAGE]), status)


def names_of_targets(facts: FlowObserved) -> str:
    """Return the kinds and names of all targets."""
    return ", ".join(f"{spec.kind} {spec.name}" for spec in facts.spec.targets)


def is_taken(facts: FlowObserved, target: TargetFacts) -> bool:
    """Whether a flow that exists, and is not this one, owns a target."""
    return target.fence is not ABSENT and target.fence.flow_uid != facts.uid and target.fence_owner_exists


def _ownership_problem(facts: FlowObserved, status: TargetStatus, target: TargetFacts) -> FlowResult | Absent:
    if is_taken(facts, target):
        return GateResult(Stopped(Reason.TARGET_TAKEN, taken_failure(facts, target).hint), facts.status)
    if status.uid != target.uid:
        return fail_release(facts.status, replacement_failure(facts, target))
    return ABSENT


def _containers(
    facts: FlowObserved, status: TargetStatus, spec: Target, target: TargetFacts
) -> tuple[str, ...] | Absent:
    """Return the containers that the release moves, or will move once it has seen the target."""
    if status.uid:
        return released_containers(spec, status, target)
    return chosen_containers(spec, status, target, wanted_image(facts))


def _missing_message(facts: FlowObserved, spec: Target) -> str:
    return f"Waiting for {spec.kind} {spec.name}: {WORKLOADS[spec.kind].show(facts.namespace, spec.name)}"


def _not_gated_message(facts: FlowObserved, spec: Target) -> str:
    label = WORKLOADS[spec.kind].label(facts.namespace, spec.name, GATE_LABEL, facts.name)
    return (
        f"{spec.kind} {spec.name} has no label {GATE_LABEL}: {facts.name}, so no policy holds its images back. Write it"
        f" where the workload is written, and set it: {label}"
    )[:LONGEST_MESSAGE]


def _no_container_message(spec: Target, target: TargetFacts) -> str:
    names = ", ".join(name for name, _ in (*target.images, *target.init_images))
    return f"{spec.kind} {spec.name} has the containers {names}: name those to release in spec.targets[].containers"
