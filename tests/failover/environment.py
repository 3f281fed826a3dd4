"""A namespace with flows that are at rest, and operator processes that serve it."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.failover.fleet import NAMESPACE, Fleet, path
from tests.faults.controlplane.client import Client
from tests.faults.controlplane.control_plane import ControlPlane
from tests.faults.launcher.launchers import LOG, Child, ExecLauncher
from tests.faults.proxy.request import LEADER
from tests.faults.simulator import objects
from tests.faults.simulator.database import Database
from tests.faults.simulator.history import ChangeEvent, History, HistoryWatcher
from tests.faults.simulator.kubelet import Kubelet
from tests.faults.simulator.pod_outcomes import PodOutcomes

OPERATORS = "operators"
PATIENCE_SECONDS = 120.0


@dataclass
class Environment:
    """A control plane, the operators that were started on it, and everything that happens."""

    client: Client
    kubeconfig: Path
    history: History
    folder: Path
    _children: list[Child] = field(default_factory=list)

    async def set_scene(self, flows: int) -> list[str]:
        """Add flows that were released and have nothing to do; returns their names."""
        for namespace in (NAMESPACE, OPERATORS):
            await self.client.create("/api/v1/namespaces", objects.namespace(namespace))
        await self.client.create(f"/api/v1/namespaces/{NAMESPACE}/secrets", objects.secret())
        kubelet = Kubelet(self.client, PodOutcomes(), Database(applied=[objects.OLD]))
        self.history.listeners.append(kubelet.on_event)
        crowd = Fleet(self.client, self.history)
        operator = await self.start("first")
        await crowd.add_first()
        await _until(lambda: any(map(_is_ready, self.history.all_of("ReleaseFlow"))), "the first flow is released")
        operator.send(signal.SIGTERM)
        await operator.ended
        await kubelet.stop()
        self.history.listeners.remove(kubelet.on_event)
        return await crowd.add_others(flows)

    async def start(self, identity: str) -> Child:
        """Start an operator as its image does, imports and all."""
        folder = self.folder / identity
        folder.mkdir()
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "KUBECONFIG": str(self.kubeconfig),
            "POD_NAME": identity,
            "POD_NAMESPACE": OPERATORS,
            "RELEASEFLOW_NAMESPACES": NAMESPACE,
            "RELEASEFLOW_PROBE_PORT": "0",
            "RELEASEFLOW_LOG_FORMAT": "json",
        }
        child = await ExecLauncher().start(environment, folder)
        self._children.append(child)
        return child

    async def stop(self) -> None:
        """End all operators that still run."""
        for child in self._children:
            child.send(signal.SIGKILL)
            await child.ended

    async def leads(self, identity: str) -> None:
        """Wait until an operator leads."""
        await _until(lambda: self._holder() == identity, f"{identity} leads")

    async def stands_by(self, identity: str) -> None:
        """Wait until an operator has seen everything and waits for the Lease."""
        log = self.folder / identity / LOG
        await _until(lambda: "waiting_for_leadership" in log.read_text(encoding="utf-8"), f"{identity} stands by")

    async def ask_for(self, flow: str, image: str) -> None:
        """Ask for another image."""
        await self.client.patch(path("ReleaseFlow", flow), {"spec": {"image": image}})

    async def first_step(self, flow: str, image: str) -> float:
        """Wait until an operator has recorded that it releases an image; returns when, by the monotonic clock."""
        found: asyncio.Future[float] = asyncio.get_running_loop().create_future()

        def on_event(event: ChangeEvent) -> None:
            release = event.raw.get("status", {}).get("release", {})
            if (event.kind, event.name, release.get("image")) == ("ReleaseFlow", flow, image) and not found.done():
                found.set_result(time.monotonic())

        self.history.listeners.append(on_event)
        try:
            return await asyncio.wait_for(found, PATIENCE_SECONDS)
        finally:
            self.history.listeners.remove(on_event)

    def _holder(self) -> str:
        lease = self.history.get("Lease", LEADER)
        return str(lease["spec"].get("holderIdentity") or "") if lease else ""


@asynccontextmanager
async def environment() -> AsyncIterator[Environment]:
    """Have a place under a control plane of its own; nothing of it is left afterwards."""
    async with AsyncExitStack() as stack:
        plane = await stack.enter_async_context(ControlPlane())
        watcher = await stack.enter_async_context(HistoryWatcher(plane.client))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="releaseflow-failover-")))
        found = Environment(plane.client, plane.layout.kubeconfig, watcher.open(NAMESPACE, OPERATORS), folder)
        try:
            yield found
        finally:
            await found.stop()


async def _until(promise: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not promise():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS:.0f} s until {what}"
        await asyncio.sleep(0.05)


def _is_ready(flow: dict[str, Any]) -> bool:
    conditions = flow.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)
