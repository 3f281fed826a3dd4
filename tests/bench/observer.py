"""One observer for all that is compared: it watches, and notes when it saw what."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from releaseflow.kube.client import Client
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_map, get_str, name_of, resource_version_of


@dataclass(frozen=True)
class Observation:
    """What was seen, and when by the monotonic clock."""

    at: float
    kind: Resource
    raw: Object
    gone: bool = False

    def is_of(self, kind: Resource, name: str) -> bool:
        """Whether it is of this object."""
        return self.kind is kind and name_of(self.raw) == name


class Observer:
    """Watches kinds, each in a namespace or in all, for as long as it is entered."""

    def __init__(self, kube: Client, kinds: Mapping[Resource, str]) -> None:
        self.observations: list[Observation] = []
        self._kube = kube
        self._kinds = kinds
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for kind, namespace in self._kinds.items():
            listing = await self._kube.list_objects(kind, namespace)
            for raw in listing.items:
                self._note(kind, raw)
            self._tasks.append(asyncio.create_task(self._watch(kind, namespace, listing.resource_version)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def since(self, moment: float) -> list[Observation]:
        """Return what was seen after a moment."""
        return [seen for seen in self.observations if seen.at >= moment]

    async def first(
        self, is_so: Callable[[Observation], bool], since: float, seconds: float = 180, what: str = "it"
    ) -> Observation:
        """Return the first sighting after a moment that is so.

        Raises:
            TimeoutError: There was none in time.
        """
        looked_at = next((i for i, seen in enumerate(self.observations) if seen.at >= since), len(self.observations))
        deadline = time.monotonic() + seconds
        while True:
            for seen in self.observations[looked_at:]:
                if is_so(seen):
                    return seen
            looked_at = len(self.observations)
            await self._wait(deadline, what)

    async def _wait(self, deadline: float, what: str) -> None:
        self._news.clear()
        for task in self._tasks:
            if task.done():
                task.result()
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                await self._news.wait()
        except TimeoutError:
            raise TimeoutError(f"{what} was not seen in time: kubectl get rflow,mrun,jobs,pods -A") from None

    async def _watch(self, kind: Resource, namespace: str, version: str) -> None:
        while True:
            async for event in self._kube.watch(kind, namespace, version):
                raw = get_map(event, "object")
                version = resource_version_of(raw) or version
                if get_str(event, "type") not in {"BOOKMARK", "ERROR"}:
                    self._note(kind, raw, gone=get_str(event, "type") == "DELETED")

    def _note(self, kind: Resource, raw: Object, *, gone: bool = False) -> None:
        self.observations.append(Observation(time.monotonic(), kind, raw, gone))
        self._news.set()
