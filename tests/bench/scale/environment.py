"""A control plane with flows on it, a fake kubelet for the pods of their Jobs, and when flows were ready."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.progress import say
from tests.faults.controlplane.client import Client
from tests.faults.controlplane.control_plane import ControlPlane
from tests.faults.simulator import objects
from tests.faults.simulator.database import Database
from tests.faults.simulator.history import ChangeEvent, Raw
from tests.faults.simulator.kubelet import RUN_UID, Kubelet
from tests.faults.simulator.pod_outcomes import PodOutcomes

OPERATORS, CROWDED, QUIET = "operators", "crowded", "quiet"
AT_ONCE = 20
"""Requests of ours at a time."""
PATIENCE_SECONDS = 1800.0
PROGRESS_SECONDS = 10.0
_FLOWS = "/apis/releaseflow.dev/v1alpha1"
_LONG_AGO = "2026-01-01T00:00:00Z"


class StalledError(Exception):
    """A release failed, so nothing can be measured; the message is the flow's."""


@dataclass
class Environment:
    """What the operator works on."""

    client: Client
    kubeconfig: Path
    ready_at: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """When a flow, by namespace and name, was first seen to be ready with an image, by the monotonic clock."""
    began_at: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """When the release of an image was first seen in a flow's status."""
    stalled: str = ""
    """What a release says that failed."""
    _kubelets: dict[str, Kubelet] = field(default_factory=dict)

    async def set_up(self) -> None:
        """Make the namespaces."""
        for namespace in (OPERATORS, CROWDED, QUIET):
            await self.client.create("/api/v1/namespaces", objects.namespace(namespace))

    async def add_flows(self, namespace: str, names: Iterable[str]) -> None:
        """Add flows over Deployments without pods, each with a database of its own."""
        await _all(self._add_flow(namespace, name) for name in names)

    async def add_finished_runs(self, count: int) -> None:
        """Add runs that ended long ago to the crowded namespace."""
        await _all(self._add_finished_run(f"finished-{number}") for number in range(count))

    async def release(self, namespace: str, names: Iterable[str], image: str) -> dict[str, float]:
        """Ask all flows for an image; returns when each was asked."""
        asked: dict[str, float] = {}

        async def ask(name: str) -> None:
            asked[name] = time.monotonic()
            await self.client.patch(_path(namespace, "releaseflows", name), {"spec": {"image": image}})

        await _all(ask(name) for name in names)
        return asked

    async def all_ready(self, namespace: str, names: list[str], image: str) -> None:
        """Wait until all flows are ready with an image, and say now and then how many are.

        Raises:
            StalledError: A release failed.
            TimeoutError: They never were.
        """
        reported = time.monotonic()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while missing := [name for name in names if (namespace, name, image) not in self.ready_at]:
                if self.stalled:
                    raise StalledError(self.stalled)
                if time.monotonic() > reported + PROGRESS_SECONDS:
                    reported = time.monotonic()
                    say(f"    {len(names) - len(missing)} of {len(names)} flows are ready with {image}")
                await asyncio.sleep(0.1)

    async def has_begun(self, namespace: str, name: str, image: str) -> None:
        """Wait until the release of an image has begun."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (namespace, name, image) not in self.began_at:  # noqa: ASYNC110  # of a thousand, one is waited for
                await asyncio.sleep(0.01)

    async def watch(self) -> None:
        """Play the kubelet, and note when flows begin and are ready, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow("/api/v1/pods", "Pod", self._play))
            group.create_task(self._follow(f"{_FLOWS}/releaseflows", "ReleaseFlow", self._note))

    async def _follow(self, path: str, kind: str, take: Callable[[ChangeEvent], None]) -> None:
        async for raw, gone in self.client.changes(path, await self.client.version(path)):
            take(ChangeEvent(int(raw["metadata"]["resourceVersion"]), kind, gone, raw))

    def _play(self, event: ChangeEvent) -> None:
        run = event.raw["metadata"].get("labels", {}).get(RUN_UID, "")
        if run not in self._kubelets:
            database = Database(hashlib.sha256(run.encode()).hexdigest(), applied=[objects.OLD])
            self._kubelets[run] = Kubelet(self.client, PodOutcomes(), database)
        self._kubelets[run].on_event(event)

    def _note(self, event: ChangeEvent) -> None:
        metadata, status = event.raw["metadata"], event.raw.get("status", {})
        release = status.get("release", {}).get("image", "")
        self.began_at.setdefault((metadata["namespace"], event.name, release), event.at)
        if _holds(status, "Stalled"):
            self.stalled = next(one["message"] for one in status["conditions"] if one["type"] == "Stalled")
        if status.get("observedGeneration") == metadata["generation"] and _holds(status, "Ready"):
            self.ready_at.setdefault((metadata["namespace"], event.name, event.raw["spec"]["image"]), event.at)

    async def _add_flow(self, namespace: str, name: str) -> None:
        workload, flow = objects.workload("Deployment", 600), objects.flow(objects.OLD)
        workload["metadata"]["name"] = flow["metadata"]["name"] = name
        workload["spec"]["replicas"] = 0
        flow["spec"] |= {"targets": [{"name": name}]}
        flow["spec"]["database"]["urlSecretRef"]["name"] = name
        await self.client.create(f"/apis/apps/v1/namespaces/{namespace}/deployments", workload)
        await self.client.create(_path(namespace, "releaseflows"), flow)

    async def _add_finished_run(self, name: str) -> None:
        flow = objects.flow(objects.OLD)["spec"]
        spec: Raw = {key: flow[key] for key in ("image", "database", "backup", "migration")}
        body = {
            "apiVersion": "releaseflow.dev/v1alpha1",
            "kind": "MigrationRun",
            "metadata": {"name": name},
            "spec": {**spec, "migration": {**spec["migration"], "workloadRef": {"name": name}}},
        }
        await self.client.create(_path(CROWDED, "migrationruns"), body)
        path = f"{_path(CROWDED, 'migrationruns', name)}/status"
        await self.client.patch(path, {"status": _finished_status(name)})


