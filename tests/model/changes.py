"""A write of a user as one thing that may happen next."""

from tests.model import api
from tests.model.objects import Kind, Thing
from tests.model.state import Change, Scene

SOMEBODY = "somebody"


def changed(scene: Scene, who: str, what: str, kind: Kind, after: Thing) -> Change:
    """Let somebody write an object as it should stand."""
    answer = api.updated(scene.store[kind], after.name, after.uid, 0, after)
    assert isinstance(answer, int)
    return Change(who, f"{what} {kind.name.lower()} {after.name}", scene.with_shelf(kind, answer))
