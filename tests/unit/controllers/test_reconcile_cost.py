"""What a reconcile of a run costs: the same alone and among a thousand flows and runs of other databases."""

from collections.abc import Callable
from typing import Any

import pytest

from releaseflow.api.schema.base import ApiModel
from releaseflow.api.v1alpha1.metadata import LOCK_IDENTITY
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec
from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.controllers.mappers import requests_for
from releaseflow.controllers.parse_objects import ParsedRun, parse_run
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.locks import LockPlace, lease
from releaseflow.controllers.run.observe import RunObserver
from releaseflow.controllers.run.observe_lock import lock_place
from releaseflow.kube.requests import Verb
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.fake_client import FakeClient
from tests.support.objects import DEPLOYMENT
from tests.unit.controllers.scene import KEY, START

CROWD = 1000
OVER = {"observedGeneration": 1, "outcome": "Migrated"}
WITH_IDENTITY = {"observedGeneration": 1, "databaseIdentity": "db-1"}


def place(api: FakeClient, cache: Cache, kind: Resource, raw: objects.Object) -> None:
    api.having(kind, raw)
    cache.upsert(kind, raw)


def lock_of(key: str, identity: str, version: int = 5) -> objects.Object:
    raw = lease(LockPlace("shop", key), None, "", {LOCK_IDENTITY: identity})
    raw["metadata"] |= {"namespace": "operators", "uid": f"uid-{key}", "resourceVersion": str(version)}
    return raw


def scene(crowd: int) -> tuple[FakeClient, Cache]:
    """Return one run that waits behind another, and a crowd with locks, flows and finished runs of their own."""
    api, cache = FakeClient(), Cache()
    place(api, cache, Resource.FLOW, objects.flow())
    place(api, cache, DEPLOYMENT, objects.deployment(labels={"releaseflow.dev/managed": "true"}))
    place(api, cache, Resource.RUN, objects.run(status=WITH_IDENTITY))
    place(api, cache, Resource.RUN, objects.run("rival", "uid-rival"))
    place(api, cache, Resource.LEASE, lock_of("shop-db/url", "db-1"))
    for number in range(crowd):
        other = {"urlSecretRef": {"name": f"db-{number}", "key": "url"}}
        flow = objects.flow(database=other)
        flow["metadata"] |= {"name": f"flow-{number}", "uid": f"uid-flow-{number}"}
        place(api, cache, Resource.FLOW, flow)
        mine = {"name": f"flow-{number}", "uid": f"uid-flow-{number}", "sequence": 1}
        over = objects.run(f"over-{number}", f"uid-over-{number}", status=OVER, flowRef=mine)
        del over["metadata"]["labels"]["releaseflow.dev/lock-name"]
        place(api, cache, Resource.RUN, over)
        place(api, cache, Resource.RUN, objects.run(f"run-{number}", f"uid-run-{number}", database=other, flowRef=mine))
        place(api, cache, Resource.LEASE, lock_of(f"db-{number}/url", f"identity-{number}"))
    return api, cache


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was parsed, by the name of its model."""
    found: list[str] = []

    def counted(model: type[ApiModel]) -> Callable[..., Any]:
        parse = model.model_validate

        def count(raw: Any) -> Any:
            found.append(model.__name__)
            return parse(raw)

        return count

    for model in (MigrationRunSpec, ReleaseFlowSpec):
        monkeypatch.setattr(model, "model_validate", counted(model))
    return found


async def cost_of_a_reconcile(
    crowd: int, parsed: list[str], *, live: bool
) -> tuple[list[tuple[Verb, Resource, str]], int, int]:
    """Return what a observed asks for, how many objects the answers bring, and how many objects it parses."""
    api, cache = scene(crowd)
    reader = Reader(api.as_kube(), cache, live=live)
    parsed.clear()
    observed = await RunObserver("operators", objects.job_specs(), lambda: START, Rejections(lambda: 0.0)).observe(
        reader, KEY
    )
    assert len(observed.facts.waiters) == 1  # type: ignore[union-attr]
    return api.asked, api.answered, len(parsed)


@pytest.mark.parametrize("live", [False, True])
async def test_a_reconcile_costs_the_same_among_a_thousand_runs(parsed: list[str], *, live: bool) -> None:
    assert await cost_of_a_reconcile(CROWD, parsed, live=live) == await cost_of_a_reconcile(0, parsed, live=live)


def test_the_end_of_a_run_enqueues_the_runs_that_wait_at_the_same_cost_among_a_thousand(parsed: list[str]) -> None:
    costs = []
    for crowd in (0, CROWD):
        _, cache = scene(crowd)
        over = objects.run(version=11, status=OVER)
        parsed.clear()
        costs.append((requests_for(cache, Resource.RUN, over), len(parsed)))

    assert costs[0] == costs[1]
    assert ReconcileRequest(Resource.RUN, "shop", "rival") in costs[0][0]


async def test_another_key_of_the_same_database_is_found_among_a_thousand_locks() -> None:
    api, cache = scene(CROWD)
    place(api, cache, Resource.LEASE, lock_of("db-7/url", "db-1", version=6))
    run = parse_run(objects.run(status=WITH_IDENTITY))
    assert isinstance(run, ParsedRun)
    assert lock_place(run).key == "shop-db/url"
    observed = await RunObserver("operators", objects.job_specs(), lambda: START, Rejections(lambda: 0.0)).observe(
        Reader(api.as_kube(), cache), KEY
    )
    assert observed.facts.keys_of_identity == ("db-7/url",)  # type: ignore[union-attr]
