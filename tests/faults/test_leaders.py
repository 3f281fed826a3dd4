"""A leader whose work is blocked keeps its Lease; one that cannot renew it hands over, and may lead again."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import groupby, pairwise
from typing import Any

import pytest
from typing_extensions import override

from tests.faults.oracles.check import check
from tests.faults.oracles.liveness import reference_of
from tests.faults.plans.plan import At, Fault, Plan
from tests.faults.plans.selection import IN_MID_RELEASE
from tests.faults.proxy.request import LEADER, Family
from tests.faults.runner.result import Environment, Result
from tests.faults.runner.run_plan import OPERATOR, STANDBY, PlanRun
from tests.faults.runner.sweep import Sweep
from tests.faults.simulator import objects
from tests.faults.simulator.history import Raw

HANGS_SECONDS = 600
BLOCKED_SECONDS, REFUSED_SECONDS = 20.0, 22.0
CHANGES_SECONDS = 0.3


class LeadsAgain(PlanRun):
    """A plan in which the flow changes all the time until the standby leads, and at whose end that one goes."""

    @override
    async def _come_to_rest(self) -> None:
        while STANDBY not in _writers(self.result):
            for suspended in (True, False):
                await self._ask_for({"suspend": suspended})
                await asyncio.sleep(CHANGES_SECONDS)
        await super()._come_to_rest()

    @override
    async def _stop_operators(self) -> None:
        await self.operators[1].stop()
        await self._until(lambda: _holder(self.history.get("Lease", LEADER)) == OPERATOR)
        await self._ask_for({"image": objects.NEWER})
        await self._until(lambda: _released(self.history.get("ReleaseFlow", objects.NAME)) == objects.NEWER)
        await super()._stop_operators()

    async def _ask_for(self, spec: dict[str, object]) -> None:
        await self.stage.client.patch(self.people.path("ReleaseFlow", objects.NAME), {"spec": spec})


def _played(act: Callable[[Environment], Coroutine[Any, Any, Result]]) -> Result:
    async def alone() -> Result:
        async with Sweep(1) as sweep:
            return await act(await sweep.stage_for(1))

    return asyncio.run(alone())


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_leader_whose_work_is_blocked_for_20_seconds_keeps_its_lease_and_ends_the_release() -> None:
    plan = Plan("good", (Fault("blocked", At.WRITE, IN_MID_RELEASE, BLOCKED_SECONDS),))
    result = _played(lambda stage: PlanRun(stage, plan, 0).play())

    assert result.record.fired == ["blocked"]
    assert check(result, reference_of(result)) == []
    assert (result.end.ready, result.end.image) == ("True", objects.NEW)
    assert _holder(result.leader) == OPERATOR
    longest = max(after - before for before, after in pairwise(_renewals(result)))
    assert longest < BLOCKED_SECONDS, "the Lease was not renewed while the work was blocked"
    assert [operator.exits for operator in result.operators] == [[], []]


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_leader_that_cannot_renew_hands_over_and_leads_again_in_the_same_process() -> None:
    plan = Plan("good", (Fault("renewals-refused", At.WRITE, IN_MID_RELEASE, REFUSED_SECONDS),))
    result = _played(lambda stage: LeadsAgain(stage, plan, 0).play())

    log = result.log.partition('"stopped"')[0]
    assert log.index("leadership_lost") < log.rindex("waiting_for_leadership") < log.rindex('"leading"')
    assert [operator.exits for operator in result.operators] == [[], []]
    assert _writers(result) == [OPERATOR, STANDBY, OPERATOR]
    broken = [rule for rule in check(result, reference_of(result)) if rule.startswith(("I", "conformance", "rule"))]
    assert broken == []


def _writers(result: Result) -> list[str]:
    """Return who wrote, one after the other."""
    return [name for name, _ in groupby(one.operator for one in result.record.writes)]


def _renewals(result: Result) -> list[float]:
    """Return when the leader renewed its Lease, by the monotonic clock."""
    found = (one for one in result.record.exchanges if one.operator == OPERATOR and one.asked.family is Family.LEADER)
    return [one.at for one in found if one.asked.method != "GET" and one.accepted]


def _holder(lease: Raw | None) -> str:
    return str((lease or {}).get("spec", {}).get("holderIdentity") or "")


def _released(flow: Raw | None) -> str:
    status = (flow or {}).get("status", {})
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in status.get("conditions", []))
    return str(status.get("release", {}).get("image", "")) if ready else ""
