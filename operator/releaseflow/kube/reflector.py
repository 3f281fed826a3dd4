"""Watch the Leases of the operator's own namespace: the locks and the leader's. kopf has one set of namespaces only."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from releaseflow.cache.informer import Feed
from releaseflow.kube.client import Kube
from releaseflow.kube.errors import ApiError
from releaseflow.kube.resources import Kind
from releaseflow.kube.unstructured import Raw, number, part, text, version_of

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0


@dataclass(frozen=True)
class LeaseWatch:
    """Feeds what is heard of Leases."""

    kube: Kube
    namespace: str
    feed: Feed
    heard: Callable[[Raw], None]
    """Told of every Lease that changed."""

    async def run(self) -> None:
        """Watch for ever; list anew where the thread was lost."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._listed_and_watched()
                pause = FIRST_PAUSE
            except ApiError as error:
                log.warning("lease_watch_lost", why=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _listed_and_watched(self) -> None:
        version = await self.feed.list_anew(self.kube, Kind.LEASE, self.namespace)
        while version:
            version = await self._watched(version)

    async def _watched(self, version: str) -> str:
        """Watch until the stream ends; return where to go on, or nothing where that is lost."""
        async for event in self.kube.watch(Kind.LEASE, self.namespace, version):
            raw = part(event, "object")
            kind = text(event, "type")
            if kind == "ERROR":
                log.debug("lease_watch_expired", code=number(raw, "code"))
                return ""
            version = version_of(raw) or version
            if kind != "BOOKMARK":
                self.feed.heard(Kind.LEASE, raw, gone=kind == "DELETED")
                self.heard(raw)
        return version
