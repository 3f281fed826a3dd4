"""Whom a change concerns."""

from releaseflow.cache.cache import Cache
from releaseflow.cache.informer import Informer
from releaseflow.controllers.mappers import requests_for
from releaseflow.controllers.parse_objects import ParsedRun, parse_run
from releaseflow.controllers.run.locks import lease
from releaseflow.controllers.run.observe_lock import lock_place
from releaseflow.controllers.workqueue import WorkQueue
from releaseflow.kube.resources import Key, Resource
from tests.support import objects
from tests.support.objects import DEPLOYMENT

FLOW = Key(Resource.FLOW, "shop", "shop")
RUN = Key(Resource.RUN, "shop", "shop-1-aa")
BY_HAND = Key(Resource.RUN, "shop", "by-hand")


def cache() -> Cache:
    found = Cache()
    found.upsert(Resource.FLOW, objects.flow())
    found.upsert(Resource.RUN, objects.run())
    found.upsert(Resource.RUN, objects.run("by-hand", "uid-by-hand", flowRef=None))
    found.upsert(Resource.RUN, objects.run("over", "uid-over", status={"outcome": "Migrated"}))
    return found


def test_a_flow_rings_itself_its_unfinished_runs_and_those_that_wait_for_it() -> None:
    let_go = objects.run("let-go", "uid-let-go", status={"outcome": "Migrated"})
    let_go["metadata"]["finalizers"] = []
    seen = cache()
    seen.upsert(Resource.RUN, let_go)

    assert requests_for(seen, Resource.FLOW, objects.flow()) == {FLOW, RUN, Key(Resource.RUN, "shop", "over")}


def test_a_run_rings_itself_and_its_flow() -> None:
    assert requests_for(cache(), Resource.RUN, objects.run()) == {RUN, FLOW}


def test_a_run_that_is_over_rings_those_who_wait_for_the_same_lock() -> None:
    over = objects.run(status={"outcome": "Migrated"})

    assert requests_for(cache(), Resource.RUN, over) == {RUN, FLOW, BY_HAND}


def test_a_job_and_a_pod_ring_their_run() -> None:
    assert requests_for(cache(), Resource.JOB, objects.job()) == {RUN}
    assert requests_for(cache(), Resource.POD, objects.pod()) == {RUN}


def test_a_job_that_is_kept_and_whose_run_is_gone_rings_itself() -> None:
    kept = objects.job(finalizers=["releaseflow.dev/outcome"])

    assert requests_for(Cache(), Resource.JOB, kept) == {Key(Resource.JOB, "shop", "shop-1-aa-migrate")}
    assert requests_for(Cache(), Resource.JOB, objects.job()) == set()


def test_a_run_that_is_gone_rings_what_it_leaves_behind() -> None:
    left = Cache()
    left.upsert(Resource.JOB, objects.job(finalizers=["releaseflow.dev/outcome"]))

    assert Key(Resource.JOB, "shop", "shop-1-aa-migrate") in requests_for(left, Resource.RUN, objects.run())


def test_a_workload_rings_the_flows_that_target_it_and_the_runs_that_inherit_from_it() -> None:
    assert requests_for(cache(), DEPLOYMENT, objects.deployment()) == {FLOW, RUN, BY_HAND}


def test_a_lock_rings_its_holder_and_those_who_wait_for_it() -> None:
    run = parse_run(objects.run())
    assert isinstance(run, ParsedRun)
    raw = lease(lock_place(run), None, "uid-over", {"releaseflow.dev/lock-holder": "over"})

    assert requests_for(cache(), Resource.LEASE, raw) == {RUN, BY_HAND, Key(Resource.RUN, "shop", "over")}
    assert requests_for(cache(), Resource.LEASE, {"metadata": {"name": "releaseflow-leader"}}) == set()


async def test_a_standby_only_keeps_its_view() -> None:
    informer = Informer(Cache(), WorkQueue[Key]())
    informer.on_event(Resource.FLOW, objects.flow(), gone=False)
    assert len(informer.queue) == 0

    informer.start_enqueuing()
    assert await informer.queue.get() == FLOW


async def test_a_new_leader_begins_with_those_who_have_something_to_do() -> None:
    informer = Informer(Cache(), WorkQueue[Key]())
    at_rest = objects.flow(status={"observedGeneration": 1})
    at_rest["metadata"] |= {"name": "at-rest", "uid": "uid-at-rest"}
    informer.on_event(Resource.FLOW, at_rest, gone=False)
    informer.on_event(Resource.RUN, objects.run("over", "uid-over", status={"outcome": "Migrated"}), gone=False)
    informer.on_event(Resource.FLOW, objects.flow(), gone=False)
    informer.on_event(Resource.RUN, objects.run(), gone=False)

    informer.start_enqueuing()

    assert {await informer.queue.get(), await informer.queue.get()} == {FLOW, RUN}


async def test_a_new_leader_leaves_runs_alone_that_are_over_and_for_which_nothing_is_kept() -> None:
    informer = Informer(Cache(), WorkQueue[Key]())
    for name in ("over", "owing"):
        run = objects.run(name, f"uid-{name}", status={"outcome": "Migrated"})
        run["metadata"]["finalizers"] = []
        informer.on_event(Resource.RUN, run, gone=False)
    pod = objects.pod(finalizers=["releaseflow.dev/outcome"])
    pod["metadata"]["labels"]["releaseflow.dev/run-uid"] = "uid-owing"
    informer.on_event(Resource.POD, pod, gone=False)

    informer.start_enqueuing()

    assert await informer.queue.get() == Key(Resource.RUN, "shop", "owing")
    assert len(informer.queue) == 1


async def test_what_was_known_already_does_not_ring() -> None:
    informer = Informer(Cache(), WorkQueue[Key](), enqueuing=True)
    informer.on_event(Resource.FLOW, objects.flow(), gone=False)
    informer.queue.done(await informer.queue.get())
    informer.on_event(Resource.FLOW, objects.flow(), gone=False)

    assert len(informer.queue) == 0


async def test_a_deletion_rings() -> None:
    informer = Informer(Cache(), WorkQueue[Key](), enqueuing=True)
    informer.on_event(Resource.RUN, objects.run(), gone=False)
    for _ in range(2):
        informer.queue.done(await informer.queue.get())
    informer.on_event(Resource.RUN, objects.run(version=11), gone=True)

    assert len(informer.queue) == 2
