"""What a newer operator wrote and this one does not understand is told of, and left alone."""

import pytest

from releaseflow.cache.cache import View
from releaseflow.controllers.reconciler import Rest
from releaseflow.controllers.reporter import Reporter
from releaseflow.kube.resources import Key, Kind
from releaseflow.reporting.events import Occasion
from releaseflow.runtime.composition import reconciler
from tests.support import objects
from tests.support.fake_client import StandIn

NEW_WORD = {"lastTransitionTime": objects.AT, "observedGeneration": 1, **objects.condition("Ready", reason="BrandNew")}
FLOW, RUN = Key(Kind.FLOW, "shop", "shop"), Key(Kind.RUN, "shop", "shop-1-aa")
UNKNOWN = {
    "a reason of a flow": (FLOW, objects.flow(status={"observedGeneration": 1, "conditions": [NEW_WORD]})),
    "a value in the spec of a flow": (FLOW, objects.flow(approvals=["ByTwoPeople"])),
    "a mode of a flow": (FLOW, objects.flow(mode="Gate")),
    "a run without a workload": (RUN, objects.run(migration={"tool": "Django", "workloadRef": None})),
    "a reason of a run": (RUN, objects.run(status={"observedGeneration": 1, "conditions": [NEW_WORD]})),
    "an outcome of a run": (RUN, objects.run(status={"observedGeneration": 1, "outcome": "BrandNew"})),
}


@pytest.mark.parametrize("what", UNKNOWN)
async def test_a_word_that_is_not_known_stops_all_work_on_its_object(what: str) -> None:
    key, raw = UNKNOWN[what]
    api, view, told = StandIn().having(key.kind, raw).having(Kind.DEPLOYMENT, objects.deployment()), View(), []
    view.put(key.kind, raw)

    def record(occasion: Occasion) -> None:
        told.append((occasion.reason, occasion.warning))

    hands = reconciler(api.as_kube(), view, "operators", "postgres:18", Reporter(record))

    assert await hands.step(key) == Rest()
    assert api.writes == []
    assert told == [("Unreadable", True)]


async def test_a_run_whose_flow_cannot_be_read_is_left_alone() -> None:
    flow = objects.flow(approvals=["ByTwoPeople"])
    run = objects.run()
    api, view, told = StandIn().having(Kind.FLOW, flow).having(Kind.RUN, run), View(), []
    view.put(Kind.RUN, run)

    def record(occasion: Occasion) -> None:
        told.append((occasion.about.kind, occasion.reason))

    hands = reconciler(api.as_kube(), view, "operators", "postgres:18", Reporter(record))

    assert await hands.step(RUN) == Rest()
    assert api.writes == []
    assert told == [("ReleaseFlow", "Unreadable")]
