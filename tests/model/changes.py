"""A write of a user or a controller as one thing that may happen next."""

from tests.model import api
from tests.model.objects import Kind, PodBody, StoredObject
from tests.model.state import Change, ClusterState

SOMEBODY = "somebody"


def changed(cluster: ClusterState, who: str, what: str, kind: Kind, after: StoredObject) -> Change:
    """Let somebody write an object as it should stand."""
    answer = api.updated(cluster.store[kind], after.name, after.uid, 0, after)
    assert isinstance(answer, int)
    return Change(who, f"{what} {kind.name.lower()} {after.name}", cluster.with_shelf(kind, answer))


def let_go(cluster: ClusterState, thing: StoredObject, finalizer: str) -> ClusterState:
    """Take a finalizer off a pod."""
    after = thing._replace(finalizers=tuple(name for name in thing.finalizers if name != finalizer))
    answer = api.updated(cluster.store[Kind.POD], thing.name, thing.uid, 0, after)
    assert isinstance(answer, int)
    return cluster.with_shelf(Kind.POD, answer)


def deleted(cluster: ClusterState, who: str, kind: Kind, thing: StoredObject) -> Change:
    """Let a controller delete an object."""
    answer = api.deleted(cluster.store[kind], thing.name, thing.uid, 0)
    assert isinstance(answer, int)
    return Change(who, f"deletes {kind.name.lower()} {thing.name}", cluster.with_shelf(kind, answer))


def written(cluster: ClusterState, by: str, kind: Kind, after: StoredObject) -> Change:
    """Let a controller write an object as it should stand; `by` says who does what to it."""
    answer = api.updated(cluster.store[kind], after.name, after.uid, 0, after)
    assert isinstance(answer, int)
    who, _, what = by.partition(": ")
    return Change(who, f"{what} {kind.name.lower()} {after.name}", cluster.with_shelf(kind, answer))


def body_of(pod: StoredObject) -> PodBody:
    """Return what is in a pod."""
    assert isinstance(pod.body, PodBody)
    return pod.body
