"""Workloads, from what the API server sends to what the core reads."""

from releaseflow.api.v1alpha1.metadata import (
    FENCE,
    FIELD_MANAGER,
    GATE_LABEL,
    HELD,
    MANAGED_LABEL,
    MIGRATES_FOR,
    RESTARTED_FOR,
)
from releaseflow.cache.strip import image_managers
from releaseflow.core.containers import ContainerName
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.facts import Fence, TargetFacts
from releaseflow.unstructured import (
    Object,
    annotation,
    get_int,
    get_list,
    get_str,
    is_deleting,
    label,
    name_of,
    resource_version_of,
    uid_of,
)
from releaseflow.workloads.workload import Rollout, RolloutSeen, Workload

_FENCE_PARTS = 3
_HELD = RolloutSeen(Rollout.PAUSED, "is held", "It goes on once the migration of its image is known to be done")
_ARGO_CD = "argocd.argoproj.io/tracking-id"


def target_facts(
    workload: Workload, raw: Object, *, fence_owner_exists: bool = False, image_ids: tuple[str, ...] = ()
) -> TargetFacts:
    """Return a workload as the core reads it."""
    mark = annotation(raw, HELD)
    marked = workload.is_mark(mark)
    held = marked and workload.is_paused(raw)
    rollout = _HELD if held else workload.rollout(raw)
    return TargetFacts(
        kind=workload.kind,
        name=name_of(raw),
        uid=uid_of(raw),
        resource_version=resource_version_of(raw),
        images=workload.images(raw),
        rollout=rollout.rollout,
        rollout_message=rollout.message,
        rollout_hint=rollout.hint,
        fence=fence_of(raw),
        fence_owner_exists=fence_owner_exists,
        managed=bool(label(raw, MANAGED_LABEL)),
        restarted_for=get_int(workload.pod_template(raw), "metadata", "annotations", RESTARTED_FOR),
        image_ids=image_ids,
        deleting=is_deleting(raw),
        init_images=_init_images(workload, raw),
        replicas=workload.replicas(raw),
        is_alone=workload.is_alone(raw),
        migrates_for=get_str(workload.pod_template(raw), "metadata", "annotations", MIGRATES_FOR),
        with_command=_containers_with(workload, raw, "command", "args"),
        with_probe=_containers_with(workload, raw, "readinessProbe", "startupProbe"),
        image_changed_by=_image_changed_by(raw),
        is_argo_cds=bool(annotation(raw, _ARGO_CD)),
        gated_by=label(raw, GATE_LABEL),
        held=held,
        mark=mark if held else "",
        has_stale_mark=not held and (marked or workload.has_leftover(raw)),
        runs_template=workload.runs_template(raw),
    )


def _init_images(workload: Workload, raw: Object) -> tuple[tuple[str, str], ...]:
    """Return the user's init containers: ours goes as it came, and no release is to take it for one of them."""
    images = workload.images(raw, "initContainers")
    return tuple((name, image) for name, image in images if name != ContainerName.STARTUP)


def _containers_with(workload: Workload, raw: Object, *fields: str) -> tuple[str, ...]:
    containers = get_list(workload.pod_template(raw), "spec", "containers")
    return tuple(get_str(found, "name") for found in containers if any(found.get(field) for field in fields))


def _image_changed_by(raw: Object) -> str:
    others = [entry for entry in image_managers(raw) if get_str(entry, "manager") != FIELD_MANAGER]
    newest = max(others, key=lambda entry: get_str(entry, "time"), default=None)
    return f"{get_str(newest, 'manager')} at {get_str(newest, 'time')}"[:200] if newest is not None else ""


def fence_of(raw: Object) -> Fence | Absent:
    """Return the fence on a workload; one that is no fence of ours counts as none."""
    pieces = annotation(raw, FENCE).split("/")
    if len(pieces) != _FENCE_PARTS or not all(pieces) or not (pieces[2].isascii() and pieces[2].isdigit()):
        return ABSENT
    return Fence(flow_name=pieces[0], flow_uid=pieces[1], sequence=int(pieces[2]))


def fence_text(fence: Fence) -> str:
    """Return a fence as it is written on a workload."""
    return f"{fence.flow_name}/{fence.flow_uid}/{fence.sequence}"
