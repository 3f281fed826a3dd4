"""Compute resources of a Job's containers."""

from collections.abc import Mapping
from typing import Any

from releaseflow.api.v1alpha1.pods import Resources

_CLIENT = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}}
_INHERITED = ("cpu", "memory", "ephemeral-storage")


def client_resources(given: Resources) -> dict[str, Any]:
    """Return the resources of one of our own containers."""
    return _overridden(_CLIENT, given)


def application_resources(container: Mapping[str, Any], given: Resources) -> dict[str, Any]:
    """Return the resources of a container that runs the application: the workload's own, unless others are given."""
    inherited = container.get("resources") or {}
    return _overridden({part: inherited.get(part) or {} for part in ("requests", "limits")}, given)


def _overridden(base: Mapping[str, Mapping[str, Any]], given: Resources) -> dict[str, Any]:
    """Return the base with what is given in place of it; whoever gives a CPU request wants no limit on it."""
    requests, limits = ({k: v for k, v in base[part].items() if k in _INHERITED} for part in ("requests", "limits"))
    if given.cpu:
        requests["cpu"] = given.cpu
        limits.pop("cpu", None)
    if given.memory:
        requests["memory"] = limits["memory"] = given.memory
    return {part: values for part, values in (("requests", requests), ("limits", limits)) if values}
