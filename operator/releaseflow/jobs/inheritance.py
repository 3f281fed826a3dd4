"""What a Job inherits from the workload: the parts an application needs to reach its database, and no others."""

from collections.abc import Mapping
from typing import Any

from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.jobs.inputs import ContainerNotFoundError, JobInputs

_VOLUME_KINDS = ("configMap", "secret", "projected", "emptyDir", "downwardAPI", "csi")
_MOUNT_KEYS = ("name", "mountPath", "readOnly", "recursiveReadOnly", "subPath", "subPathExpr")
_PLACEMENT_KEYS = (
    *("nodeSelector", "tolerations", "imagePullSecrets", "hostAliases", "dnsConfig"),
    *("priorityClassName", "runtimeClassName", "schedulerName"),
)


def inherited_container(inputs: JobInputs) -> Mapping[str, Any]:
    """Return the container to inherit from; an empty one where the steps inherit from no workload.

    Raises:
        ContainerNotFoundError: There is none of that name, or no name tells several apart.
    """
    if not inputs.spec.inherits:
        return {}
    return chosen_container(inputs.pod_template, inputs.spec.workload_ref)


def chosen_container(pod_template: Mapping[str, Any], workload: WorkloadRef) -> Mapping[str, Any]:
    """Return the container of a workload's pods that a reference means.

    Raises:
        ContainerNotFoundError: There is none of that name, or no name tells several apart.
    """
    containers: list[Mapping[str, Any]] = (pod_template.get("spec") or {}).get("containers") or []
    wanted = workload.container
    found = [c for c in containers if wanted is None or c.get("name") == wanted]
    if len(found) == 1:
        return found[0]
    names = ", ".join(str(c.get("name")) for c in containers) or "none"
    raise ContainerNotFoundError(
        f"{workload.kind} {workload.name} has no container {wanted}: it has {names}"
        if wanted
        else f"{workload.kind} {workload.name} has several containers ({names}): name the one to inherit from"
    )


def pod_spec(inputs: JobInputs) -> Mapping[str, Any]:
    """Return the spec of the workload's pods."""
    return inputs.pod_template.get("spec") or {}


def inherited_placement(inputs: JobInputs) -> dict[str, Any]:
    """Return where the pod may run, with which pull secrets, and how it resolves names.

    Of the affinity only that for nodes counts: that for pods spreads or gathers the workload's own replicas.
    """
    spec = pod_spec(inputs)
    placement = {key: spec[key] for key in _PLACEMENT_KEYS if spec.get(key)}
    nodes = (spec.get("affinity") or {}).get("nodeAffinity")
    if nodes:
        placement["affinity"] = {"nodeAffinity": nodes}
    if spec.get("dnsPolicy") in {"None", "Default"}:
        placement["dnsPolicy"] = spec["dnsPolicy"]
    return placement


def inherited_volumes(inputs: JobInputs) -> list[dict[str, Any]]:
    """Return the volumes that may be mounted a second time, and hold no token of the API server."""
    volumes = (_inherited_volume(v, inputs.shared_claims) for v in pod_spec(inputs).get("volumes") or [])
    return [volume for volume in volumes if volume]


def inherited_mounts(container: Mapping[str, Any], volumes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the container's mounts of the volumes that are inherited."""
    names = {volume["name"] for volume in volumes}
    mounts = container.get("volumeMounts") or []
    return [{key: m[key] for key in _MOUNT_KEYS if key in m} for m in mounts if m.get("name") in names]


def _inherited_volume(volume: Mapping[str, Any], shared_claims: frozenset[str]) -> dict[str, Any]:
    name = volume.get("name")
    claim = volume.get("persistentVolumeClaim")
    if claim:
        return {"name": name, "persistentVolumeClaim": claim} if claim.get("claimName") in shared_claims else {}
    kind = next((kind for kind in _VOLUME_KINDS if volume.get(kind) is not None), "")
    if kind in {"projected", "downwardAPI"}:
        return _without_foreign_parts(str(name), kind, volume[kind])
    return {"name": name, kind: volume[kind]} if kind else {}


def _without_foreign_parts(name: str, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out tokens of the API server, and resource fields of containers that the Job does not have."""
    if kind == "downwardAPI":
        return {"name": name, kind: _own_fields(body)}
    sources = [
        {**source, "downwardAPI": _own_fields(source["downwardAPI"])} if "downwardAPI" in source else source
        for source in body.get("sources") or []
        if "serviceAccountToken" not in source
    ]
    return {"name": name, kind: {**body, "sources": sources}} if sources else {}


def _own_fields(downward: Mapping[str, Any]) -> dict[str, Any]:
    items = [item for item in downward.get("items") or [] if "resourceFieldRef" not in item]
    return {**downward, "items": items}
