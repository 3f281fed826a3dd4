"""What a flow with mode Gate asks of the admission policies, and how often."""

from datetime import UTC, datetime
from typing import Any

import pytest

from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.controllers.flow.observe import FlowObservation, FlowObserver
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.kube.errors import ApiError, ForbiddenError
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import OF_ADMISSION, Resource
from tests.support import objects
from tests.support.fake_client import FakeClient
from tests.support.objects import DEPLOYMENT

KEY = ReconcileRequest(Resource.FLOW, "shop", "shop")


RULES = [{"resources": ["deployments", "statefulsets"]}, {"resources": ["cronjobs", "cronjobs/status"]}]
BOTH = ("releaseflow-gate", "releaseflow-gate-pods")
TYPES = ("MutatingAdmissionPolicy", "ValidatingAdmissionPolicy")
OF_PODS = tuple(f"{kind} releaseflow-gate-pods" for kind in (TYPES[1], f"{TYPES[1]}Binding"))


def api(*missing: Resource, of: str = "Deployment", names: tuple[str, ...] = BOTH, rules: Any = RULES) -> FakeClient:
    """Return an API server with a gated flow, its target of this kind, and the policies that are not missing."""
    flow = objects.flow(mode="Gate", targets=[{"kind": of, "name": "shop"}])
    flow["spec"].pop("image", None)
    client = FakeClient().having(Resource.FLOW, flow).having(DEPLOYMENT, objects.deployment())
    for kind in OF_ADMISSION:
        if kind not in missing:
            spec = {"matchConstraints": {"resourceRules": rules}}
            client.having(
                kind, *({"metadata": objects.metadata(name, name + kind.name, 1), "spec": spec} for name in names)
            )
    return client


def observer() -> FlowObserver:
    return FlowObserver(lambda: datetime(2026, 3, 1, tzinfo=UTC), Rejections(lambda: 0.0))


async def missing_policies(client: FakeClient, looks: FlowObserver, *, live: bool = False) -> tuple[str, ...]:
    seen = await looks.observe(Reader(client.as_kube(), Cache(), live), KEY)
    assert isinstance(seen, FlowObservation)
    return seen.facts.missing_policies


def asked_for_policies(client: FakeClient) -> int:
    return sum(verb is Verb.GET and kind in OF_ADMISSION for verb, kind, _ in client.asked)


async def test_an_answer_holds_for_some_seconds_and_a_live_look_asks_again() -> None:
    client, looks = api(), observer()
    assert await missing_policies(client, looks) == ()
    assert await missing_policies(client, looks) == ()
    assert asked_for_policies(client) == len(OF_ADMISSION)
    await missing_policies(client, looks, live=True)
    assert asked_for_policies(client) == 2 * len(OF_ADMISSION)


@pytest.mark.parametrize("kind", OF_ADMISSION)
async def test_each_policy_and_binding_is_needed(kind: Resource) -> None:
    assert await missing_policies(api(kind), observer()) == (kind.singular,)


@pytest.mark.parametrize(
    ("kind", "names", "rules", "missing"),
    [
        ("CronJob", BOTH, RULES, ()),
        ("CronJob", BOTH[:1], RULES, ()),
        ("CronJob", BOTH, RULES[:1], tuple(f"{kind} for CronJob" for kind in TYPES)),
        ("Deployment", BOTH, None, tuple(f"{kind} for Deployment" for kind in TYPES)),
        ("StatefulSet", BOTH, RULES, ()),
        ("StatefulSet", BOTH[:1], RULES, OF_PODS),
    ],
)
async def test_a_policy_must_be_for_the_kinds_of_the_targets(
    kind: str, names: tuple[str, ...], rules: Any, missing: tuple[str, ...]
) -> None:
    assert await missing_policies(api(of=kind, names=names, rules=rules), observer()) == missing


async def test_what_may_not_be_read_is_not_known_to_be_there() -> None:
    client = api()

    def refuse(request: Request) -> ApiError | None:
        return ForbiddenError(request, "not allowed") if request.kind in OF_ADMISSION else None

    client.refuse = refuse
    assert await missing_policies(client, observer()) == tuple(kind.singular for kind in OF_ADMISSION)


async def test_another_mode_asks_for_no_policy() -> None:
    client = api()
    client.having(Resource.FLOW, objects.flow())
    assert await missing_policies(client, observer()) == ()
    assert asked_for_policies(client) == 0


async def test_a_release_that_is_under_way_asks_for_no_policy() -> None:
    client = api()
    begun = {"sequence": 1, "image": "shop:v1", "trigger": "FirstSight", "run": "shop-1-aa", "startTime": objects.AT}
    client.objects[Resource.FLOW, "shop"]["status"] = {"release": begun}
    assert await missing_policies(client, observer(), live=True) == ()
    assert asked_for_policies(client) == 0
