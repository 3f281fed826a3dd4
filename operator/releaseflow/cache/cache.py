"""The objects as the watches and the answers to our own requests showed them; the newest resourceVersion wins."""

from collections.abc import Callable, Iterable
from typing import Any

from releaseflow.cache.store import EVERYTHING, INDEXED_LABELS, IndexKey, Store
from releaseflow.cache.strip import intern_strings, strip
from releaseflow.kube.client import ObjectList
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_int, get_map, label, name_of, namespace_of, uid_of


class HistoryRewoundError(Exception):
    """The API server knows less than it did: it was restored from a backup, and what was seen counts no more."""


class Cache:
    """The objects as they were last seen.

    A hit may be stale: writes carry preconditions. A miss proves nothing: confirm it with a live read.
    """

    def __init__(self) -> None:
        self.changed: Callable[[Resource, Object], None] = lambda _kind, _raw: None
        """Called with every object that was added, changed or removed, whether a watch or a response showed it."""
        self._stores = {kind: Store(kind) for kind in Resource}
        self._tombstones: dict[str, int] = {}
        self._newest = 0

    def upsert(self, kind: Resource, raw: Object) -> None:
        """Keep an object, unless a newer version is known or no watch delivers it."""
        version = _version(raw)
        self._newest = max(self._newest, version)
        known = self._stores[kind].get(_key(raw))
        if known is not None and uid_of(known) == uid_of(raw) and _version(known) >= version:
            return
        if self._tombstones.get(uid_of(raw), -1) >= version:
            return
        if kind.is_watched(get_map(raw, "metadata", "labels")):
            kept = intern_strings(strip(kind, raw))
            self._stores[kind].put(kept)
            self.changed(kind, kept)
        elif known is not None:
            self.evict(kind, *_key(raw))

    def delete(self, kind: Resource, raw: Object) -> None:
        """Forget an object that was deleted, or left its watch's selector."""
        self._tombstones[uid_of(raw)] = max(_version(raw), self._tombstones.get(uid_of(raw), 0))
        known = self._stores[kind].get(_key(raw))
        if known is not None and uid_of(known) == uid_of(raw) and _version(known) <= _version(raw):
            self.evict(kind, *_key(raw))

    def evict(self, kind: Resource, namespace: str, name: str) -> None:
        """Forget what was under a name: the API server has nothing there."""
        known = self._stores[kind].pop((namespace, name))
        if known is not None:
            self.changed(kind, known)

    def get(self, kind: Resource, namespace: str, name: str) -> Object | None:
        """Return an object as it was last seen."""
        return self._stores[kind].get((namespace, name))

    def list_objects(self, kind: Resource, namespace: str, labels: dict[str, str] | None = None) -> list[Object]:
        """Return the objects of a namespace that carry these labels."""
        wanted = (labels or {}).items()
        index_key = next(((key, value) for key, value in wanted if key in INDEXED_LABELS), EVERYTHING)
        found = self.indexed(kind, namespace, index_key)
        return [raw for raw in found if all(label(raw, key) == value for key, value in wanted)]

    def indexed(self, kind: Resource, namespace: str, index_key: IndexKey) -> list[Object]:
        """Return the objects of a namespace that have something in common."""
        return self._stores[kind].of(namespace, index_key)

    def list_all(self, kind: Resource) -> list[Object]:
        """Return the objects of a kind, of all namespaces."""
        return [raw for _, raw in self._stores[kind].items()]

    @property
    def newest(self) -> int:
        """The newest resourceVersion that was ever seen."""
        return self._newest

    def replace(self, kind: Resource, namespace: str, listing: ObjectList, asked_at: int) -> None:
        """Take over a whole listing, and forget what is not in it any more.

        Args:
            kind: Kind that was listed.
            namespace: Namespace that was listed; empty for all.
            listing: What the API server said.
            asked_at: The newest resourceVersion that was known when it was asked.

        Raises:
            HistoryRewoundError: The listing is older than what was known, or shows an object as it was before.
        """
        version = int(listing.resource_version or 0)
        if version < asked_at:
            raise HistoryRewoundError(f"the API server is at {version}, and was at {asked_at} before")
        for raw in listing.items:
            self._check_history(kind, raw, version)
            self.upsert(kind, raw)
        for place in self._missing(kind, namespace, listing.items, version):
            self.evict(kind, *place)
        self._tombstones = {uid: at for uid, at in self._tombstones.items() if at > version}

    def _check_history(self, kind: Resource, raw: Object, version: int) -> None:
        """Notice a store that was restored and has gone on since, or counts from a higher number."""
        known = self._stores[kind].get(_key(raw))
        if known is not None and uid_of(known) == uid_of(raw) and _version(raw) < _version(known) <= version:
            raise HistoryRewoundError(
                f"{kind.singular} {name_of(raw)} is at {_version(raw)}, and was at {_version(known)} before"
            )

    def _missing(
        self, kind: Resource, namespace: str, present: Iterable[Object], version: int
    ) -> list[tuple[str, str]]:
        uids = {uid_of(raw) for raw in present}
        return [
            place
            for place, raw in self._stores[kind].items()
            if namespace in {"", place[0]} and uid_of(raw) not in uids and _version(raw) <= version
        ]


def _key(raw: Object) -> tuple[str, str]:
    return namespace_of(raw), name_of(raw)


def _version(raw: Any) -> int:
    return get_int(raw, "metadata", "resourceVersion")
