"""Where a look reads from: presence from the view, absence from the API server alone."""

from releaseflow.cache.cache import View
from releaseflow.cache.reader import Reader
from releaseflow.kube.errors import Verb
from releaseflow.kube.resources import Kind
from tests.support import objects
from tests.support.fake_client import StandIn


async def test_what_the_view_shows_is_not_asked_for() -> None:
    api, view = StandIn(), View()
    view.put(Kind.RUN, objects.run())

    assert await Reader(api.as_kube(), view).get(Kind.RUN, "shop", "shop-1-aa")
    assert not api.asked


async def test_absence_is_never_taken_from_the_view() -> None:
    api = StandIn().having(Kind.RUN, objects.run())

    assert await Reader(api.as_kube(), View()).get(Kind.RUN, "shop", "shop-1-aa")


async def test_an_answer_is_good_for_the_whole_look() -> None:
    api = StandIn().having(Kind.DEPLOYMENT, objects.deployment())
    reader = Reader(api.as_kube(), View())

    assert await reader.get(Kind.DEPLOYMENT, "shop", "shop")
    assert await reader.get(Kind.DEPLOYMENT, "shop", "shop")
    assert await reader.get(Kind.JOB, "shop", "none") is None
    assert await reader.get(Kind.JOB, "shop", "none") is None

    assert api.asked == [(Verb.GET, Kind.DEPLOYMENT, "shop"), (Verb.GET, Kind.JOB, "none")]


async def test_a_live_reader_asks_for_everything_and_shows_it_to_the_view() -> None:
    api, view = StandIn().having(Kind.FLOW, objects.flow(version=11)), View()
    view.put(Kind.FLOW, objects.flow(version=10))

    reader = Reader(api.as_kube(), view).reading_live()
    await reader.get(Kind.FLOW, "shop", "shop")
    await reader.all_of(Kind.RUN, "shop")

    seen = view.get(Kind.FLOW, "shop", "shop")
    assert [verb for verb, _, _ in api.asked] == [Verb.GET, Verb.LIST]
    assert seen is not None
    assert seen["metadata"]["resourceVersion"] == "11"


async def test_an_object_that_is_gone_is_gone_from_the_view() -> None:
    view = View()
    view.put(Kind.FLOW, objects.flow())

    assert await Reader(StandIn().as_kube(), view, live=True).get(Kind.FLOW, "shop", "shop") is None
    assert view.get(Kind.FLOW, "shop", "shop") is None


async def test_an_answer_does_not_outlive_the_object_that_the_view_was_shown_to_be_gone() -> None:
    view = View()
    api = StandIn().having(Kind.JOB, objects.job())
    reader, name = Reader(api.as_kube(), view), objects.job()["metadata"]["name"]
    assert await reader.get(Kind.JOB, "shop", name)

    view.forget(Kind.JOB, "shop", name)

    assert reader.glance(Kind.JOB, "shop", name) is None
