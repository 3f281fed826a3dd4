"""Read objects for one reconcile: from the cache where that suffices, else from the API server."""

from dataclasses import dataclass, field, replace

from releaseflow.cache.cache import Cache
from releaseflow.kube.client import Client
from releaseflow.kube.errors import NotFoundError
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_map


@dataclass(frozen=True)
class Reader:
    """Reads, and shows the cache whatever the API server answers."""

    kube: Client
    cache: Cache
    live: bool = False
    """Whether every read goes to the API server."""
    answers: dict[tuple[Resource, str, str], Object | None] = field(default_factory=dict)
    """Responses for objects that no watch delivers; valid for the one reconcile that this reader serves."""

    def live_reader(self) -> "Reader":
        """Return a reader that asks the API server for everything."""
        return replace(self, live=True)

    async def get(self, kind: Resource, namespace: str, name: str) -> Object | None:
        """Return an object; None only where the API server has just said that there is none."""
        if self.live:
            return await self.get_live(kind, namespace, name)
        seen = self.cache.get(kind, namespace, name)
        if seen is not None:
            return seen
        if (kind, namespace, name) not in self.answers:
            await self.get_live(kind, namespace, name)
        return self.cached(kind, namespace, name)

    def cached(self, kind: Resource, namespace: str, name: str) -> Object | None:
        """Return the cached object, or one that this reader has read live. None does not mean that there is none."""
        return self.cache.get(kind, namespace, name) or self.answers.get((kind, namespace, name))

    async def get_live(self, kind: Resource, namespace: str, name: str) -> Object | None:
        """Return an object as the API server has it now."""
        if not name:
            return None
        raw: Object | None
        try:
            raw = await self.kube.get(kind, namespace, name)
            self.cache.upsert(kind, raw)
        except NotFoundError:
            raw = None
            self.cache.evict(kind, namespace, name)
        self._remember(kind, namespace, name, raw)
        return raw

    def _remember(self, kind: Resource, namespace: str, name: str, raw: Object | None) -> None:
        """Keep an answer, unless the cache keeps the object: an older form must not outlive it there."""
        if raw is not None and kind.is_watched(get_map(raw, "metadata", "labels")):
            self.answers.pop((kind, namespace, name), None)
        else:
            self.answers[kind, namespace, name] = raw

    async def list_objects(self, kind: Resource, namespace: str, labels: dict[str, str] | None = None) -> list[Object]:
        """Return the objects of a namespace that carry these labels."""
        if not self.live:
            return self.cache.list_objects(kind, namespace, labels)
        return await self.list_live(kind, namespace, labels)

    async def list_chosen(self, kind: Resource, namespace: str, selector: str) -> list[Object]:
        """Return the objects of a namespace that a selector chooses, whole and as the API server has them now."""
        listing = await self.kube.list_objects(kind, namespace, selector)
        return listing.items

    async def list_live(self, kind: Resource, namespace: str, labels: dict[str, str] | None = None) -> list[Object]:
        """Return the objects of a namespace that carry these labels, as the API server has them now.

        All of them for no label at all; where none are given, those that a watch delivers.
        """
        selector = kind.selector if labels is None else ",".join(f"{key}={value}" for key, value in labels.items())
        listing = await self.kube.list_objects(kind, namespace, selector)
        for raw in listing.items:
            self.cache.upsert(kind, raw)
        return listing.items
