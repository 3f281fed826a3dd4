"""What a newer operator wrote and this one does not understand is reported, and left alone."""

import pytest

from releaseflow.cache.cache import Cache
from releaseflow.controllers.reconciler import Result
from releaseflow.controllers.reporter import Reporter
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.kube.resources import Resource
from releaseflow.reporting.events import EventRecord
from releaseflow.runtime.composition import reconciler
from tests.support import objects
from tests.support.fake_client import FakeClient
from tests.support.objects import DEPLOYMENT

NEW_WORD = {"lastTransitionTime": objects.AT, "observedGeneration": 1, **objects.condition("Ready", reason="BrandNew")}
FLOW, RUN = ReconcileRequest(Resource.FLOW, "shop", "shop"), ReconcileRequest(Resource.RUN, "shop", "shop-1-aa")
UNKNOWN = {
    "a reason of a flow": (FLOW, objects.flow(status={"observedGeneration": 1, "conditions": [NEW_WORD]})),
    "a value in the spec of a flow": (FLOW, objects.flow(approvals=["ByTwoPeople"])),
    "a mode of a flow": (FLOW, objects.flow(mode="Wait")),
    "a value in the spec of a run": (RUN, objects.run(migration={"tool": "Other"})),
    "a reason of a run": (RUN, objects.run(status={"observedGeneration": 1, "conditions": [NEW_WORD]})),
    "an outcome of a run": (RUN, objects.run(status={"observedGeneration": 1, "outcome": "BrandNew"})),
}


@pytest.mark.parametrize("what", UNKNOWN)
async def test_a_word_that_is_not_known_stops_all_work_on_its_object(what: str) -> None:
    key, raw = UNKNOWN[what]
    api, cache, recorded = FakeClient().having(key.kind, raw).having(DEPLOYMENT, objects.deployment()), Cache(), []
    cache.upsert(key.kind, raw)

    def record(record: EventRecord) -> None:
        recorded.append((record.reason, record.warning))

    hands = reconciler(api.as_kube(), cache, "operators", objects.job_specs(), Reporter(record))

    assert await hands.reconcile(key) == Result()
    assert api.writes == []
    assert recorded == [("Unreadable", True)]


async def test_a_run_whose_flow_cannot_be_read_is_left_alone() -> None:
    flow = objects.flow(approvals=["ByTwoPeople"])
    run = objects.run()
    api, cache, recorded = FakeClient().having(Resource.FLOW, flow).having(Resource.RUN, run), Cache(), []
    cache.upsert(Resource.RUN, run)

    def record(record: EventRecord) -> None:
        recorded.append((record.about.kind, record.reason))

    hands = reconciler(api.as_kube(), cache, "operators", objects.job_specs(), Reporter(record))

    assert await hands.reconcile(RUN) == Result()
    assert api.writes == []
    assert recorded == [("ReleaseFlow", "Unreadable")]
