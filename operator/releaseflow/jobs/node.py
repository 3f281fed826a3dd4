"""The node that a pod had better run on: one that has its image already."""

from typing import Any

_WEIGHT = 100
"""The most that Kubernetes allows: what the application itself prefers held for the earlier pod as well."""


def prefer_node(template: dict[str, Any], node: str) -> dict[str, Any]:
    """Return a pod template that prefers a node, beside all that it requires and prefers already."""
    if not node:
        return template
    spec = template["spec"]
    affinity = spec.get("affinity") or {}
    nodes = affinity.get("nodeAffinity") or {}
    kind = "preferredDuringSchedulingIgnoredDuringExecution"
    preferred = [*(nodes.get(kind) or []), _on(node)]
    affinity = {**affinity, "nodeAffinity": {**nodes, kind: preferred}}
    return {**template, "spec": {**spec, "affinity": affinity}}


def _on(node: str) -> dict[str, Any]:
    """Prefer a node by its name, as the pod that ran there has it: the label of a host may differ from that."""
    fields = [{"key": "metadata.name", "operator": "In", "values": [node]}]
    return {"weight": _WEIGHT, "preference": {"matchFields": fields}}
