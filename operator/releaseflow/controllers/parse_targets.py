"""Workloads, from what the API server sends to what the core reads."""

from releaseflow.api.v1alpha1.metadata import FENCE, FIELD_MANAGER, MANAGED_LABEL, RESTARTED_FOR
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.facts import Fence, Rollout, TargetFacts
from releaseflow.unstructured import (
    Object,
    annotation,
    get_bool,
    get_condition,
    get_int,
    get_list,
    get_map,
    get_str,
    is_condition_true,
    is_deleting,
    label,
    name_of,
    resource_version_of,
    uid_of,
)

_FENCE_PARTS = 3
_ARGO_CD = "argocd.argoproj.io/tracking-id"


def target_facts(raw: Object, *, fence_owner_exists: bool = False, image_ids: tuple[str, ...] = ()) -> TargetFacts:
    """Return a Deployment as the core reads it."""
    rollout = rollout_of(raw)
    return TargetFacts(
        name=name_of(raw),
        uid=uid_of(raw),
        resource_version=resource_version_of(raw),
        images=images_of(raw),
        rollout=rollout,
        rollout_message=_rollout_message(raw, rollout),
        fence=fence_of(raw),
        fence_owner_exists=fence_owner_exists,
        managed=bool(label(raw, MANAGED_LABEL)),
        restarted_for=get_int(pod_template(raw), "metadata", "annotations", RESTARTED_FOR),
        image_ids=image_ids,
        deleting=is_deleting(raw),
        init_images=images_of(raw, "initContainers"),
        image_changed_by=_image_changed_by(raw),
        is_argo_cds=bool(annotation(raw, _ARGO_CD)),
    )


def pod_template(raw: Object) -> Object:
    """Return the pod template of a workload."""
    return get_map(raw, "spec", "template")


def images_of(raw: Object, kind: str = "containers") -> tuple[tuple[str, str], ...]:
    """Return name and image of each container of a workload, or of each of its initContainers."""
    return tuple((get_str(c, "name"), get_str(c, "image")) for c in get_list(pod_template(raw), "spec", kind))


def image_managers(raw: Object) -> list[Object]:
    """Return who wrote images of a workload, as far as its managed fields tell, without what else they wrote."""
    entries = [
        entry for entry in get_list(raw, "metadata", "managedFields") if "'f:image'" in str(entry.get("fieldsV1"))
    ]
    return [
        {"manager": get_str(entry, "manager"), "time": get_str(entry, "time"), "fieldsV1": {"f:image": {}}}
        for entry in entries
    ]


def _image_changed_by(raw: Object) -> str:
    others = [entry for entry in image_managers(raw) if get_str(entry, "manager") != FIELD_MANAGER]
    newest = max(others, key=lambda entry: get_str(entry, "time"), default=None)
    return f"{get_str(newest, 'manager')} at {get_str(newest, 'time')}"[:200] if newest is not None else ""


def rollout_of(raw: Object) -> Rollout:
    """Return how far a Deployment has come, by the rules of kubectl rollout status."""
    if get_int(raw, "status", "observedGeneration") < get_int(raw, "metadata", "generation"):
        return Rollout.UNOBSERVED
    if get_bool(raw, "spec", "paused"):
        return Rollout.PAUSED
    if _is_complete(raw):
        return Rollout.COMPLETE
    if get_str(get_condition(raw, "Progressing"), "reason") == "ProgressDeadlineExceeded":
        return Rollout.FAILED
    return Rollout.PROGRESSING


def fence_of(raw: Object) -> Fence | Absent:
    """Return the fence on a workload; one that is no fence of ours counts as none."""
    pieces = annotation(raw, FENCE).split("/")
    if len(pieces) != _FENCE_PARTS or not all(pieces) or not (pieces[2].isascii() and pieces[2].isdigit()):
        return ABSENT
    return Fence(flow_name=pieces[0], flow_uid=pieces[1], sequence=int(pieces[2]))


def fence_text(fence: Fence) -> str:
    """Return a fence as it is written on a workload."""
    return f"{fence.flow_name}/{fence.flow_uid}/{fence.sequence}"


def selector_of(raw: Object) -> dict[str, str]:
    """Return the labels that a workload's pods carry by its selector."""
    return {key: str(value) for key, value in get_map(raw, "spec", "selector", "matchLabels").items()}


def _is_complete(raw: Object) -> bool:
    spec = get_map(raw, "spec")
    wanted = get_int(spec, "replicas") if "replicas" in spec else 1
    counts = ("updatedReplicas", "replicas", "availableReplicas")
    return all(get_int(raw, "status", count) == wanted for count in counts)


def _rollout_message(raw: Object, rollout: Rollout) -> str:
    if is_condition_true(raw, "ReplicaFailure"):
        return get_str(get_condition(raw, "ReplicaFailure"), "message")
    return get_str(get_condition(raw, "Progressing"), "message") if rollout is Rollout.FAILED else ""
