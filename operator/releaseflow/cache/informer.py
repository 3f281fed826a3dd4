"""What is heard goes into the view, and whom it concerns into the queue."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from releaseflow.cache.cache import View, light
from releaseflow.controllers.mappers import rings
from releaseflow.controllers.orphans.controller import is_kept, orphans, runs_that_are_owed_a_clean_up
from releaseflow.controllers.workqueue import KeyQueue
from releaseflow.kube.client import Kube
from releaseflow.kube.resources import Key, Kind
from releaseflow.kube.unstructured import Raw, holds, name_of, namespace_of, number, text, uid_of


@dataclass
class Feed:
    """Where the watches deliver what they hear."""

    view: View
    queue: KeyQueue[Key]
    awake: bool = False
    """Whether anybody works on the queue; a standby only keeps its view."""
    flow_gone: Callable[[Raw], None] = lambda _raw: None
    """Told, while awake, of every flow that was deleted."""

    def __post_init__(self) -> None:
        self.view.changed = self._changed

    def heard(self, kind: Kind, raw: Raw, *, gone: bool) -> None:
        """Take in what a watch says of an object. Gone may also mean that it lost our label."""
        if gone:
            self.view.remove(kind, raw)
        else:
            self.view.put(kind, raw)

    def wake(self) -> None:
        """Begin to ring, with all who may have something to do: what happened before was only seen.

        Who does have something to do comes first.
        """
        self.awake = True
        owing = runs_that_are_owed_a_clean_up(self.view)
        runs = [key for key in self.view.keys(Kind.RUN) if not self._is_over(key, owing)]
        for key in (*sorted((*self.view.keys(Kind.FLOW), *runs), key=self._is_at_rest), *orphans(self.view)):
            self.queue.add(key)

    async def list_anew(self, kube: Kube, kind: Kind, namespace: str) -> str:
        """List a kind, take it into the view whole, and return the listing's resourceVersion.

        Raises:
            HistoryRewoundError: The API server knows less than it did.
        """
        asked_at = self.view.newest
        listing = await kube.listing(kind, namespace, kind.selector, keep=partial(light, kind))
        self.view.replace(kind, namespace, listing, asked_at)
        return listing.resource_version

    def _is_at_rest(self, key: Key) -> bool:
        """Whether nothing is left to do for an object, as far as its own status says."""
        raw = self.view.get(key.kind, key.namespace, key.name)
        if key.kind is Kind.RUN:
            return bool(text(raw, "status", "outcome"))
        seen = number(raw, "status", "observedGeneration") == number(raw, "metadata", "generation")
        return seen and not holds(raw, "Reconciling")

    def _is_over(self, key: Key, owing: frozenset[str]) -> bool:
        """Whether a run has an outcome, and nothing is kept for it any more."""
        raw = self.view.get(key.kind, key.namespace, key.name)
        return bool(text(raw, "status", "outcome")) and not is_kept(raw) and uid_of(raw) not in owing

    def _changed(self, kind: Kind, raw: Raw) -> None:
        """Ring whom a change concerns, whether a watch told of it or an answer of the API server."""
        if not self.awake:
            return
        for key in rings(self.view, kind, raw):
            self.queue.add(key)
        if kind is Kind.FLOW and self.view.get(kind, namespace_of(raw), name_of(raw)) is None:
            self.flow_gone(raw)
