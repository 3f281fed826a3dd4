"""A write of a user as one thing that may happen next."""

from tests.model import api
from tests.model.objects import Kind, StoredObject
from tests.model.state import Change, ClusterState

SOMEBODY = "somebody"


def changed(cluster: ClusterState, who: str, what: str, kind: Kind, after: StoredObject) -> Change:
    """Let somebody write an object as it should stand."""
    answer = api.updated(cluster.store[kind], after.name, after.uid, 0, after)
    assert isinstance(answer, int)
    return Change(who, f"{what} {kind.name.lower()} {after.name}", cluster.with_shelf(kind, answer))
