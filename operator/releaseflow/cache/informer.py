"""Put what the watches and the listings show into the cache."""

from dataclasses import dataclass
from functools import partial

from releaseflow.cache.cache import Cache
from releaseflow.cache.strip import strip
from releaseflow.kube.client import Client
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object


@dataclass(frozen=True)
class Informer:
    """Where the watches deliver changed objects; the cache passes each change on."""

    cache: Cache

    def on_event(self, kind: Resource, raw: Object, *, gone: bool) -> None:
        """Take in what a watch says of an object. Gone may also mean that it lost our label."""
        if gone:
            self.cache.delete(kind, raw)
        else:
            self.cache.upsert(kind, raw)

    async def relist(self, kube: Client, kind: Resource, namespace: str) -> str:
        """List a kind, take it into the cache whole, and return the listing's resourceVersion.

        Raises:
            HistoryRewoundError: The API server knows less than it did.
        """
        asked_at = self.cache.newest
        listing = await kube.list_objects(kind, namespace, kind.selector, keep=partial(strip, kind))
        self.cache.replace(kind, namespace, listing, asked_at)
        return listing.resource_version
