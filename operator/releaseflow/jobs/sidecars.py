"""Sidecars: containers of the workload's pods that a step needs beside it, for example a proxy to the database."""

from collections.abc import Mapping
from typing import Any

from releaseflow.api.v1alpha1.pods import Resources
from releaseflow.core.containers import ContainerName
from releaseflow.jobs.inheritance import inherited_mounts, inherited_volumes, pod_spec
from releaseflow.jobs.inputs import ContainerNotFoundError, JobInputs
from releaseflow.jobs.resources import application_resources
from releaseflow.jobs.security import application_container

_KEPT = ("image", "imagePullPolicy", "command", "args", "workingDir", "envFrom")
_PORT_KEYS = ("name", "containerPort", "protocol")
"""Of a port what a probe refers to, and nothing of the node's."""
_PROBE_ATTEMPTS = 30
"""How often a probe is tried at least before the kubelet restarts the sidecar."""


def sidecars(inputs: JobInputs) -> list[dict[str, Any]]:
    """Return the sidecars as native ones: they run before and beside the step, and the kubelet ends them after it.

    Raises:
        ContainerNotFoundError: The workload's pods have no container of a name that is given.
    """
    found = {container.get("name"): container for container in _containers(inputs)}
    missing = [name for name in inputs.spec.migration.sidecars if name not in found]
    if missing:
        raise ContainerNotFoundError(f"there is no container {', '.join(missing)} to carry along")
    volumes = inherited_volumes(inputs)
    return [_sidecar(found[name], volumes) for name in inputs.spec.migration.sidecars]


def sidecar_volumes(inputs: JobInputs) -> list[dict[str, Any]]:
    """Return the volumes that the sidecars mount."""
    used = {mount["name"] for sidecar in sidecars(inputs) for mount in sidecar.get("volumeMounts") or []}
    return [volume for volume in inherited_volumes(inputs) if volume["name"] in used]


def _containers(inputs: JobInputs) -> list[Mapping[str, Any]]:
    spec = pod_spec(inputs)
    return [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]


def _sidecar(container: Mapping[str, Any], volumes: list[dict[str, Any]]) -> dict[str, Any]:
    sidecar: dict[str, Any] = {
        "name": _name(str(container["name"])),
        **{key: container.get(key) for key in _KEPT},
        "env": [v for v in container.get("env") or [] if "resourceFieldRef" not in (v.get("valueFrom") or {})],
        "ports": [{key: port[key] for key in _PORT_KEYS if key in port} for port in container.get("ports") or []],
        "resources": application_resources(container, Resources()),
        "securityContext": application_container(container.get("securityContext") or {}),
        "volumeMounts": inherited_mounts(container, volumes),
        "startupProbe": _startup_probe(container),
        "restartPolicy": "Always",
    }
    return {key: value for key, value in sidecar.items() if value not in (None, "", [], {})}


def _name(name: str) -> str:
    """Return the name of a sidecar: its own, unless a container of the step has it."""
    return f"{name}-sidecar" if name in set(ContainerName) else name


def _startup_probe(container: Mapping[str, Any]) -> dict[str, Any]:
    """Return what holds the step back until the sidecar answers: its startup probe, or else its readiness probe."""
    probe = container.get("startupProbe") or container.get("readinessProbe")
    if not probe:
        return {}
    attempts = max(int(probe.get("failureThreshold") or 0), _PROBE_ATTEMPTS)
    return {**probe, "failureThreshold": attempts, "successThreshold": 1}
