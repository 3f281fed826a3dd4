"""The file gitops/kustomize/releaseflow-fields.yaml: what kustomize has to know of our kinds.

It names every field that holds an image or the name of another object, as the CRDs have them. So `images`, `namePrefix`
and the hashes in names of generated Secrets and ConfigMaps reach a flow as they reach a Deployment.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from releaseflow.api.schema.base import GROUP
from releaseflow.api.v1alpha1.metadata import GATE_LABEL
from releaseflow.workloads.registry import WORKLOADS
from tools.crds import root_schema
from tools.kinds import KINDS
from tools.schema import Schema

FILE = Path(__file__).resolve().parents[1] / "gitops" / "kustomize" / "releaseflow-fields.yaml"
HEADER = """\
# Generated from the models in operator/releaseflow/api by `make docs`. Do not edit it: edit them.
# Name it below `configurations:` of a kustomization.yaml; docs/guides/gitops.md says how.
"""
REFERS = {
    "secretKeyRef/name": ("Secret",),
    "urlSecretRef/name": ("Secret",),
    "configMapKeyRef/name": ("ConfigMap",),
    "claimName": ("PersistentVolumeClaim",),
    "serviceAccountName": ("ServiceAccount",),
    "priorityClassName": ("PriorityClass",),
    "workloadRef/name": tuple(WORKLOADS),
    "targets/name": tuple(WORKLOADS),
    "flowRef/name": ("ReleaseFlow",),
}
"""Kinds of the objects that a field may name, by the end of its path."""


def text() -> str:
    """Return the file."""
    fields = [(kind.name, path) for kind in KINDS for path in _paths(root_schema(kind)["properties"]["spec"], "spec")]
    images = [_field(kind, path) for kind, path in fields if path.endswith("image")]
    references: dict[str, list[dict[str, str]]] = {}
    for kind, path in fields:
        for named in _named(path):
            references.setdefault(named, []).append(_field(kind, path))
    label = GATE_LABEL.replace("/", r"\/")
    references.setdefault("ReleaseFlow", []).extend(
        {"path": f"metadata/labels/{label}", "group": workload.group, "kind": kind}
        for kind, workload in WORKLOADS.items()
    )
    named_by = [{"kind": kind, "fieldSpecs": found} for kind, found in sorted(references.items())]
    content: dict[str, Any] = {"images": images, "nameReference": named_by}
    return HEADER + yaml.safe_dump(content, sort_keys=False, width=120)


def _field(kind: str, path: str) -> dict[str, str]:
    return {"path": path, "group": GROUP, "kind": kind}


def _named(path: str) -> tuple[str, ...]:
    return next((kinds for end, kinds in REFERS.items() if path.endswith(f"/{end}")), ())


def _paths(schema: Schema, path: str) -> Iterator[str]:
    """Yield the path of every field of text, as kustomize writes it: lists have no level of their own."""
    if "items" in schema:
        yield from _paths(schema["items"], path)
    for name, field in schema.get("properties", {}).items():
        if field.get("type") == "string":
            yield f"{path}/{name}"
        yield from _paths(field, f"{path}/{name}")
