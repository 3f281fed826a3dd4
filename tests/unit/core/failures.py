"""How the stories of failures begin and end: a release that is waited out, and one that stopped safely."""

from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.run.facts import DatabaseState, LockFacts
from tests.support.builders import NEW, OLD
from tests.unit.core.world import World

NO_LOCK = LockFacts("", "", "")
"""Whoever finds no lock makes one that knows nothing."""


def stalled(world: World, reason: Reason, database: DatabaseState = DatabaseState.CLEAN) -> Failure:
    """See that the release stopped, that the old image serves, and what is known of the database."""
    assert world.ready() == ("False", reason)
    assert world.gate("Stalled") == ("True", reason)
    assert world.image() == OLD
    lock = world.locks.get("shop-db/url", NO_LOCK)
    assert (lock.holder_uid, lock.database) == ("", database)
    failure = world.flow.status.failure
    assert failure is not None
    assert failure.reason is reason
    assert "kubectl annotate rflow shop" in failure.hint
    assert not any(thing.seen.has_finalizer or thing.seen.alive for thing in world.pods.values())
    assert not any(job.has_finalizer for _, job in world.jobs.values())
    return failure


def played(world: World) -> World:
    """Release the new image, waiting out pauses and deadlines."""
    world.edit(image=NEW)
    for _ in range(4):
        world.play()
        world.wait(400)
    world.play()
    return world
