"""Enqueue the requests that a changed object leads to: at each change of the cache, and once for all at the start."""

from collections.abc import Callable
from dataclasses import dataclass

from releaseflow.cache.cache import Cache
from releaseflow.controllers.mappers import requests_for
from releaseflow.controllers.orphans.controller import orphans, runs_with_held_objects
from releaseflow.controllers.request import ReconcileRequest, request_for
from releaseflow.controllers.workqueue import WorkQueue
from releaseflow.kube.finalizers import has_our_finalizer
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_int, get_str, is_condition_true, name_of, namespace_of, uid_of


@dataclass
class EventHandler:
    """Handles the changes of a cache."""

    cache: Cache
    queue: WorkQueue[ReconcileRequest]
    enqueuing: bool = False
    """Whether the queue has workers; a standby only keeps its cache."""
    on_flow_deleted: Callable[[Object], None] = lambda _raw: None
    """Called, while enqueuing, with every flow that was deleted."""

    def __post_init__(self) -> None:
        self.cache.changed = self.on_change

    def start(self) -> None:
        """Begin to enqueue, with all objects that may have something to do; those that do have come first."""
        self.enqueuing = True
        needed = runs_with_held_objects(self.cache)
        runs = [(Resource.RUN, run) for run in self.cache.list_all(Resource.RUN) if not _is_over(run, needed)]
        flows = [(Resource.FLOW, flow) for flow in self.cache.list_all(Resource.FLOW)]
        first = sorted((*flows, *runs), key=lambda found: _is_idle(*found))
        for request in (*(request_for(*found) for found in first), *orphans(self.cache)):
            self.queue.add(request)

    def stop(self) -> None:
        """Enqueue nothing any more."""
        self.enqueuing = False

    def on_change(self, kind: Resource, raw: Object) -> None:
        """Enqueue what a change concerns, whether a watch or a response of the API server showed it."""
        if not self.enqueuing:
            return
        for request in requests_for(self.cache, kind, raw):
            self.queue.add(request)
        if kind is Resource.FLOW and self.cache.get(kind, namespace_of(raw), name_of(raw)) is None:
            self.on_flow_deleted(raw)


def _is_idle(kind: Resource, raw: Object) -> bool:
    """Whether nothing is left to do for an object, as far as its own status says."""
    if kind is Resource.RUN:
        return bool(get_str(raw, "status", "outcome"))
    seen = get_int(raw, "status", "observedGeneration") == get_int(raw, "metadata", "generation")
    return seen and not is_condition_true(raw, "Reconciling")


def _is_over(run: Object, needed: frozenset[str]) -> bool:
    """Whether a run has an outcome, and nothing is kept for it any more."""
    return bool(get_str(run, "status", "outcome")) and not has_our_finalizer(run) and uid_of(run) not in needed
