"""Put what the watches deliver into the cache, and the objects to reconcile into the queue."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from releaseflow.cache.cache import Cache, strip
from releaseflow.controllers.mappers import requests_for
from releaseflow.controllers.orphans.controller import orphans, runs_with_held_objects
from releaseflow.controllers.workqueue import WorkQueue
from releaseflow.kube.client import Client
from releaseflow.kube.finalizers import has_our_finalizer
from releaseflow.kube.resources import Key, Resource
from releaseflow.unstructured import Object, get_int, get_str, is_condition_true, name_of, namespace_of, uid_of


@dataclass
class Informer:
    """Where the watches deliver changed objects."""

    cache: Cache
    queue: WorkQueue[Key]
    enqueuing: bool = False
    """Whether anybody works on the queue; a standby only keeps its cache."""
    on_flow_deleted: Callable[[Object], None] = lambda _raw: None
    """Called, while enqueuing, with every flow that was deleted."""

    def __post_init__(self) -> None:
        self.cache.changed = self._changed

    def on_event(self, kind: Resource, raw: Object, *, gone: bool) -> None:
        """Take in what a watch says of an object. Gone may also mean that it lost our label."""
        if gone:
            self.cache.delete(kind, raw)
        else:
            self.cache.upsert(kind, raw)

    def start_enqueuing(self) -> None:
        """Begin to ring, with all who may have something to do: what happened before was only seen.

        Who does have something to do comes first.
        """
        self.enqueuing = True
        owing = runs_with_held_objects(self.cache)
        runs = [key for key in self.cache.keys(Resource.RUN) if not self._is_over(key, owing)]
        for key in (*sorted((*self.cache.keys(Resource.FLOW), *runs), key=self._is_at_rest), *orphans(self.cache)):
            self.queue.add(key)

    async def relist(self, kube: Client, kind: Resource, namespace: str) -> str:
        """List a kind, take it into the cache whole, and return the listing's resourceVersion.

        Raises:
            HistoryRewoundError: The API server knows less than it did.
        """
        asked_at = self.cache.newest
        listing = await kube.list_objects(kind, namespace, kind.selector, keep=partial(strip, kind))
        self.cache.replace(kind, namespace, listing, asked_at)
        return listing.resource_version

    def _is_at_rest(self, key: Key) -> bool:
        """Whether nothing is left to do for an object, as far as its own status says."""
        raw = self.cache.get(key.kind, key.namespace, key.name)
        if key.kind is Resource.RUN:
            return bool(get_str(raw, "status", "outcome"))
        seen = get_int(raw, "status", "observedGeneration") == get_int(raw, "metadata", "generation")
        return seen and not is_condition_true(raw, "Reconciling")

    def _is_over(self, key: Key, owing: frozenset[str]) -> bool:
        """Whether a run has an outcome, and nothing is kept for it any more."""
        raw = self.cache.get(key.kind, key.namespace, key.name)
        return bool(get_str(raw, "status", "outcome")) and not has_our_finalizer(raw) and uid_of(raw) not in owing

    def _changed(self, kind: Resource, raw: Object) -> None:
        """Enqueue what a change concerns, whether a watch or a response of the API server showed it."""
        if not self.enqueuing:
            return
        for key in requests_for(self.cache, kind, raw):
            self.queue.add(key)
        if kind is Resource.FLOW and self.cache.get(kind, namespace_of(raw), name_of(raw)) is None:
            self.on_flow_deleted(raw)
