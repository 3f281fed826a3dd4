"""Put what the watches and the listings show into the cache."""

from dataclasses import dataclass, field
from functools import partial

from releaseflow.cache.cache import Cache
from releaseflow.cache.strip import strip
from releaseflow.kube.client import Client
from releaseflow.kube.errors import NotFoundError
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object


class KindServedError(Exception):
    """A kind that the cluster did not serve is served now: what is watched is decided at the start."""


@dataclass(frozen=True)
class Informer:
    """Where the watches deliver changed objects; the cache passes each change on."""

    cache: Cache
    unserved: set[Resource] = field(default_factory=set)
    """Kinds that a cluster need not have, and that this one did not serve when they were listed."""

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
            KindServedError: The kind was not served before.
        """
        asked_at = self.cache.newest
        try:
            listing = await kube.list_objects(kind, namespace, kind.selector, keep=partial(strip, kind))
        except NotFoundError:
            if not kind.may_be_unserved:
                raise
            self.unserved.add(kind)
            return ""
        if kind in self.unserved:
            raise KindServedError(f"{kind.plural}.{kind.group} are served now, and watched from the next start on")
        self.cache.replace(kind, namespace, listing, asked_at)
        return listing.resource_version
