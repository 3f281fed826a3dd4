"""What a change of the cache enqueues, and what a new leader begins with."""

from releaseflow.cache.cache import Cache
from releaseflow.controllers.event_handler import EventHandler
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.workqueue import WorkQueue
from releaseflow.kube.resources import Resource
from tests.support import objects

FLOW = ReconcileRequest(Resource.FLOW, "shop", "shop")
RUN = ReconcileRequest(Resource.RUN, "shop", "shop-1-aa")


async def test_a_standby_only_updates_its_cache() -> None:
    handler = EventHandler(Cache(), WorkQueue[ReconcileRequest]())
    handler.cache.upsert(Resource.FLOW, objects.flow())
    assert len(handler.queue) == 0

    handler.start()
    assert await handler.queue.get() == FLOW


async def test_a_new_leader_begins_with_those_who_have_something_to_do() -> None:
    handler = EventHandler(Cache(), WorkQueue[ReconcileRequest]())
    at_rest = objects.flow(status={"observedGeneration": 1})
    at_rest["metadata"] |= {"name": "at-rest", "uid": "uid-at-rest"}
    handler.cache.upsert(Resource.FLOW, at_rest)
    handler.cache.upsert(Resource.RUN, objects.run("over", "uid-over", status={"outcome": "Migrated"}))
    handler.cache.upsert(Resource.FLOW, objects.flow())
    handler.cache.upsert(Resource.RUN, objects.run())

    handler.start()

    assert {await handler.queue.get(), await handler.queue.get()} == {FLOW, RUN}


async def test_a_new_leader_leaves_runs_alone_that_are_over_and_for_which_nothing_is_kept() -> None:
    handler = EventHandler(Cache(), WorkQueue[ReconcileRequest]())
    for name in ("over", "owing"):
        run = objects.run(name, f"uid-{name}", status={"outcome": "Migrated"})
        run["metadata"]["finalizers"] = []
        handler.cache.upsert(Resource.RUN, run)
    pod = objects.pod(finalizers=["releaseflow.dev/outcome"])
    pod["metadata"]["labels"]["releaseflow.dev/run-uid"] = "uid-owing"
    handler.cache.upsert(Resource.POD, pod)

    handler.start()

    assert await handler.queue.get() == ReconcileRequest(Resource.RUN, "shop", "owing")
    assert len(handler.queue) == 1


async def test_what_was_known_already_is_not_enqueued() -> None:
    handler = EventHandler(Cache(), WorkQueue[ReconcileRequest](), enqueuing=True)
    handler.cache.upsert(Resource.FLOW, objects.flow())
    handler.queue.done(await handler.queue.get())
    handler.cache.upsert(Resource.FLOW, objects.flow())

    assert len(handler.queue) == 0


async def test_a_deletion_is_enqueued() -> None:
    handler = EventHandler(Cache(), WorkQueue[ReconcileRequest](), enqueuing=True)
    handler.cache.upsert(Resource.RUN, objects.run())
    for _ in range(2):
        handler.queue.done(await handler.queue.get())
    handler.cache.delete(Resource.RUN, objects.run(version=11))

    assert len(handler.queue) == 2
