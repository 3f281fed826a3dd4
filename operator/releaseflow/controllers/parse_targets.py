"""Workloads, from what the API server sends to what the core reads."""

from releaseflow.api.v1alpha1.metadata import FENCE, FIELD_MANAGER, MANAGED_LABEL, RESTARTED_FOR
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.facts import Fence, Rollout, TargetSeen
from releaseflow.kube.unstructured import (
    Raw,
    annotation,
    condition,
    flag,
    holds,
    is_deleting,
    label,
    name_of,
    number,
    part,
    parts,
    text,
    uid_of,
    version_of,
)

_FENCE_PARTS = 3
_ARGO_CD = "argocd.argoproj.io/tracking-id"


def target_seen(raw: Raw, *, fence_owner_exists: bool = False, image_ids: tuple[str, ...] = ()) -> TargetSeen:
    """Return a Deployment as the core reads it."""
    rollout = rollout_of(raw)
    return TargetSeen(
        name=name_of(raw),
        uid=uid_of(raw),
        resource_version=version_of(raw),
        images=images_of(raw),
        rollout=rollout,
        rollout_message=_rollout_message(raw, rollout),
        fence=fence_of(raw),
        fence_owner_exists=fence_owner_exists,
        managed=bool(label(raw, MANAGED_LABEL)),
        restarted_for=number(pod_template(raw), "metadata", "annotations", RESTARTED_FOR),
        image_ids=image_ids,
        deleting=is_deleting(raw),
        init_images=images_of(raw, "initContainers"),
        image_changed_by=_image_changed_by(raw),
        is_argo_cds=bool(annotation(raw, _ARGO_CD)),
    )


def pod_template(raw: Raw) -> Raw:
    """Return the pod template of a workload."""
    return part(raw, "spec", "template")


def images_of(raw: Raw, kind: str = "containers") -> tuple[tuple[str, str], ...]:
    """Return name and image of each container of a workload, or of each of its initContainers."""
    return tuple((text(c, "name"), text(c, "image")) for c in parts(pod_template(raw), "spec", kind))


def image_managers(raw: Raw) -> list[Raw]:
    """Return who wrote images of a workload, as far as its managed fields tell, without what else they wrote."""
    entries = [entry for entry in parts(raw, "metadata", "managedFields") if "'f:image'" in str(entry.get("fieldsV1"))]
    return [
        {"manager": text(entry, "manager"), "time": text(entry, "time"), "fieldsV1": {"f:image": {}}}
        for entry in entries
    ]


def _image_changed_by(raw: Raw) -> str:
    others = [entry for entry in image_managers(raw) if text(entry, "manager") != FIELD_MANAGER]
    newest = max(others, key=lambda entry: text(entry, "time"), default=None)
    return f"{text(newest, 'manager')} at {text(newest, 'time')}"[:200] if newest is not None else ""


def rollout_of(raw: Raw) -> Rollout:
    """Return how far a Deployment has come, by the rules of kubectl rollout status."""
    if number(raw, "status", "observedGeneration") < number(raw, "metadata", "generation"):
        return Rollout.UNOBSERVED
    if flag(raw, "spec", "paused"):
        return Rollout.PAUSED
    if _is_complete(raw):
        return Rollout.COMPLETE
    if text(condition(raw, "Progressing"), "reason") == "ProgressDeadlineExceeded":
        return Rollout.FAILED
    return Rollout.PROGRESSING


def fence_of(raw: Raw) -> Fence | Absent:
    """Return the fence on a workload; one that is no fence of ours counts as none."""
    pieces = annotation(raw, FENCE).split("/")
    if len(pieces) != _FENCE_PARTS or not all(pieces) or not (pieces[2].isascii() and pieces[2].isdigit()):
        return ABSENT
    return Fence(flow_name=pieces[0], flow_uid=pieces[1], sequence=int(pieces[2]))


def fence_text(fence: Fence) -> str:
    """Return a fence as it is written on a workload."""
    return f"{fence.flow_name}/{fence.flow_uid}/{fence.sequence}"


def selector_of(raw: Raw) -> dict[str, str]:
    """Return the labels that a workload's pods carry by its selector."""
    return {key: str(value) for key, value in part(raw, "spec", "selector", "matchLabels").items()}


def _is_complete(raw: Raw) -> bool:
    spec = part(raw, "spec")
    wanted = number(spec, "replicas") if "replicas" in spec else 1
    counts = ("updatedReplicas", "replicas", "availableReplicas")
    return all(number(raw, "status", count) == wanted for count in counts)


def _rollout_message(raw: Raw, rollout: Rollout) -> str:
    if holds(raw, "ReplicaFailure"):
        return text(condition(raw, "ReplicaFailure"), "message")
    return text(condition(raw, "Progressing"), "message") if rollout is Rollout.FAILED else ""
