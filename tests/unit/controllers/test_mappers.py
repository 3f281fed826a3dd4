"""Whom a change concerns."""

from releaseflow.cache.cache import View
from releaseflow.cache.informer import Feed
from releaseflow.controllers.mappers import rings
from releaseflow.controllers.parse_objects import RunRead, run_read
from releaseflow.controllers.run.locks import lease
from releaseflow.controllers.run.observe_lock import lock_place
from releaseflow.controllers.workqueue import KeyQueue
from releaseflow.kube.resources import Key, Kind
from tests.support import objects

FLOW = Key(Kind.FLOW, "shop", "shop")
RUN = Key(Kind.RUN, "shop", "shop-1-aa")
BY_HAND = Key(Kind.RUN, "shop", "by-hand")


def view() -> View:
    found = View()
    found.put(Kind.FLOW, objects.flow())
    found.put(Kind.RUN, objects.run())
    found.put(Kind.RUN, objects.run("by-hand", "uid-by-hand", flowRef=None))
    found.put(Kind.RUN, objects.run("over", "uid-over", status={"outcome": "Migrated"}))
    return found


def test_a_flow_rings_itself_its_unfinished_runs_and_those_that_wait_for_it() -> None:
    let_go = objects.run("let-go", "uid-let-go", status={"outcome": "Migrated"})
    let_go["metadata"]["finalizers"] = []
    seen = view()
    seen.put(Kind.RUN, let_go)

    assert rings(seen, Kind.FLOW, objects.flow()) == {FLOW, RUN, Key(Kind.RUN, "shop", "over")}


def test_a_run_rings_itself_and_its_flow() -> None:
    assert rings(view(), Kind.RUN, objects.run()) == {RUN, FLOW}


def test_a_run_that_is_over_rings_those_who_wait_for_the_same_lock() -> None:
    over = objects.run(status={"outcome": "Migrated"})

    assert rings(view(), Kind.RUN, over) == {RUN, FLOW, BY_HAND}


def test_a_job_and_a_pod_ring_their_run() -> None:
    assert rings(view(), Kind.JOB, objects.job()) == {RUN}
    assert rings(view(), Kind.POD, objects.pod()) == {RUN}


def test_a_job_that_is_kept_and_whose_run_is_gone_rings_itself() -> None:
    kept = objects.job(finalizers=["releaseflow.dev/outcome"])

    assert rings(View(), Kind.JOB, kept) == {Key(Kind.JOB, "shop", "shop-1-aa-migrate")}
    assert rings(View(), Kind.JOB, objects.job()) == set()


def test_a_run_that_is_gone_rings_what_it_leaves_behind() -> None:
    left = View()
    left.put(Kind.JOB, objects.job(finalizers=["releaseflow.dev/outcome"]))

    assert Key(Kind.JOB, "shop", "shop-1-aa-migrate") in rings(left, Kind.RUN, objects.run())


def test_a_workload_rings_the_flows_that_target_it_and_the_runs_that_inherit_from_it() -> None:
    assert rings(view(), Kind.DEPLOYMENT, objects.deployment()) == {FLOW, RUN, BY_HAND}


def test_a_lock_rings_its_holder_and_those_who_wait_for_it() -> None:
    run = run_read(objects.run())
    assert isinstance(run, RunRead)
    raw = lease(lock_place(run), None, "uid-over", {"releaseflow.dev/lock-holder": "over"})

    assert rings(view(), Kind.LEASE, raw) == {RUN, BY_HAND, Key(Kind.RUN, "shop", "over")}
    assert rings(view(), Kind.LEASE, {"metadata": {"name": "releaseflow-leader"}}) == set()


async def test_a_standby_only_keeps_its_view() -> None:
    feed = Feed(View(), KeyQueue[Key]())
    feed.heard(Kind.FLOW, objects.flow(), gone=False)
    assert len(feed.queue) == 0

    feed.wake()
    assert await feed.queue.get() == FLOW


async def test_a_new_leader_begins_with_those_who_have_something_to_do() -> None:
    feed = Feed(View(), KeyQueue[Key]())
    at_rest = objects.flow(status={"observedGeneration": 1})
    at_rest["metadata"] |= {"name": "at-rest", "uid": "uid-at-rest"}
    feed.heard(Kind.FLOW, at_rest, gone=False)
    feed.heard(Kind.RUN, objects.run("over", "uid-over", status={"outcome": "Migrated"}), gone=False)
    feed.heard(Kind.FLOW, objects.flow(), gone=False)
    feed.heard(Kind.RUN, objects.run(), gone=False)

    feed.wake()

    assert {await feed.queue.get(), await feed.queue.get()} == {FLOW, RUN}


async def test_a_new_leader_leaves_runs_alone_that_are_over_and_for_which_nothing_is_kept() -> None:
    feed = Feed(View(), KeyQueue[Key]())
    for name in ("over", "owing"):
        run = objects.run(name, f"uid-{name}", status={"outcome": "Migrated"})
        run["metadata"]["finalizers"] = []
        feed.heard(Kind.RUN, run, gone=False)
    pod = objects.pod(finalizers=["releaseflow.dev/outcome"])
    pod["metadata"]["labels"]["releaseflow.dev/run-uid"] = "uid-owing"
    feed.heard(Kind.POD, pod, gone=False)

    feed.wake()

    assert await feed.queue.get() == Key(Kind.RUN, "shop", "owing")
    assert len(feed.queue) == 1


async def test_what_was_known_already_does_not_ring() -> None:
    feed = Feed(View(), KeyQueue[Key](), awake=True)
    feed.heard(Kind.FLOW, objects.flow(), gone=False)
    feed.queue.done(await feed.queue.get())
    feed.heard(Kind.FLOW, objects.flow(), gone=False)

    assert len(feed.queue) == 0


async def test_a_deletion_rings() -> None:
    feed = Feed(View(), KeyQueue[Key](), awake=True)
    feed.heard(Kind.RUN, objects.run(), gone=False)
    for _ in range(2):
        feed.queue.done(await feed.queue.get())
    feed.heard(Kind.RUN, objects.run(version=11), gone=True)

    assert len(feed.queue) == 2
