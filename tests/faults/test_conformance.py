"""Trace conformance sees a write that nothing leads to: one that says something else, comes too soon, or is not due."""

import asyncio
import copy
import json
from dataclasses import replace

import pytest

from tests.faults.oracles.conformance import broken_by
from tests.faults.plans.plan import Plan
from tests.faults.proxy.record import Exchange, Record
from tests.faults.runner.result import Result
from tests.faults.runner.run_plan import play
from tests.faults.runner.sweep import Sweep
from tests.faults.simulator.history import History

HANGS_SECONDS = 600


@pytest.fixture(scope="module")
def result() -> Result:
    """Play a release without a fault, once."""
    return asyncio.run(_played())


async def _played() -> Result:
    async with Sweep(1) as sweep:
        return await play(await sweep.stage_for(1), Plan("good"), 0)


def _broken(result: Result, *, writes: list[Exchange] | None = None, history: History | None = None) -> list[str]:
    record = Record(exchanges=result.record.writes if writes is None else writes)
    return list(broken_by(history or result.history, record, result.namespaces[1]))


def _at(result: Result, method: str, kind: str, part: str = "", name: str = "") -> tuple[int, Exchange]:
    wanted = (method, kind, part)
    found = enumerate(result.record.writes)
    return next(
        (n, w) for n, w in found if (w.asked.method, w.asked.kind, w.asked.part) == wanted and name in w.asked.name
    )


def _instead(result: Result, number: int, write: Exchange) -> list[Exchange]:
    return [write if n == number else w for n, w in enumerate(result.record.writes)]


def _saying(write: Exchange, body: bytes) -> Exchange:
    return replace(write, asked=replace(write.asked, body=body))


@pytest.mark.timeout(HANGS_SECONDS)
def test_every_write_of_a_release_follows_from_what_could_be_seen(result: Result) -> None:
    assert len(result.record.writes) > 10
    assert _broken(result) == []


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_job_with_another_command_is_seen(result: Result) -> None:
    number, create = _at(result, "POST", "Job")
    body = copy.deepcopy(create.asked.content)
    body["spec"]["template"]["spec"]["containers"][0]["command"] = ["sh"]
    assert len(_broken(result, writes=_instead(result, number, _saying(create, json.dumps(body).encode())))) == 1


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_promotion_to_another_image_is_seen(result: Result) -> None:
    number, promotion = next(
        (n, w)
        for n, w in enumerate(result.record.writes)
        if b'"image"' in w.asked.body and w.asked.kind == "Deployment"
    )
    other = _saying(promotion, promotion.asked.body.replace(b"shop:v2", b"shop:v3"))
    assert len(_broken(result, writes=_instead(result, number, other))) == 1


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_write_whose_reason_was_not_there_yet_is_seen(result: Result) -> None:
    """Drop from the history that the backup's pod ended: then no operator can have known it."""
    unseen = [
        event
        for event in result.history.sights
        if not ("backup" in event.name and event.raw.get("status", {}).get("phase") == "Succeeded")
    ]
    assert _broken(result, history=History(sights=unseen))


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_write_that_is_not_due_any_more_is_seen(result: Result) -> None:
    """Let the first status of the flow be written again at the very end, over what stands there by then."""
    _, first = _at(result, "PUT", "ReleaseFlow", "status")
    flow = result.history.get("ReleaseFlow", "shop")
    assert flow is not None
    body = copy.deepcopy(first.asked.content)
    body["metadata"]["resourceVersion"] = flow["metadata"]["resourceVersion"]
    again = replace(result.record.writes[-1], asked=replace(first.asked, body=json.dumps(body).encode()))
    assert len(_broken(result, writes=[*result.record.writes, again])) == 1


@pytest.mark.timeout(HANGS_SECONDS)
@pytest.mark.parametrize(("shown", "broken"), [(True, 0), (False, 1)])
def test_a_write_that_never_arrived_follows_from_what_its_operator_was_shown(
    result: Result, *, shown: bool, broken: int
) -> None:
    """A busy machine tells the tests of a change long after the operator: the proxy knows what it passed on."""
    number, create = _at(result, "POST", "Job", name="migrate")
    writes = _instead(result, number, replace(create, status=0, answer={}, shown=create.shown if shown else 0))
    late = [replace(event, at=event.at + HANGS_SECONDS) for event in result.history.sights]
    assert len(_broken(result, writes=writes, history=History(sights=late))) == broken
