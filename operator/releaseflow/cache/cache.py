"""What the watches and our own answers have shown; the newest resourceVersion wins."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from releaseflow.cache.store import EVERYTHING, INDEXED_LABELS, Group, Shelf
from releaseflow.controllers.parse_targets import image_managers
from releaseflow.kube.client import Listing
from releaseflow.kube.resources import Key, Kind
from releaseflow.kube.unstructured import Raw, label, name_of, namespace_of, number, part, parts, uid_of

_BALLAST = "kubectl.kubernetes.io/last-applied-configuration"
_SHORT = 40
"""Length of a text that many objects may have in common: a name, a reason, a UID; a message or a digest is longer."""


class HistoryRewoundError(Exception):
    """The API server knows less than it did: it was restored from a backup, and what was seen counts no more."""


class View:
    """The objects as they were last seen. Presence may be trusted, since writes are guarded; absence may not."""

    def __init__(self) -> None:
        self.changed: Callable[[Kind, Raw], None] = lambda _kind, _raw: None
        """Told of every object that is seen anew, differently, or no more, wherever that was learned."""
        self._shelves = {kind: Shelf(kind) for kind in Kind}
        self._gone: dict[str, int] = {}
        self._newest = 0

    def put(self, kind: Kind, raw: Raw) -> None:
        """Keep an object, unless a newer form of it is known or no watch would ever tell of it."""
        version = _version(raw)
        self._newest = max(self._newest, version)
        known = self._shelves[kind].get(_place(raw))
        if known is not None and uid_of(known) == uid_of(raw) and _version(known) >= version:
            return
        if self._gone.get(uid_of(raw), -1) >= version:
            return
        if kind.is_watched(part(raw, "metadata", "labels")):
            kept = _sharing(light(kind, raw))
            self._shelves[kind].put(kept)
            self.changed(kind, kept)
        elif known is not None:
            self.forget(kind, *_place(raw))

    def remove(self, kind: Kind, raw: Raw) -> None:
        """Forget an object that was deleted, or left its watch's selector."""
        self._gone[uid_of(raw)] = max(_version(raw), self._gone.get(uid_of(raw), 0))
        known = self._shelves[kind].get(_place(raw))
        if known is not None and uid_of(known) == uid_of(raw) and _version(known) <= _version(raw):
            self.forget(kind, *_place(raw))

    def forget(self, kind: Kind, namespace: str, name: str) -> None:
        """Forget what was under a name: the API server has nothing there."""
        known = self._shelves[kind].pop((namespace, name))
        if known is not None:
            self.changed(kind, known)

    def get(self, kind: Kind, namespace: str, name: str) -> Raw | None:
        """Return an object as it was last seen."""
        return self._shelves[kind].get((namespace, name))

    def all_of(self, kind: Kind, namespace: str, labels: dict[str, str] | None = None) -> list[Raw]:
        """Return the objects of a namespace that carry these labels."""
        wanted = (labels or {}).items()
        group = next(((key, value) for key, value in wanted if key in INDEXED_LABELS), EVERYTHING)
        found = self.group(kind, namespace, group)
        return [raw for raw in found if all(label(raw, key) == value for key, value in wanted)]

    def group(self, kind: Kind, namespace: str, group: Group) -> list[Raw]:
        """Return the objects of a namespace that have something in common."""
        return self._shelves[kind].of(namespace, group)

    def keys(self, *kinds: Kind) -> list[Key]:
        """Return the keys of all objects of these kinds."""
        return [Key(kind, *place) for kind in kinds for place, _ in self._shelves[kind].items()]

    @property
    def newest(self) -> int:
        """The newest resourceVersion that was ever seen."""
        return self._newest

    def replace(self, kind: Kind, namespace: str, listing: Listing, asked_at: int) -> None:
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
            self.put(kind, raw)
        for place in self._missing(kind, namespace, listing.items, version):
            self.forget(kind, *place)
        self._gone = {uid: at for uid, at in self._gone.items() if at > version}

    def _check_history(self, kind: Kind, raw: Raw, version: int) -> None:
        """Notice a store that was restored and has gone on since, or counts from a higher number."""
        known = self._shelves[kind].get(_place(raw))
        if known is not None and uid_of(known) == uid_of(raw) and _version(raw) < _version(known) <= version:
            raise HistoryRewoundError(
                f"{kind.singular} {name_of(raw)} is at {_version(raw)}, and was at {_version(known)} before"
            )

    def _missing(self, kind: Kind, namespace: str, present: Iterable[Raw], version: int) -> list[tuple[str, str]]:
        uids = {uid_of(raw) for raw in present}
        return [
            place
            for place, raw in self._shelves[kind].items()
            if namespace in {"", place[0]} and uid_of(raw) not in uids and _version(raw) <= version
        ]


def _place(raw: Raw) -> tuple[str, str]:
    return namespace_of(raw), name_of(raw)


def _version(raw: Any) -> int:
    return number(raw, "metadata", "resourceVersion")


def light(kind: Kind, raw: Raw) -> Raw:
    """Return an object without its bulk, which nothing reads; of a workload it is kept who wrote its images."""
    metadata = {key: value for key, value in part(raw, "metadata").items() if key != "managedFields"}
    if kind is Kind.DEPLOYMENT:
        metadata["managedFields"] = image_managers(raw)
    annotations = part(metadata, "annotations")
    if _BALLAST in annotations:
        metadata["annotations"] = {key: value for key, value in annotations.items() if key != _BALLAST}
    return {**raw, "metadata": metadata, **_light_spec(kind, raw)}


def _light_spec(kind: Kind, raw: Raw) -> Raw:
    """Return what is read of the spec of a pod or Job of ours, where it is much less than the whole."""
    match kind:
        case Kind.JOB:
            template = {"spec": _only(part(raw, "spec", "template", "spec"), "restartPolicy")}
            return {"spec": {**part(raw, "spec"), "template": template}}
        case Kind.POD:
            groups = ("initContainers", "containers")
            containers = {group: [_only(c, "name", "image") for c in parts(raw, "spec", group)] for group in groups}
            return {"spec": {**_only(part(raw, "spec"), "restartPolicy"), **containers}}
        case Kind.FLOW | Kind.RUN | Kind.DEPLOYMENT | Kind.LEASE | Kind.EVENT | Kind.CLAIM | Kind.NAMESPACE:
            return {}


def _sharing(found: Any) -> Any:
    """Return the same with keys and short texts that all objects share: each answer brings its own copies of them."""
    match found:
        case dict():
            return {sys.intern(key): _sharing(value) for key, value in found.items()}
        case list():
            return [_sharing(item) for item in found]
        case str() if len(found) <= _SHORT:
            return sys.intern(found)
        case _:
            return found


def _only(fields: Raw, *names: str) -> Raw:
    return {name: fields[name] for name in names if name in fields}