def _finished_status(name: str) -> Raw:
    """Return the status of a migrated run; it is as long as that of a real one."""
    conditions = [
        {
            "type": kind,
            "status": "True",
            "reason": "Opened",
            "message": f"{kind} of {name}",
            "observedGeneration": 1,
            "lastTransitionTime": _LONG_AGO,
        }
        for kind in ("Locked", "Checked", "BackedUp", "BackupVerified", "Migrated", "Ready")
    ]
    steps = [
        {
            "name": step.lower(),
            "type": step,
            "attempt": 1,
            "jobName": f"{name}-{step.lower()}",
            "jobUid": hashlib.sha256(f"{name} {step}".encode()).hexdigest()[:36],
            "startTime": _LONG_AGO,
            "completionTime": _LONG_AGO,
            "outcome": "Succeeded",
        }
        for step in ("Check", "Backup", "Migrate")
    ]
    backup = {
        "method": "PersistentVolumeClaim",
        "location": f"pvc://shop-backups/shop/{name}.dump",
        "sizeBytes": 4096,
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "completionTime": _LONG_AGO,
        "tables": 3,
        "restoreCommand": f"restore {name} ".ljust(2000, "."),
    }
    ended = {"observedGeneration": 1, "outcome": "Migrated", "startTime": _LONG_AGO, "completionTime": _LONG_AGO}
    return {**ended, "conditions": conditions, "steps": steps, "backup": backup}


@asynccontextmanager
async def stage() -> AsyncIterator[Environment]:
    """Have a stage on a control plane of its own; nothing of it is left afterwards."""
    async with ControlPlane() as plane:
        found = Environment(plane.client, plane.layout.kubeconfig)
        await found.set_up()
        watching = asyncio.create_task(found.watch())
        try:
            yield found
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(work: Coroutine[Any, Any, None]) -> None:
        async with gate:
            await work

    await asyncio.gather(*map(one, works))


def _path(namespace: str, plural: str, name: str = "") -> str:
    return f"{_FLOWS}/namespaces/{namespace}/{plural}" + (f"/{name}" if name else "")


def _holds(status: Raw, kind: str) -> bool:
    return any(one["type"] == kind and one["status"] == "True" for one in status.get("conditions", []))
