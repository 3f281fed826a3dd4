"""A periodic list heals a cache that a watch left wrong, and ends a process that knows too much."""

import asyncio

import pytest

from releaseflow.cache import resync
from releaseflow.cache.cache import Cache, HistoryRewoundError
from releaseflow.cache.informer import Informer, KindServedError
from releaseflow.cache.resync import list_everything, resync_periodically
from releaseflow.kube.errors import ApiError, NotFoundError, UnavailableError
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.fake_client import FakeClient

RUN = "shop-1-aa"


def awake(api: FakeClient) -> Informer:
    """Return an informer that has seen what the API server had."""
    informer = Informer(Cache())
    for (kind, _), raw in api.objects.items():
        informer.cache.upsert(kind, raw)
    return informer


def changes(informer: Informer) -> list[Resource]:
    """Return the kinds of the objects that change from now on."""
    changed: list[Resource] = []
    informer.cache.changed = lambda kind, _raw: changed.append(kind)
    return changed


async def test_a_deletion_missed_by_the_watch_is_found_and_enqueued() -> None:
    api = FakeClient().having(Resource.FLOW, objects.flow()).having(Resource.RUN, objects.run())
    informer = awake(api)
    changed = changes(informer)
    del api.objects[Resource.RUN, RUN]

    await list_everything(api.as_kube(), informer, (), "operators")

    assert informer.cache.get(Resource.RUN, "shop", RUN) is None
    assert changed == [Resource.RUN]


async def test_a_change_missed_by_the_watch_is_found_and_enqueued() -> None:
    api = FakeClient().having(Resource.FLOW, objects.flow())
    informer = awake(api)
    changed = changes(informer)
    api.objects[Resource.FLOW, "shop"] = objects.flow(version=11, image="shop:v3")

    await list_everything(api.as_kube(), informer, (), "operators")

    seen = informer.cache.get(Resource.FLOW, "shop", "shop")
    assert seen is not None
    assert seen["spec"]["image"] == "shop:v3"
    assert changed == [Resource.FLOW]


@pytest.mark.parametrize("error", [NotFoundError, UnavailableError])
async def test_a_listing_that_fails_is_tried_again_and_forgets_nothing(
    error: type[ApiError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """NotFound is what the API server says of a kind whose definition was deleted."""
    monkeypatch.setattr(resync, "RESYNC_PERIOD", 0.0)
    monkeypatch.setattr(resync, "SHORTEST_RESYNC_PERIOD", 0.0)
    api = FakeClient().having(Resource.FLOW, objects.flow())
    informer, refused = awake(api), 0

    def refuse(request: Request) -> ApiError | None:
        nonlocal refused
        if request.verb is not Verb.LIST or request.kind is not Resource.FLOW:
            return None
        refused += 1
        if refused == 3:
            raise EnoughError
        return error(request, "no")

    api.refuse = refuse
    with pytest.raises(EnoughError):
        await asyncio.wait_for(resync_periodically(api.as_kube(), informer, (), "operators", asyncio.Event()), 5)
    assert informer.cache.get(Resource.FLOW, "shop", "shop") is not None


async def test_a_listing_that_fails_is_tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync, "SHORTEST_RESYNC_PERIOD", 0.0)
    api, lost, refused = FakeClient(), asyncio.Event(), list[Request]()

    def refuse(request: Request) -> ApiError | None:
        refused.append(request)
        if len(refused) > 30:
            raise EnoughError
        return UnavailableError(request, "the API server is away")

    api.refuse = refuse
    lost.set()
    with pytest.raises(EnoughError):
        await asyncio.wait_for(resync_periodically(api.as_kube(), awake(FakeClient()), (), "operators", lost), 5)


class EnoughError(Exception):
    """Ends what otherwise goes on for ever."""


async def test_an_api_server_that_knows_less_than_it_did_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync, "RESYNC_PERIOD", 0.0)
    monkeypatch.setattr(resync, "SHORTEST_RESYNC_PERIOD", 0.0)
    api = FakeClient(version=9).having(Resource.FLOW, objects.flow(version=10))

    with pytest.raises(HistoryRewoundError):
        await asyncio.wait_for(resync_periodically(api.as_kube(), awake(api), (), "operators", asyncio.Event()), 5)


async def test_a_kind_of_somebody_else_need_not_be_served_and_ends_the_process_once_it_is() -> None:
    api, rollouts = FakeClient(), Resource.of_workload("Rollout")
    informer = awake(api)
    api.refuse = lambda request: NotFoundError(request, "no") if request.kind is rollouts else None
    await list_everything(api.as_kube(), informer, (), "operators")
    await list_everything(api.as_kube(), informer, (), "operators")
    assert informer.unserved == {rollouts}

    api.refuse = lambda _: None
    with pytest.raises(KindServedError, match=r"rollouts\.argoproj\.io are served now"):
        await list_everything(api.as_kube(), informer, (), "operators")


async def test_where_a_watch_lost_its_thread_everything_is_listed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync, "SHORTEST_RESYNC_PERIOD", 0.0)
    api = FakeClient().having(Resource.RUN, objects.run())
    informer, lost = awake(api), asyncio.Event()
    del api.objects[Resource.RUN, RUN]

    relisting = asyncio.create_task(resync_periodically(api.as_kube(), informer, (), "operators", lost))
    await asyncio.sleep(0.05)
    assert informer.cache.get(Resource.RUN, "shop", RUN) is not None
    changed = asyncio.Event()
    informer.cache.changed = lambda _kind, _raw: changed.set()
    lost.set()
    async with asyncio.timeout(5):
        await changed.wait()

    assert not lost.is_set()
    relisting.cancel()
    await asyncio.gather(relisting, return_exceptions=True)
