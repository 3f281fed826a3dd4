"""The kind Rollout as an API server serves it that has no Argo Rollouts: nothing but its containers has a schema."""

from typing import Any

_OPEN = {"x-kubernetes-preserve-unknown-fields": True, "type": "object"}
_CONTAINERS = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    "items": {**_OPEN, "properties": {"name": {"type": "string"}}, "required": ["name"]},
}
"""As the definition of Argo Rollouts has them, so that who applies one container leaves the others as they are."""


def _nested(schema: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return a schema that has another one at a path, and leaves everything else open."""
    for step in reversed(path):
        schema = {**_OPEN, "properties": {step: schema}}
    return schema


_PODS = {**_OPEN, "properties": {"containers": _CONTAINERS, "initContainers": _CONTAINERS}}
ROLLOUTS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "rollouts.argoproj.io"},
    "spec": {
        "group": "argoproj.io",
        "names": {"kind": "Rollout", "plural": "rollouts", "singular": "rollout"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": _nested(_PODS, "spec", "template", "spec")},
            }
        ],
    },
}
"""Its definition."""
