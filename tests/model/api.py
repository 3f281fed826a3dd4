"""The API server as the explored world knows it: what becomes of a write, and what of its preconditions."""

from enum import Enum
from functools import cache

from tests.model.objects import SHELVES, JobBody, StoredObject, shelved


class Refused(Enum):
    """Why a write was not done; the number is the answer's HTTP status."""

    CONFLICT = 409
    ALREADY_EXISTS = 4091
    NOT_FOUND = 404
    INVALID = 422


Answer = int | Refused
"""The shelf as it stands after a write, or why the write was refused."""


@cache
def created(shelf: int, thing: StoredObject) -> Answer:
    """Create an object."""
    if thing.name in SHELVES[shelf].by_name:
        return Refused.ALREADY_EXISTS
    return shelved(tuple(sorted((*SHELVES[shelf].things, thing))))


@cache
def updated(shelf: int, name: str, uid: str, version: int, after: StoredObject) -> Answer:
    """Write an object as it should stand; a write without version (0) is one of a controller that reads first.

    An object that is being deleted is gone with its last finalizer.
    """
    seen = _exactly(shelf, name, uid, version)
    if isinstance(seen, Refused):
        return seen
    if same(seen, after):
        return shelf
    if seen.deleting and not set(after.finalizers) <= set(seen.finalizers):
        return Refused.INVALID
    if seen.deleting and not after.finalizers:
        return removed(shelf, name)
    return _put(shelf, after._replace(version=seen.version + 1, deleting=seen.deleting))


@cache
def deleted(shelf: int, name: str, uid: str, version: int, finalizer: str = "") -> Answer:
    """Delete an object: at once, or as soon as nothing keeps it any more; `keeper` waits for what it owns."""
    seen = _exactly(shelf, name, uid, version)
    if isinstance(seen, Refused):
        return seen
    finalizers = (*seen.finalizers, finalizer) if finalizer else seen.finalizers
    if not finalizers:
        return removed(shelf, name)
    return shelf if seen.deleting else _put(shelf, _doomed(seen)._replace(finalizers=finalizers))


def _doomed(seen: StoredObject) -> StoredObject:
    """Return an object on its way out: its generation moves, so that a Job counts as edited."""
    body = seen.body._replace(edited=True) if isinstance(seen.body, JobBody) else seen.body
    return seen._replace(version=seen.version + 1, deleting=True, body=body)


@cache
def removed(shelf: int, name: str) -> int:
    """Return a shelf without an object."""
    return shelved(tuple(thing for thing in SHELVES[shelf].things if thing.name != name))


def same(one: StoredObject, other: StoredObject) -> bool:
    """Whether a write would change nothing; the version of such an object stays."""
    return (one.body, one.finalizers, one.owner) == (other.body, other.finalizers, other.owner)


def _exactly(shelf: int, name: str, uid: str, version: int) -> StoredObject | Refused:
    """Return the object that a write is meant for."""
    seen = SHELVES[shelf].by_name.get(name)
    if seen is None:
        return Refused.NOT_FOUND
    if (uid and seen.uid != uid) or (version and seen.version != version):
        return Refused.CONFLICT
    return seen


def _put(shelf: int, thing: StoredObject) -> int:
    return shelved(tuple(thing if old.name == thing.name else old for old in SHELVES[shelf].things))
