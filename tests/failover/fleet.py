"""Many flows that were released: one really is, the others are made after it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from tests.faults.controlplane.client import Client
from tests.faults.simulator import objects
from tests.faults.simulator.history import History, Raw

NAMESPACE = "shops"
FIRST = "shop-0"
AT_ONCE = 20
"""Flows that are made at a time."""
_APIS = {
    "ReleaseFlow": ("releaseflow.dev/v1alpha1", "releaseflows"),
    "MigrationRun": ("releaseflow.dev/v1alpha1", "migrationruns"),
    "Deployment": ("apps/v1", "deployments"),
}


@dataclass
class Fleet:
    """Makes flows in a namespace."""

    client: Client
    history: History

    async def add_first(self) -> None:
        """Add a workload and its flow, to be released by an operator."""
        workload, flow = objects.workload("Deployment", 600), objects.flow(objects.OLD)
        workload["metadata"]["name"] = flow["metadata"]["name"] = FIRST
        workload["spec"]["replicas"] = 0
        flow["spec"]["targets"] = [{"name": FIRST}]
        await self.client.create(path("Deployment"), workload)
        await self.client.create(path("ReleaseFlow"), flow)

    async def add_others(self, count: int) -> list[str]:
        """Add flows that stand as the first one does, with workload and run; returns the names of all."""
        models = [("ReleaseFlow", FIRST), ("Deployment", FIRST)]
        models += [("MigrationRun", raw["metadata"]["name"]) for raw in self.history.all_of("MigrationRun")]
        found = [(kind, self.history.now[kind, name]) for kind, name in models]
        names, gate = [f"shop-{number}" for number in range(1, count)], asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._add_like(found, name, gate) for name in names))
        return [FIRST, *names]

    async def _add_like(self, models: list[tuple[str, Raw]], name: str, gate: asyncio.Semaphore) -> None:
        """Add copies under another name; their UIDs are known once they are there, and the statuses name them."""
        other = {FIRST: name}
        async with gate:
            for kind, model in models:
                made = await self.client.create(path(kind), _renamed(_asked_for(model), other))
                other[model["metadata"]["uid"]] = made["metadata"]["uid"]
            for kind, model in models:
                if kind != "Deployment":
                    status = {"status": _renamed(model["status"], other)}
                    await self.client.patch(f"{path(kind, _renamed(model['metadata']['name'], other))}/status", status)


def path(kind: str, name: str = "") -> str:
    """Return the path of a collection, or of an object in it."""
    version, plural = _APIS[kind]
    return f"/apis/{version}/namespaces/{NAMESPACE}/{plural}" + (f"/{name}" if name else "")


def _asked_for(model: Raw) -> Raw:
    """Leave out what the API server adds."""
    kept = ("name", "labels", "annotations", "finalizers", "ownerReferences")
    metadata = {key: value for key, value in model["metadata"].items() if key in kept}
    return {"apiVersion": model["apiVersion"], "kind": model["kind"], "metadata": metadata, "spec": model["spec"]}


def _renamed(raw: Any, other: dict[str, str]) -> Any:
    text = json.dumps(raw)
    for before, after in other.items():
        text = text.replace(before, after)
    return json.loads(text)
