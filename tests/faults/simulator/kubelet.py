"""A kubelet with no containers: it moves the pods of one namespace as their fates say."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.faults.controlplane.client import Client, RefusedError
from tests.faults.simulator.database import Database, Start
from tests.faults.simulator.history import ChangeEvent, Raw
from tests.faults.simulator.pod_outcomes import End, PodOutcomes
from tests.faults.simulator.pod_statuses import Progress, ready, terminal

STEP = "releaseflow.dev/step"
RUN_UID = "releaseflow.dev/run-uid"
NODE = "node"
PATIENCE_SECONDS, PAUSE_SECONDS = 90.0, 0.2
KILLED = 143
"""Exit code of a program that a signal ended."""


@dataclass
class Kubelet:
    """Moves the pods of a namespace; call `on_event` with every change."""

    client: Client
    fates: PodOutcomes
    database: Database
    _lives: "dict[str, asyncio.Task[None]]" = field(default_factory=dict)
    _progress: dict[str, Progress] = field(default_factory=dict)
    _said: dict[str, Raw] = field(default_factory=dict)
    """What it reported last of each pod, by UID."""

    def on_event(self, event: ChangeEvent) -> None:
        """Take in a change of an object."""
        if event.kind != "Pod":
            return
        uid, deleting = event.uid, "deletionTimestamp" in event.raw["metadata"]
        if event.gone:
            self._end(uid)
            self.database.ends(uid, well=False)
        elif deleting:
            self._live(f"{uid} ends", self._killed(event.raw))
        elif uid not in self._lives:
            step = event.raw["metadata"].get("labels", {}).get(STEP)
            self._live(uid, self._step(event.raw, step) if step else self._served(event.raw))

    async def say_again(self, pods: list[Raw]) -> None:
        """Report what is known of pods whose statuses the store has forgotten."""
        for pod in pods:
            status = self._said.get(pod["metadata"]["uid"])
            if status is not None:
                with suppress(RefusedError):
                    if not pod["spec"].get("nodeName"):
                        await self._bind(pod)
                    await self._report(pod, status)

    async def stop(self) -> None:
        """Leave all pods as they are."""
        lives = list(self._lives.values())
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)

    def _live(self, key: str, life: Any) -> None:
        if key in self._lives:
            life.close()
        else:
            self._lives[key] = asyncio.create_task(life)

    def _end(self, uid: str) -> None:
        life = self._lives.get(uid)
        if life is not None:
            life.cancel()

    async def _served(self, pod: Raw) -> None:
        """Bring a pod of the workload up, or leave it where its image cannot be pulled."""
        with suppress(RefusedError):
            await self._bind(pod)
            image = pod["spec"]["containers"][0]["image"]
            progress = Progress(pod, _image_id)
            status = progress.waiting("ImagePullBackOff") if image in self.fates.broken else ready(progress.running())
            await self._report(pod, status)

    async def _step(self, pod: Raw, step: str) -> None:
        """Run the containers of a step one after the other."""
        with suppress(RefusedError):
            await self._bind(pod)
            progress = self._progress[pod["metadata"]["uid"]] = Progress(pod, _image_id)
            if step == "Migrate":
                self.database.begins(_start(pod))
            await self._report(pod, progress.running())
            await asyncio.sleep(self.fates.seconds)
            for container in progress.containers:
                end = self.fates.end_of(container["name"], container["image"], self.database)
                progress.ended(container["name"], end)
                if container["name"] == "migrate":
                    self.database.ends(pod["metadata"]["uid"], well=end.code == 0)
                if end.code:
                    break
            if step == "Backup" and progress.is_well():
                self.database.proven.add(pod["metadata"]["labels"][RUN_UID])
            # A real kubelet reports the containers' end more than a second before the phase of their pod.
            await self._report(pod, {"phase": "Running", **progress.over()})
            await asyncio.sleep(self.fates.phase_seconds)
            await self._report(pod, terminal(progress))

    async def _killed(self, pod: Raw) -> None:
        """End what runs of a pod, say so, and let it go; of one that no node has, the garbage collector says so."""
        uid = pod["metadata"]["uid"]
        self._end(uid)
        self.database.ends(uid, well=False)
        progress = self._progress.get(uid)
        with suppress(RefusedError):
            if pod["status"]["phase"] in {"Pending", "Running"}:
                stopped = progress or Progress(pod, _image_id)
                stopped.stopped(End(KILLED))
                await self._report(pod, terminal(stopped))
            await self.client.delete(_path(pod), gracePeriodSeconds=0, preconditions={"uid": uid})

    async def _bind(self, pod: Raw) -> None:
        body = {"metadata": {"name": pod["metadata"]["name"]}, "target": {"kind": "Node", "name": NODE}}
        await _patiently(lambda: self.client.create(f"{_path(pod)}/binding", body))

    async def _report(self, pod: Raw, status: Raw) -> None:
        self._said[pod["metadata"]["uid"]] = status
        began = {"startTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        body = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": {**began, **status}}
        await _patiently(lambda: self.client.patch(f"{_path(pod)}/status", body))


async def _patiently(ask: Callable[[], Awaitable[Any]]) -> None:
    """Ask until the API server answers, whatever it says."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                await ask()
            except aiohttp.ClientError:
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return


def _start(pod: Raw) -> Start:
    image = next(c["image"] for c in Progress(pod, _image_id).containers if c["name"] == "migrate")
    return Start(image, pod["metadata"]["labels"][RUN_UID], pod["metadata"]["uid"])


def _path(pod: Raw) -> str:
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"


def _image_id(image: str) -> str:
    return f"{image.rpartition(':')[0]}@sha256:{hashlib.sha256(image.encode()).hexdigest()}"
