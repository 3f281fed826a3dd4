"""What a flow's selector chooses: asked whole of the API server, and only where a release may begin."""

from datetime import UTC, datetime
from typing import Any

from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.cache.store import by_workload
from releaseflow.controllers.flow.observe import FlowObservation, FlowObserver
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.core.flow.selection import SELECTION_SECONDS
from releaseflow.kube.requests import Verb
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object
from tests.support import objects
from tests.support.fake_client import FakeClient
from tests.support.objects import DEPLOYMENT, STATEFULSET

KEY = ReconcileRequest(Resource.FLOW, "shop", "shop")
SELECTOR = {"matchLabels": {"team": "blue"}, "kinds": ["StatefulSet", "Deployment"]}
AT_WORK = {"sequence": 1, "image": "shop:v2", "trigger": "FirstSight", "run": "shop-1-aa", "startTime": objects.AT}


def flow(status: Object | None = None, **spec: Any) -> Object:
    found = objects.flow(status=status, **{"targetSelector": SELECTOR, **spec})
    del found["spec"]["targets"]
    return found


def workload(name: str, image: str = "shop:v1", **more: Any) -> Object:
    """Return a workload with the labels."""
    found = objects.deployment(labels={"team": "blue"}, **more)
    found["metadata"] |= {"name": name, "uid": f"{name}-uid"}
    found["spec"]["template"]["spec"]["containers"] = [
        {"name": "web", "image": image},
        {"name": "proxy", "image": "e:1"},
    ]
    return found


async def observed(client: FakeClient) -> FlowObservation:
    observer = FlowObserver(lambda: datetime(2026, 3, 1, tzinfo=UTC), Rejections(lambda: 0.0))
    seen = await observer.observe(Reader(client.as_kube(), Cache()), KEY)
    assert isinstance(seen, FlowObservation)
    return seen


def names(seen: FlowObservation) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(target.kind, target.name, target.containers) for target in seen.facts.spec.targets]


def lists(client: FakeClient) -> list[str]:
    return [what for verb, kind, what in client.asked if verb is Verb.LIST and kind in {DEPLOYMENT, STATEFULSET}]


async def test_workloads_of_all_kinds_are_chosen_in_the_order_of_their_names() -> None:
    client = FakeClient().having(Resource.FLOW, flow())
    client.having(DEPLOYMENT, workload("b")).having(STATEFULSET, workload("a")).having(DEPLOYMENT, objects.deployment())
    seen = await observed(client)
    assert names(seen) == [("StatefulSet", "a", ("web",)), ("Deployment", "b", ("web",))]
    assert [target.name for target in seen.facts.targets if hasattr(target, "name")] == ["a", "b"]
    assert (seen.facts.chosen, seen.requeue_after) == (2, SELECTION_SECONDS)
    assert lists(client) == ["team=blue", "team=blue"]


async def test_only_containers_with_the_repository_of_the_image_are_chosen() -> None:
    client = FakeClient().having(Resource.FLOW, flow())
    client.having(DEPLOYMENT, workload("cache", "redis:7")).having(DEPLOYMENT, workload("web"))
    assert names(await observed(client)) == [("Deployment", "web", ("web",))]


async def test_of_an_image_from_another_registry_those_of_the_one_before_are_chosen() -> None:
    released = {"release": AT_WORK | {"outcome": "Released"}, "observedGeneration": 1}
    client = (
        FakeClient().having(Resource.FLOW, flow(released, image="mirror/shop:v3")).having(DEPLOYMENT, workload("web"))
    )
    assert names(await observed(client)) == [("Deployment", "web", ("web",))]


async def test_one_that_is_on_its_way_out_is_not_chosen() -> None:
    going = workload("web")
    going["metadata"]["deletionTimestamp"] = objects.AT
    client = FakeClient().having(Resource.FLOW, flow()).having(DEPLOYMENT, going)
    seen = await observed(client)
    assert (names(seen), seen.facts.chosen) == ([], 0)


async def test_where_the_targets_name_the_image_the_release_finds_their_containers() -> None:
    gated = flow(mode="Gate")
    del gated["spec"]["image"]
    client = FakeClient().having(Resource.FLOW, gated).having(DEPLOYMENT, workload("web", "other:1"))
    assert names(await observed(client)) == [("Deployment", "web", ())]


async def test_a_release_under_way_asks_for_nothing_and_keeps_its_own() -> None:
    known = [
        {"kind": "Deployment", "name": "web", "uid": "web-uid", "containers": [{"name": "web"}]},
        {"kind": "Deployment", "name": "never-seen"},
    ]
    status = {"release": AT_WORK, "targets": known, "observedGeneration": 1}
    client = FakeClient().having(Resource.FLOW, flow(status))
    client.having(DEPLOYMENT, workload("web")).having(DEPLOYMENT, workload("new"))
    seen = await observed(client)
    assert (names(seen), lists(client), seen.requeue_after) == ([("Deployment", "web", ("web",))], [], None)


def test_a_chosen_workload_wakes_its_flow() -> None:
    cache = Cache()
    cache.upsert(Resource.FLOW, flow({"targets": [{"kind": "StatefulSet", "name": "a"}], "observedGeneration": 1}))
    assert cache.indexed(Resource.FLOW, "shop", by_workload("StatefulSet", "a"))
    assert not cache.indexed(Resource.FLOW, "shop", by_workload("Deployment", "a"))
