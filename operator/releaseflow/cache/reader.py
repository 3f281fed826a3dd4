"""Read objects for one look: from the view where that serves, from the API server where it does not."""

from dataclasses import dataclass, field, replace

from releaseflow.cache.cache import View
from releaseflow.kube.client import Kube
from releaseflow.kube.errors import NotFoundError
from releaseflow.kube.resources import Kind
from releaseflow.kube.unstructured import Raw, part


@dataclass(frozen=True)
class Reader:
    """Reads, and shows the view whatever the API server answers."""

    kube: Kube
    view: View
    live: bool = False
    """Whether every read goes to the API server."""
    answers: dict[tuple[Kind, str, str], Raw | None] = field(default_factory=dict)
    """What the API server said of objects that no watch tells of; good for the one look that this reader is for."""

    def reading_live(self) -> "Reader":
        """Return a reader that asks the API server for everything."""
        return replace(self, live=True)

    async def get(self, kind: Kind, namespace: str, name: str) -> Raw | None:
        """Return an object; None only where the API server has just said that there is none."""
        if self.live:
            return await self.ask(kind, namespace, name)
        seen = self.view.get(kind, namespace, name)
        if seen is not None:
            return seen
        if (kind, namespace, name) not in self.answers:
            await self.ask(kind, namespace, name)
        return self.glance(kind, namespace, name)

    def glance(self, kind: Kind, namespace: str, name: str) -> Raw | None:
        """Return an object if the view has it, or this look has asked for it: its absence says nothing."""
        return self.view.get(kind, namespace, name) or self.answers.get((kind, namespace, name))

    async def ask(self, kind: Kind, namespace: str, name: str) -> Raw | None:
        """Return an object as the API server has it now."""
        if not name:
            return None
        raw: Raw | None
        try:
            raw = await self.kube.get(kind, namespace, name)
            self.view.put(kind, raw)
        except NotFoundError:
            raw = None
            self.view.forget(kind, namespace, name)
        self._remember(kind, namespace, name, raw)
        return raw

    def _remember(self, kind: Kind, namespace: str, name: str, raw: Raw | None) -> None:
        """Keep an answer, unless the view keeps the object: an older form must not outlive it there."""
        if raw is not None and kind.is_watched(part(raw, "metadata", "labels")):
            self.answers.pop((kind, namespace, name), None)
        else:
            self.answers[kind, namespace, name] = raw

    async def all_of(self, kind: Kind, namespace: str, labels: dict[str, str] | None = None) -> list[Raw]:
        """Return the objects of a namespace that carry these labels."""
        if not self.live:
            return self.view.all_of(kind, namespace, labels)
        return await self.ask_all(kind, namespace, labels)

    async def ask_all(self, kind: Kind, namespace: str, labels: dict[str, str] | None = None) -> list[Raw]:
        """Return the objects of a namespace that carry these labels, as the API server has them now."""
        selector = ",".join(f"{key}={value}" for key, value in (labels or {}).items())
        listing = await self.kube.listing(kind, namespace, selector or kind.selector)
        for raw in listing.items:
            self.view.put(kind, raw)
        return listing.items
