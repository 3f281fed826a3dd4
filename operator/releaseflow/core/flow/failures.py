"""What a flow says of a failure: what is the case, what to do about it, and how to go on."""

from collections.abc import Sequence

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.containers import Images, distinct_images, live_images, recorded_images
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.flow.follow import wanted_image
from releaseflow.core.flow.hints import names_of, retry
from releaseflow.workloads.registry import WORKLOADS


def failure(facts: FlowObserved, step: FailedStep, reason: Reason, why: str, do: str = "") -> Failure:
    """Describe a failure: why, and what to do about it, which is to retry where nothing else is said."""
    return Failure(step=step, reason=reason, hint=f"{why}. {do or retry(facts)}"[:LONGEST_MESSAGE])


def bypass_failure(facts: FlowObserved, target: TargetFacts) -> Failure:
    """Describe a target whose image was moved past the gate."""
    index = facts.targets.index(target)
    live = live_images(facts.spec.targets[index], facts.status.targets[index], target)
    image = ", ".join(distinct_images(live))
    why = (
        f"{target.kind} {target.name} already runs {image}, which {_who_changed(target)} put there before its migration"
    )
    command = commands.retry(facts.namespace, facts.name)
    do = f"Migrate now, and restart its pods: {command}. {_put_back_hint(facts, target)}"
    return failure(facts, FailedStep.RUN, Reason.GATE_BYPASSED, why, do)


def image_change_failure(facts: FlowObserved, target: TargetFacts, live: Images) -> Failure:
    """Describe a target whose image was changed by somebody else."""
    found, expected = (", ".join(distinct_images(images)) for images in (live, _images_before(facts, target)))
    why = f"{target.kind} {target.name} runs {found}, not {expected}: {_who_changed(target)} changed it"
    command = commands.retry(facts.namespace, facts.name)
    do = f"{_put_back_hint(facts, target)} Or release {wanted_image(facts)} again: {command}"
    if target.is_argo_cds:
        do = f"{do}. {_ignore_differences(target)}"
    return failure(facts, FailedStep.PROMOTE, Reason.IMAGE_CHANGED_OUTSIDE, why, do)


def replacement_failure(facts: FlowObserved, target: TargetFacts) -> Failure:
    """Describe a target that was deleted and made again."""
    why = f"{target.kind} {target.name} was deleted and made again"
    return failure(facts, FailedStep.FIND_TARGETS, Reason.TARGET_REPLACED, why)


def taken_failure(facts: FlowObserved, target: TargetFacts) -> Failure:
    """Describe a target that another flow owns."""
    owner = target.fence.flow_name if target.fence is not ABSENT else "another flow"
    why = f"{target.kind} {target.name} belongs to ReleaseFlow {owner}"
    do = f"Take it out of one of the two: {commands.edit_flow(facts.namespace, owner)}"
    return failure(facts, FailedStep.FIND_TARGETS, Reason.TARGET_TAKEN, why, do)


def rollout_failure(
    facts: FlowObserved, release: Release, failed: Sequence[TargetFacts], going: Sequence[TargetFacts] = ()
) -> Failure:
    """Describe targets whose pods do not come up, the first of them in full, and which others were on their way."""
    target = failed[0]
    why = f"{release.image} did not come up in {names_of(failed)}"
    detail = f" ({target.rollout_message})" if target.rollout_message else ""
    workload = WORKLOADS[target.kind]
    see = f"{workload.describe(facts.namespace, target.name)}; {workload.logs(facts.namespace, target.name)}"
    then = f" {target.rollout_hint}." if target.rollout_hint else ""
    do = f"See: {see}.{then} {retry(facts)}"
    beside = f". It was still on its way in {names_of(going)}" if going else ""
    return failure(facts, FailedStep.ROLL_OUT, Reason.ROLLOUT_FAILED, f"{why}{detail}{beside}", do)


def command_to_put_back(facts: FlowObserved, target: TargetFacts) -> str:
    """Return the command that gives a target the images that are recorded; empty where none are."""
    there = {name for name, _ in (*target.images, *target.init_images)}
    images = " ".join(f"{name}={image}" for name, image in _images_before(facts, target) if name in there)
    return WORKLOADS[target.kind].set_images(facts.namespace, target.name, images) if images else ""


def _put_back_hint(facts: FlowObserved, target: TargetFacts) -> str:
    """Say how to undo what somebody else did to a target's image."""
    command = command_to_put_back(facts, target)
    return f"Put it back: {command}." if command else "Put its images back."


def _images_before(facts: FlowObserved, target: TargetFacts) -> Images:
    return recorded_images(facts.status.targets[facts.targets.index(target)])


def _who_changed(target: TargetFacts) -> str:
    return target.image_changed_by or "somebody else"


def _ignore_differences(target: TargetFacts) -> str:
    """Return what keeps Argo CD from putting an old image back."""
    workload = WORKLOADS[target.kind]
    path = ".".join(("", *workload.template, "spec", "containers[]", "image"))
    return (
        f"Under Argo CD: ignoreDifferences: [{{group: {workload.group}, kind: {target.kind}, jqPathExpressions: "
        f"['{path}']}}] and syncOptions: [RespectIgnoreDifferences=true]."
    )
