"""Strip an object of what nothing reads before the cache keeps it (client-go's transform)."""

import sys
from typing import Any

from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_list, get_map, get_str

_STRIPPED_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
_SHORT = 40
"""Length of a text that many objects may have in common: a name, a reason, a UID; a message or a digest is longer."""


def strip(kind: Resource, raw: Object) -> Object:
    """Return an object without what nothing reads; of managed fields, only the writers of images remain."""
    metadata = {key: value for key, value in get_map(raw, "metadata").items() if key != "managedFields"}
    if kind.is_workload:
        metadata["managedFields"] = image_managers(raw)
    annotations = get_map(metadata, "annotations")
    if _STRIPPED_ANNOTATION in annotations:
        metadata["annotations"] = {key: value for key, value in annotations.items() if key != _STRIPPED_ANNOTATION}
    return {**raw, "metadata": metadata, **_stripped_spec(kind, raw)}


def _stripped_spec(kind: Resource, raw: Object) -> Object:
    """Return what is read of the spec of a pod or Job of ours, where it is much less than the whole."""
    if kind.is_workload or kind.is_admission:
        return {}
    match kind:
        case Resource.JOB:
            template = {"spec": _only(get_map(raw, "spec", "template", "spec"), "restartPolicy")}
            return {"spec": {**get_map(raw, "spec"), "template": template}}
        case Resource.POD:
            groups = ("initContainers", "containers")
            kept = ("name", "image", "restartPolicy", "restartPolicyRules")
            containers = {group: [_only(c, *kept) for c in get_list(raw, "spec", group)] for group in groups}
            return {"spec": {**_only(get_map(raw, "spec"), "nodeName", "restartPolicy"), **containers}}
        case Resource.FLOW | Resource.RUN | Resource.LEASE | Resource.EVENT | Resource.CLAIM | Resource.NAMESPACE:
            return {}


def intern_strings(found: Any) -> Any:
    """Return the same with keys and short texts that all objects share: each answer brings its own copies of them."""
    match found:
        case dict():
            return {sys.intern(key): intern_strings(value) for key, value in found.items()}
        case list():
            return [intern_strings(item) for item in found]
        case str() if len(found) <= _SHORT:
            return sys.intern(found)
        case _:
            return found


def _only(fields: Object, *names: str) -> Object:
    return {name: fields[name] for name in names if name in fields}


def image_managers(raw: Object) -> list[Object]:
    """Return the managers that wrote images of a workload, by its managed fields, without what else they wrote."""
    entries = [
        entry for entry in get_list(raw, "metadata", "managedFields") if "'f:image'" in str(entry.get("fieldsV1"))
    ]
    return [
        {"manager": get_str(entry, "manager"), "time": get_str(entry, "time"), "fieldsV1": {"f:image": {}}}
        for entry in entries
    ]
