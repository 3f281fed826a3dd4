"""The objects of one kind, found by their key or by what they belong to, without looking through all of them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from pydantic import ValidationError

from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.lock_key import effective_lock_key
from releaseflow.api.v1alpha1.metadata import (
    FLOW_UID_LABEL,
    LOCK_IDENTITY,
    LOCK_NAME_LABEL,
    LOCK_NAMESPACE,
    RUN_UID_LABEL,
)
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import (
    Object,
    annotation,
    get_list,
    get_map,
    get_str,
    label,
    name_of,
    namespace_of,
    uid_of,
)
from releaseflow.workloads.registry import DEFAULT_KIND

NamespacedName: TypeAlias = tuple[str, str]
"""Namespace and name."""
IndexKey: TypeAlias = tuple[str, str]
"""Index key: a label value, or the flow, workload or database that an object refers to."""

INDEXED_LABELS = (RUN_UID_LABEL, FLOW_UID_LABEL, LOCK_NAME_LABEL)
EVERYTHING: IndexKey = ("", "")


def by_uid(uid: str) -> IndexKey:
    """Return the index_key of the one object with this UID."""
    return "uid", uid


def by_flow(uid: str) -> IndexKey:
    """Return the index_key of the runs whose spec names a flow."""
    return "flow", uid


def by_workload(kind: str, name: str) -> IndexKey:
    """Return the index_key of the flows and the unfinished runs that name a workload."""
    return "workload", f"{kind}/{name}"


def by_lock_key(key: str) -> IndexKey:
    """Return the index_key of the flows whose database has this lock key."""
    return "lock key", key


def by_database(namespace: str, identity: str) -> IndexKey:
    """Return the index_key of the locks under which a namespace's runs met a database."""
    return "database", f"{namespace}/{identity}"


class Store:
    """Objects of one kind."""

    def __init__(self, kind: Resource) -> None:
        self._kind = kind
        self._objects: dict[NamespacedName, Object] = {}
        self._indexes: defaultdict[tuple[str, IndexKey], dict[str, Object]] = defaultdict(dict)

    def put(self, raw: Object) -> None:
        """Keep an object in key of any that was under its name."""
        key = namespace_of(raw), name_of(raw)
        self.pop(key)
        self._objects[key] = raw
        for index_key in _index_keys_of(self._kind, raw):
            self._indexes[key[0], index_key][key[1]] = raw

    def pop(self, key: NamespacedName) -> Object | None:
        """Remove what is at a key, and return it."""
        raw = self._objects.pop(key, None)
        if raw is not None:
            for index_key in _index_keys_of(self._kind, raw):
                self._forget(key, index_key)
        return raw

    def get(self, key: NamespacedName) -> Object | None:
        """Return what is at a key."""
        return self._objects.get(key)

    def items(self) -> Iterator[tuple[NamespacedName, Object]]:
        """Return all objects with their places."""
        return iter(self._objects.items())

    def of(self, namespace: str, index_key: IndexKey) -> list[Object]:
        """Return the objects of a index_key in a namespace."""
        return list(self._indexes.get((namespace, index_key), {}).values())

    def _forget(self, key: NamespacedName, index_key: IndexKey) -> None:
        found = self._indexes[key[0], index_key]
        del found[key[1]]
        if not found:
            del self._indexes[key[0], index_key]


def _index_keys_of(kind: Resource, raw: Object) -> list[IndexKey]:
    keys = [EVERYTHING, by_uid(uid_of(raw))]
    keys += [(key, label(raw, key)) for key in INDEXED_LABELS if label(raw, key)]
    if kind.is_workload or kind.is_admission:
        return keys
    match kind:
        case Resource.FLOW:
            return [*keys, by_lock_key(_lock_key_of(raw)), *_targets_of(raw)]
        case Resource.RUN:
            return [*keys, by_flow(get_str(raw, "spec", "flowRef", "uid")), *_workload_of(raw)]
        case Resource.LEASE:
            identity = annotation(raw, LOCK_IDENTITY)
            return [*keys, by_database(annotation(raw, LOCK_NAMESPACE), identity)] if identity else keys
        case Resource.JOB | Resource.POD | Resource.EVENT | Resource.CLAIM | Resource.NAMESPACE:
            return keys


def _lock_key_of(flow: Object) -> str:
    """Return the key of the lock of a flow's database; empty where the flow cannot be read, as nothing is locked."""
    targets = get_list(flow, "spec", "targets")
    ref = get_map(flow, "spec", "migration", "workloadRef") or next(iter(targets), {})
    try:
        database = Database.model_validate(get_map(flow, "spec", "database"))
        workload = WorkloadRef(kind=get_str(ref, "kind") or DEFAULT_KIND, name=get_str(ref, "name")) if ref else None
    except ValidationError:
        return ""
    return effective_lock_key(database, workload)


def _targets_of(flow: Object) -> set[IndexKey]:
    """The workloads whose image a flow moves: those that it names or, where it has a selector, those that it chose."""
    runner = get_map(flow, "spec", "migration", "runningContainer", "workloadRef")
    targets = get_list(flow, "spec", "targets") or get_list(flow, "status", "targets")
    return {_by_reference(ref) for ref in (*targets, runner) if ref}


def _by_reference(ref: Object) -> IndexKey:
    return by_workload(get_str(ref, "kind") or DEFAULT_KIND, get_str(ref, "name"))


def _workload_of(run: Object) -> list[IndexKey]:
    """A run that is over is about its workload no more."""
    ref = get_map(run, "spec", "migration", "workloadRef")
    return [] if not ref or get_str(run, "status", "outcome") else [_by_reference(ref)]
