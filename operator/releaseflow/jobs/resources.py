"""Compute resources of a Job's containers."""

from collections.abc import Mapping
from typing import Any

from releaseflow.api.schema.base import to_dict
from releaseflow.api.v1alpha1.pods import COMPUTE_RESOURCES, Resources

_CLIENT = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}}


def client_resources(given: Resources) -> dict[str, Any]:
    """Return the resources of one of our own containers."""
    return _overridden(_CLIENT, given)


def application_resources(container: Mapping[str, Any], given: Resources) -> dict[str, Any]:
    """Return the resources of a container that runs the application: the workload's own, unless others are given."""
    inherited = container.get("resources") or {}
    return _overridden({part: inherited.get(part) or {} for part in ("requests", "limits")}, given)


def _overridden(base: Mapping[str, Mapping[str, Any]], given: Resources) -> dict[str, Any]:
    """Return the base; of a resource that is given, only what is given, since one limit may not fit another request."""
    asked = {"requests": to_dict(given.requests), "limits": to_dict(given.limits)}
    kept = {name for name in COMPUTE_RESOURCES if all(name not in amounts for amounts in asked.values())}
    parts = {part: {k: v for k, v in base[part].items() if k in kept} | asked[part] for part in asked}
    return {part: amounts for part, amounts in parts.items() if amounts}
