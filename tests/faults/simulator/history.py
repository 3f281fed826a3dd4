"""Sees everything that ever happens in the cluster, in the order in which it happened."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from releaseflow.cache.strip import image_managers
from releaseflow.workloads.registry import WORKLOADS
from tests.faults.controlplane.client import Client, RefusedError

Raw = dict[str, Any]

PATHS = {
    "Pod": "/api/v1/pods",
    "Job": "/apis/batch/v1/jobs",
    **{
        kind: f"/apis/{workload.api_version}/{workload.plural}"
        for kind, workload in WORKLOADS.items()
        if workload.is_built_in
    },
    "ReplicaSet": "/apis/apps/v1/replicasets",
    "Lease": "/apis/coordination.k8s.io/v1/leases",
    "ReleaseFlow": "/apis/releaseflow.dev/v1alpha1/releaseflows",
    "MigrationRun": "/apis/releaseflow.dev/v1alpha1/migrationruns",
    "Namespace": "/api/v1/namespaces",
}
"""What is watched, in all namespaces."""
START_SECONDS = 30.0
ERA = 10**12
"""More than the store's revision ever is: by so much those count more that came after a restored backup."""


def version_of(raw: Raw, era: int) -> int:
    """Return the store's revision of an object or a list, above all those of before the store was last restored."""
    return era * ERA + int(raw.get("metadata", {}).get("resourceVersion") or 0)


@dataclass(frozen=True)
class ChangeEvent:
    """An object as it stood after a change."""

    version: int
    """The store's revision, and `ERA` for each time that it was restored: it orders the changes of all kinds."""
    kind: str
    gone: bool
    raw: Raw
    at: float = field(default_factory=time.monotonic)
    """When its event arrived."""

    @property
    def name(self) -> str:
        """Name of the object."""
        return str(self.raw["metadata"]["name"])

    @property
    def uid(self) -> str:
        """UID of the object."""
        return str(self.raw["metadata"]["uid"])


@dataclass
class History:
    """Everything that happened in the namespaces of one plan."""

    sights: list[ChangeEvent] = field(default_factory=list)
    now: dict[tuple[str, str], Raw] = field(default_factory=dict)
    """The objects that there are, by kind and name."""
    listeners: list[Callable[[ChangeEvent], None]] = field(default_factory=list)

    def take(self, event: ChangeEvent) -> None:
        """Take in a change."""
        self.sights.append(event)
        if event.gone:
            self.now.pop((event.kind, event.name), None)
        else:
            self.now[event.kind, event.name] = event.raw
        for listener in self.listeners:
            listener(event)

    def in_order(self) -> list[ChangeEvent]:
        """Return all changes in the order of the store's revisions."""
        return sorted(self.sights, key=lambda event: event.version)

    def all_of(self, kind: str) -> list[Raw]:
        """Return the objects of a kind as they are now."""
        return [raw for (known, _), raw in self.now.items() if known == kind]

    def get(self, kind: str, name: str) -> Raw | None:
        """Return an object as it is now."""
        return self.now.get((kind, name))


@dataclass
class HistoryWatcher:
    """Watches of the whole cluster; what happens goes to the history of the plan that it belongs to."""

    client: Client
    histories: dict[str, History] = field(default_factory=dict)
    _watches: "list[asyncio.Task[None]]" = field(default_factory=list)
    _era: int = 0

    async def __aenter__(self) -> Self:
        for kind, path in PATHS.items():
            version = await self.client.version(path)
            self._watches.append(asyncio.create_task(self._watch(kind, path, version)))
        return self

    async def begin_era(self) -> None:
        """See everything anew after the store was restored: what is gone, what is another, and what is to come."""
        await self.__aexit__(None, None, None)
        self._watches.clear()
        self._era += 1
        for kind, path in PATHS.items():
            listing = await self._listing(path)
            self._compare(kind, listing["items"])
            version = listing["metadata"]["resourceVersion"]
            self._watches.append(asyncio.create_task(self._watch(kind, path, version)))

    async def _listing(self, path: str) -> Any:
        """List a kind, as soon as an API server that has just started serves it."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    return await self.client.get(path)
                except RefusedError:
                    await asyncio.sleep(START_SECONDS / 100)

    def _compare(self, kind: str, items: list[Raw]) -> None:
        present = {raw["metadata"]["uid"] for raw in items}
        histories = {id(history): history for history in self.histories.values()}
        known = [raw for history in histories.values() for raw in history.all_of(kind)]
        for raw in known:
            if raw["metadata"]["uid"] not in present:
                self._tell(kind, {**raw, "metadata": {**raw["metadata"], "resourceVersion": "0"}}, gone=True)
        as_known = {(raw["metadata"]["uid"], raw["metadata"]["resourceVersion"]) for raw in known}
        for raw in items:
            if (raw["metadata"]["uid"], raw["metadata"]["resourceVersion"]) not in as_known:
                self._tell(kind, raw, gone=False)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)

    def open(self, *namespaces: str) -> History:
        """Return the history that will be told of some namespaces."""
        history = History()
        self.histories.update(dict.fromkeys(namespaces, history))
        return history

    def close(self, *namespaces: str) -> None:
        """Stop telling of some namespaces."""
        for namespace in namespaces:
            self.histories.pop(namespace, None)

    async def _watch(self, kind: str, path: str, version: str) -> None:
        async for raw, gone in self.client.changes(path, version):
            self._tell(kind, raw, gone=gone)

    def _tell(self, kind: str, raw: Raw, *, gone: bool) -> None:
        history = self.histories.get(raw["metadata"].get("namespace", raw["metadata"]["name"]))
        if history is not None:
            raw["metadata"]["managedFields"] = image_managers(raw)
            history.take(ChangeEvent(version_of(raw, self._era), kind, gone, raw))
