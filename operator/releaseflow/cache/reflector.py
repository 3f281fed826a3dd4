"""Watch the Leases of the operator's own namespace: the locks and the leader's. kopf has one set of namespaces only."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from releaseflow.cache.informer import Informer
from releaseflow.kube.client import Client
from releaseflow.kube.errors import ApiError
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_int, get_map, get_str, resource_version_of

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0


@dataclass(frozen=True)
class Reflector:
    """Delivers changes of Leases."""

    kube: Client
    namespace: str
    informer: Informer
    on_lease_event: Callable[[Object], None]
    """Called with every Lease that changed."""

    async def run(self) -> None:
        """Watch for ever; list again after a watch failed."""
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
        version = await self.informer.relist(self.kube, Resource.LEASE, self.namespace)
        while version:
            version = await self._watched(version)

    async def _watched(self, version: str) -> str:
        """Watch until the stream ends; return where to go on, or nothing where that is lost."""
        async for event in self.kube.watch(Resource.LEASE, self.namespace, version):
            raw = get_map(event, "object")
            kind = get_str(event, "type")
            if kind == "ERROR":
                log.debug("lease_watch_expired", code=get_int(raw, "code"))
                return ""
            version = resource_version_of(raw) or version
            if kind != "BOOKMARK":
                self.informer.on_event(Resource.LEASE, raw, gone=kind == "DELETED")
                self.on_lease_event(raw)
        return version
