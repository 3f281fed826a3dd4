"""Listing everything now and then heals a view that a watch left wrong, and ends a process that knows too much."""

import asyncio

import pytest

from releaseflow.cache import resync
from releaseflow.cache.cache import HistoryRewoundError, View
from releaseflow.cache.informer import Feed
from releaseflow.cache.resync import list_everything, list_now_and_then
from releaseflow.controllers.workqueue import KeyQueue
from releaseflow.kube.errors import ApiError, NotFoundError, Request, UnavailableError, Verb
from releaseflow.kube.resources import Key, Kind
from tests.support import objects
from tests.support.fake_client import StandIn

FLOW, RUN = Key(Kind.FLOW, "shop", "shop"), Key(Kind.RUN, "shop", "shop-1-aa")


def awake(api: StandIn) -> Feed:
    """Return a feed that has seen what the API server had, and worked on it."""
    feed = Feed(View(), KeyQueue[Key](), awake=True)
    for (kind, _), raw in api.objects.items():
        feed.view.put(kind, raw)
    feed.queue = KeyQueue[Key]()
    return feed


async def rung(feed: Feed) -> set[Key]:
    return {await feed.queue.get() for _ in range(len(feed.queue))}


async def test_a_deletion_that_no_watch_told_of_is_found_and_rings() -> None:
    api = StandIn().having(Kind.FLOW, objects.flow()).having(Kind.RUN, objects.run())
    feed = awake(api)
    del api.objects[Kind.RUN, RUN.name]

    await list_everything(api.as_kube(), feed, (), "operators")

    assert feed.view.get(Kind.RUN, RUN.namespace, RUN.name) is None
    assert await rung(feed) == {RUN, FLOW}


async def test_a_change_that_no_watch_told_of_is_found_and_rings() -> None:
    api = StandIn().having(Kind.FLOW, objects.flow())
    feed = awake(api)
    api.objects[Kind.FLOW, "shop"] = objects.flow(version=11, image="shop:v3")

    await list_everything(api.as_kube(), feed, (), "operators")

    seen = feed.view.get(Kind.FLOW, FLOW.namespace, FLOW.name)
    assert seen is not None
    assert seen["spec"]["image"] == "shop:v3"
    assert await rung(feed) == {FLOW}


@pytest.mark.parametrize("error", [NotFoundError, UnavailableError])
async def test_a_listing_that_fails_is_tried_again_and_forgets_nothing(
    error: type[ApiError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """NotFound is what the API server says of a kind whose definition was deleted."""
    monkeypatch.setattr(resync, "EVERY", 0.0)
    monkeypatch.setattr(resync, "PAUSE", 0.0)
    api = StandIn().having(Kind.FLOW, objects.flow())
    feed, refused = awake(api), 0

    def refuse(request: Request) -> ApiError | None:
        nonlocal refused
        if request.verb is not Verb.LIST or request.kind is not Kind.FLOW:
            return None
        refused += 1
        if refused == 3:
            raise EnoughError
        return error(request, "no")

    api.refuse = refuse
    with pytest.raises(EnoughError):
        await asyncio.wait_for(list_now_and_then(api.as_kube(), feed, (), "operators", asyncio.Event()), 5)
    assert feed.view.get(Kind.FLOW, FLOW.namespace, FLOW.name) is not None


async def test_a_listing_that_fails_is_tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync, "PAUSE", 0.0)
    api, lost, refused = StandIn(), asyncio.Event(), list[Request]()

    def refuse(request: Request) -> ApiError | None:
        refused.append(request)
        if len(refused) > 30:
            raise EnoughError
        return UnavailableError(request, "the API server is away")

    api.refuse = refuse
    lost.set()
    with pytest.raises(EnoughError):
        await asyncio.wait_for(list_now_and_then(api.as_kube(), awake(StandIn()), (), "operators", lost), 5)


class EnoughError(Exception):
    """Ends what otherwise goes on for ever."""


async def test_an_api_server_that_knows_less_than_it_did_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync, "EVERY", 0.0)
    monkeypatch.setattr(resync, "PAUSE", 0.0)
    api = StandIn(version=9).having(Kind.FLOW, objects.flow(version=10))

    with pytest.raises(HistoryRewoundError):
        await asyncio.wait_for(list_now_and_then(api.as_kube(), awake(api), (), "operators", asyncio.Event()), 5)


async def test_where_a_watch_lost_its_thread_everything_is_listed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync, "PAUSE", 0.0)
    api = StandIn().having(Kind.RUN, objects.run())
    feed, lost = awake(api), asyncio.Event()
    del api.objects[Kind.RUN, RUN.name]

    relisting = asyncio.create_task(list_now_and_then(api.as_kube(), feed, (), "operators", lost))
    await asyncio.sleep(0.05)
    assert feed.view.get(Kind.RUN, RUN.namespace, RUN.name) is not None
    lost.set()
    async with asyncio.timeout(5):
        assert await feed.queue.get() in {RUN, FLOW}

    assert not lost.is_set()
    relisting.cancel()
    await asyncio.gather(relisting, return_exceptions=True)
