"""The policies of gate mode, as people without Helm install them."""

from pathlib import Path
from typing import Any

import yaml

from releaseflow.kube.resources import OF_ADMISSION
from tests.faults.controlplane.client import Client, RefusedError
from tests.faults.simulator import objects

OPERATOR = "system:serviceaccount:releaseflow-system:releaseflow"
"""Whose writes the policies let pass."""
_MANIFESTS = Path(__file__).resolve().parents[3] / "deploy" / "gate.yaml"
_PLACES = {kind.singular: f"/apis/{kind.api_version}/{kind.plural}" for kind in OF_ADMISSION}
_TRY = "/apis/apps/v1/namespaces/default/deployments?dryRun=All"


def policies() -> list[Any]:
    """Return the policies and their bindings."""
    return list(yaml.safe_load_all(_MANIFESTS.read_text(encoding="utf-8")))


async def install(client: Client) -> None:
    """Create them."""
    for policy in policies():
        await client.create(_PLACES[policy["kind"]], policy)


async def holds(client: Client) -> bool:
    """Whether the API server follows them already."""
    labelled = objects.workload("Deployment", 600)
    labelled["metadata"]["labels"] = objects.GATED
    try:
        return bool((await client.create(_TRY, labelled))["spec"].get("paused"))
    except RefusedError:
        return False
