"""The lock of a database: a Lease in the operator's namespace, and what its annotations remember."""

from dataclasses import dataclass

from releaseflow.api.v1alpha1.metadata import (
    LOCK_DATABASE,
    LOCK_HAD_TABLES,
    LOCK_HOLDER,
    LOCK_IDENTITY,
    LOCK_KEY,
    LOCK_LABEL,
    LOCK_LAST_NAME,
    LOCK_LAST_UID,
    LOCK_NAMESPACE,
    LOCK_NAMESPACE_UID,
    LOCK_TABLES_NAMESPACE_UID,
    LOCK_UNKNOWN_SINCE,
    MANAGED_LABEL,
)
from releaseflow.core.names import lock_name
from releaseflow.core.run.facts import DatabaseState, LockFacts
from releaseflow.unstructured import Object, annotation, get_map, get_str, name_of, resource_version_of, uid_of


@dataclass(frozen=True)
class LockPlace:
    """Which database a lock is for."""

    namespace: str
    """Namespace of the runs that want it."""
    key: str

    @property
    def name(self) -> str:
        """Name of the Lease, in the operator's namespace."""
        return lock_name(self.namespace, self.key)


def holder_uid(raw: Object) -> str:
    """Return the UID of the run that holds a lock; empty when it is free."""
    return get_str(raw, "spec", "holderIdentity")


def lock_place_of(raw: Object) -> LockPlace:
    """Return which database a Lease is the lock of."""
    return LockPlace(annotation(raw, LOCK_NAMESPACE), annotation(raw, LOCK_KEY))


def lock_facts(raw: Object, *, holder_exists: bool, holder_pod_alive: bool) -> LockFacts:
    """Return a lock as the core reads it."""
    return LockFacts(
        name=name_of(raw),
        uid=uid_of(raw),
        resource_version=resource_version_of(raw),
        holder_uid=holder_uid(raw),
        holder_name=annotation(raw, LOCK_HOLDER),
        holder_exists=holder_exists,
        holder_pod_alive=holder_pod_alive,
        database=_database(raw),
        identity=annotation(raw, LOCK_IDENTITY),
        had_tables=annotation(raw, LOCK_HAD_TABLES) == "true",
        tables_namespace_uid=annotation(raw, LOCK_TABLES_NAMESPACE_UID),
        namespace_uid=annotation(raw, LOCK_NAMESPACE_UID),
        unknown_since=annotation(raw, LOCK_UNKNOWN_SINCE),
        last_name=annotation(raw, LOCK_LAST_NAME),
        last_uid=annotation(raw, LOCK_LAST_UID),
    )


def keys_of_identity(
    leases: list[Object], place: LockPlace, identity: str, used_keys: frozenset[str]
) -> tuple[str, ...]:
    """Return the other keys of a namespace under which a database is locked.

    A free lock that no flow names any more, and that has nothing bad to remember, is history: its key was renamed.

    Args:
        leases: All locks.
        place: The lock that is asked for.
        identity: Which database it is; empty where that is not known yet.
        used_keys: The keys that the flows of the namespace name.
    """
    if not identity:
        return ()
    same = [raw for raw in leases if annotation(raw, LOCK_IDENTITY) == identity and _counts(raw, used_keys)]
    places = [lock_place_of(raw) for raw in same]
    return tuple(sorted({p.key for p in places if p.namespace == place.namespace and p.key != place.key}))


def _counts(raw: Object, used_keys: frozenset[str]) -> bool:
    return bool(holder_uid(raw)) or _database(raw) is not DatabaseState.CLEAN or annotation(raw, LOCK_KEY) in used_keys


def _database(raw: Object) -> DatabaseState:
    """Return what a lock says of its database; what is not understood counts as unknown."""
    said = annotation(raw, LOCK_DATABASE)
    known = {state.value: state for state in DatabaseState}
    return known.get(said, DatabaseState.UNKNOWN) if said else DatabaseState.CLEAN


def lease(place: LockPlace, seen: Object | None, holder: str, remembered: dict[str, str]) -> Object:
    """Return the Lease as it should become: exactly what was read, with another holder and record."""
    before = get_map(seen, "metadata", "annotations")
    annotations = {**before, LOCK_NAMESPACE: place.namespace, LOCK_KEY: place.key, **remembered}
    exactly = {"uid": uid_of(seen), "resourceVersion": resource_version_of(seen)} if seen is not None else {}
    return {
        "metadata": {
            "name": place.name,
            "labels": {LOCK_LABEL: "true", MANAGED_LABEL: "true"},
            "annotations": {key: value for key, value in annotations.items() if value},
            **exactly,
        },
        "spec": {"holderIdentity": holder} if holder else {},
    }
