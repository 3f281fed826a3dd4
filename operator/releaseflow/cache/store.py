"""The objects of one kind, found by their place or by what they belong to, without looking through all of them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from releaseflow.api.v1alpha1.database import effective_lock_key
from releaseflow.api.v1alpha1.metadata import FLOW_UID_LABEL, LOCK_NAME_LABEL, RUN_UID_LABEL
from releaseflow.controllers.run.locks import IDENTITY, place_of
from releaseflow.kube.resources import Kind
from releaseflow.kube.unstructured import Raw, annotation, label, name_of, namespace_of, part, parts, text, uid_of

Place: TypeAlias = tuple[str, str]
"""Namespace and name."""
Group: TypeAlias = tuple[str, str]
"""What objects have in common: a label, the flow, workload or database that they are about."""

INDEXED_LABELS = (RUN_UID_LABEL, FLOW_UID_LABEL, LOCK_NAME_LABEL)
EVERYTHING: Group = ("", "")


def with_uid(uid: str) -> Group:
    """Return the group of the one object with this UID."""
    return "uid", uid


def of_flow(uid: str) -> Group:
    """Return the group of the runs whose spec names a flow."""
    return "flow", uid


def about_workload(name: str) -> Group:
    """Return the group of the flows and the unfinished runs that name a workload."""
    return "workload", name


def with_lock_key(key: str) -> Group:
    """Return the group of the flows whose database has this lock key."""
    return "lock key", key


def of_database(namespace: str, identity: str) -> Group:
    """Return the group of the locks under which a namespace's runs met a database."""
    return "database", f"{namespace}/{identity}"


class Shelf:
    """Objects of one kind."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._objects: dict[Place, Raw] = {}
        self._groups: defaultdict[tuple[str, Group], dict[str, Raw]] = defaultdict(dict)

    def put(self, raw: Raw) -> None:
        """Keep an object in place of any that was under its name."""
        place = namespace_of(raw), name_of(raw)
        self.pop(place)
        self._objects[place] = raw
        for group in _groups_of(self._kind, raw):
            self._groups[place[0], group][place[1]] = raw

    def pop(self, place: Place) -> Raw | None:
        """Remove what is at a place, and return it."""
        raw = self._objects.pop(place, None)
        if raw is not None:
            for group in _groups_of(self._kind, raw):
                self._forget(place, group)
        return raw

    def get(self, place: Place) -> Raw | None:
        """Return what is at a place."""
        return self._objects.get(place)

    def items(self) -> Iterator[tuple[Place, Raw]]:
        """Return all objects with their places."""
        return iter(self._objects.items())

    def of(self, namespace: str, group: Group) -> list[Raw]:
        """Return the objects of a group in a namespace."""
        return list(self._groups.get((namespace, group), {}).values())

    def _forget(self, place: Place, group: Group) -> None:
        found = self._groups[place[0], group]
        del found[place[1]]
        if not found:
            del self._groups[place[0], group]


def _groups_of(kind: Kind, raw: Raw) -> list[Group]:
    groups = [EVERYTHING, with_uid(uid_of(raw))]
    groups += [(key, label(raw, key)) for key in INDEXED_LABELS if label(raw, key)]
    match kind:
        case Kind.FLOW:
            return [*groups, with_lock_key(_lock_key_of(raw)), *_targets_of(raw)]
        case Kind.RUN:
            return [*groups, of_flow(text(raw, "spec", "flowRef", "uid")), *_workload_of(raw)]
        case Kind.LEASE:
            identity = annotation(raw, IDENTITY)
            return [*groups, of_database(place_of(raw).namespace, identity)] if identity else groups
        case Kind.JOB | Kind.POD | Kind.DEPLOYMENT | Kind.EVENT | Kind.CLAIM | Kind.NAMESPACE:
            return groups


def _lock_key_of(flow: Raw) -> str:
    secret = part(flow, "spec", "database", "urlSecretRef")
    return effective_lock_key(text(flow, "spec", "database", "lockKey"), text(secret, "name"), text(secret, "key"))


def _targets_of(flow: Raw) -> set[Group]:
    return {about_workload(text(target, "name")) for target in parts(flow, "spec", "targets")}


def _workload_of(run: Raw) -> list[Group]:
    """A run that is over is about its workload no more."""
    name = text(run, "spec", "migration", "workloadRef", "name")
    return [] if text(run, "status", "outcome") else [about_workload(name)]
