"""Where a reconcile reads from: presence from the cache, absence from the API server alone."""

from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.kube.requests import Verb
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.fake_client import FakeClient
from tests.support.objects import DEPLOYMENT


async def test_what_the_cache_holds_is_not_read_live() -> None:
    api, cache = FakeClient(), Cache()
    cache.upsert(Resource.RUN, objects.run())

    assert await Reader(api.as_kube(), cache).get(Resource.RUN, "shop", "shop-1-aa")
    assert not api.asked


async def test_absence_is_never_taken_from_the_cache() -> None:
    api = FakeClient().having(Resource.RUN, objects.run())

    assert await Reader(api.as_kube(), Cache()).get(Resource.RUN, "shop", "shop-1-aa")


async def test_an_answer_is_reused_within_one_reconcile() -> None:
    api = FakeClient().having(DEPLOYMENT, objects.deployment())
    reader = Reader(api.as_kube(), Cache())

    assert await reader.get(DEPLOYMENT, "shop", "shop")
    assert await reader.get(DEPLOYMENT, "shop", "shop")
    assert await reader.get(Resource.JOB, "shop", "none") is None
    assert await reader.get(Resource.JOB, "shop", "none") is None

    assert api.asked == [(Verb.GET, DEPLOYMENT, "shop"), (Verb.GET, Resource.JOB, "none")]


async def test_a_live_reader_asks_for_everything_and_writes_it_to_the_cache() -> None:
    api, cache = FakeClient().having(Resource.FLOW, objects.flow(version=11)), Cache()
    cache.upsert(Resource.FLOW, objects.flow(version=10))

    reader = Reader(api.as_kube(), cache).live_reader()
    await reader.get(Resource.FLOW, "shop", "shop")
    await reader.list_objects(Resource.RUN, "shop")

    seen = cache.get(Resource.FLOW, "shop", "shop")
    assert [verb for verb, _, _ in api.asked] == [Verb.GET, Verb.LIST]
    assert seen is not None
    assert seen["metadata"]["resourceVersion"] == "11"


async def test_an_object_that_is_gone_is_gone_from_the_cache() -> None:
    cache = Cache()
    cache.upsert(Resource.FLOW, objects.flow())

    assert await Reader(FakeClient().as_kube(), cache, live=True).get(Resource.FLOW, "shop", "shop") is None
    assert cache.get(Resource.FLOW, "shop", "shop") is None


async def test_an_answer_does_not_outlive_an_object_that_the_cache_dropped() -> None:
    cache = Cache()
    api = FakeClient().having(Resource.JOB, objects.job())
    reader, name = Reader(api.as_kube(), cache), objects.job()["metadata"]["name"]
    assert await reader.get(Resource.JOB, "shop", name)

    cache.evict(Resource.JOB, "shop", name)

    assert reader.cached(Resource.JOB, "shop", name) is None
