"""How a change reaches the API server: each client as one function of a Deployment and of what is changed in it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.unit.chart.gate.api import APPLY, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Answer
from tests.unit.chart.gate.changes import Change
from tests.unit.chart.gate.deployments import Deployment
from tests.unit.chart.rendering import Manifest

Client = Callable[[Deployment, Change], Answer]
PARTS = (
    ("metadata", "labels"),
    ("metadata", "annotations"),
    *(("spec", part) for part in ("template", "replicas", "minReadySeconds", "paused")),
    *(("spec", part) for part in ("jobTemplate", "suspend", "schedule", "updateStrategy")),
)
CONFLICT = "the object has been modified"
REPLACE = {"$patch": "replace"}


def made(client: Client, deployment: Deployment, change: Change) -> Answer:
    """Make a change, once more where a controller came in between."""
    answer = client(deployment, change)
    while CONFLICT in answer.message:
        answer = client(deployment, change)
    return answer


def _changed(manifest: Manifest, change: Change) -> Manifest:
    wanted = deepcopy(manifest)
    change(wanted)
    return wanted


def update(deployment: Deployment, change: Change) -> Answer:
    """Read, change, and write all of it, as a controller does."""
    return deployment.api.put(_changed(deployment.live, change))


def replace(deployment: Deployment, change: Change) -> Answer:
    """Write what is in Git over whatever is there."""
    return deployment.api.put(_changed(deployment.git, change))


def server_side_apply(deployment: Deployment, change: Change) -> Answer:
    """Apply what is in Git."""
    return deployment.api.patch(deployment.name, _changed(deployment.git, change), APPLY)


def merge_patch(deployment: Deployment, change: Change) -> Answer:
    """Send what differs; a list that differs is sent whole."""
    live = deployment.live
    return deployment.api.patch(deployment.name, _difference(live, _changed(live, change), []), MERGE_PATCH)


def strategic_patch(deployment: Deployment, change: Change) -> Answer:
    """Send what differs; a list of containers is said to take the place of the old one."""
    live = deployment.live
    return deployment.api.patch(deployment.name, _difference(live, _changed(live, change), [REPLACE]), STRATEGIC_PATCH)


def json_patch(deployment: Deployment, change: Change) -> Answer:
    """Send operations."""
    live = deployment.live
    wanted = _changed(live, change)
    operations: list[dict[str, Any]] = []
    for outer, inner in PARTS:
        path, before, after = f"/{outer}/{inner}", live[outer].get(inner), wanted[outer].get(inner)
        if after is None and before is not None:
            operations.append({"op": "remove", "path": path})
        elif after != before:
            operations.append({"op": "add", "path": path, "value": after})
    return deployment.api.patch(deployment.name, operations, JSON_PATCH)


def kubectl_apply(deployment: Deployment, change: Change) -> Answer:
    """Apply what is in Git by the way of kubectl, three-way."""
    return deployment.api.type("apply", "-f", "-", document=_changed(deployment.git, change))


def kubectl_apply_server_side(deployment: Deployment, change: Change) -> Answer:
    """Apply what is in Git by kubectl, and let the API server merge it."""
    words = ("apply", "--server-side", "--force-conflicts", "--field-manager=argocd-controller", "-f", "-")
    return deployment.api.type(*words, document=_changed(deployment.git, change))


def kubectl_replace(deployment: Deployment, change: Change) -> Answer:
    """Replace the object by what is in Git."""
    return deployment.api.type("replace", "-f", "-", document=_changed(deployment.git, change))


def _difference(before: Any, after: Any, first: list[Any]) -> Any:
    found: dict[str, Any] = {key: None for key in before if key not in after}
    for key, value in after.items():
        old = before.get(key)
        if value == old:
            continue
        if isinstance(value, dict) and isinstance(old, dict):
            found[key] = _difference(old, value, first)
        else:
            found[key] = [*value, *first] if isinstance(value, list) else value
    return found


EDITORS: tuple[Client, ...] = (update, merge_patch, strategic_patch, json_patch)
"""They change the object as it is."""

APPLIERS: tuple[Client, ...] = (server_side_apply, kubectl_apply, kubectl_apply_server_side)
"""They send what is in Git, and take away only what they own, or what they applied before."""

REPLACERS: tuple[Client, ...] = (replace, kubectl_replace)
"""They send what is in Git, and what is not there goes."""

BY_KUBECTL: tuple[Client, ...] = (kubectl_apply, kubectl_apply_server_side, kubectl_replace)

CLIENTS: tuple[Client, ...] = (*EDITORS, *APPLIERS, *REPLACERS)
