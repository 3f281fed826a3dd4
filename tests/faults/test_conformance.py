"""Trace conformance sees a write that nothing leads to: one that says something else, comes too soon, or is not due."""

import asyncio
import copy
import json
from dataclasses import replace

import pytest

from tests.faults.oracles.conformance import broken_by
from tests.faults.plans.plan import Plan
from tests.faults.proxy.record import Exchange, Record
from tests.faults.runner.result import Played
from tests.faults.runner.run_plan import play
from tests.faults.runner.sweep import Sweep
from tests.faults.simulator.history import History

HANGS_SECONDS = 600


@pytest.fixture(scope="module")
def played() -> Played:
    """Play a release without a fault, once."""
    return asyncio.run(_played())


async def _played() -> Played:
    async with Sweep(1) as sweep:
        return await play(await sweep.stage_for(1), Plan("good"), 0)


def _broken(played: Played, *, writes: list[Exchange] | None = None, history: History | None = None) -> list[str]:
    record = Record(exchanges=played.record.writes if writes is None else writes)
    return list(broken_by(history or played.history, record, played.namespaces[1]))


def _at(played: Played, method: str, kind: str, part: str = "") -> tuple[int, Exchange]:
    found = enumerate(played.record.writes)
    return next((n, w) for n, w in found if (w.asked.method, w.asked.kind, w.asked.part) == (method, kind, part))


def _instead(played: Played, number: int, body: bytes) -> list[Exchange]:
    writes = list(played.record.writes)
    writes[number] = replace(writes[number], asked=replace(writes[number].asked, body=body))
    return writes


@pytest.mark.timeout(HANGS_SECONDS)
def test_every_write_of_a_release_follows_from_what_could_be_seen(played: Played) -> None:
    assert len(played.record.writes) > 10
    assert _broken(played) == []


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_job_with_another_command_is_seen(played: Played) -> None:
    number, create = _at(played, "POST", "Job")
    body = copy.deepcopy(create.asked.content)
    body["spec"]["template"]["spec"]["containers"][0]["command"] = ["sh"]
    assert len(_broken(played, writes=_instead(played, number, body=json.dumps(body).encode()))) == 1


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_promotion_to_another_image_is_seen(played: Played) -> None:
    number = next(
        n for n, w in enumerate(played.record.writes) if b'"image"' in w.asked.body and w.asked.kind == "Deployment"
    )
    body = played.record.writes[number].asked.body.replace(b"shop:v2", b"shop:v3")
    assert len(_broken(played, writes=_instead(played, number, body=body))) == 1


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_write_whose_reason_was_not_there_yet_is_seen(played: Played) -> None:
    """Let the witness never have seen that the backup's pod ended: then nobody may have known it."""
    unseen = [
        sight
        for sight in played.history.sights
        if not ("backup" in sight.name and sight.raw.get("status", {}).get("phase") == "Succeeded")
    ]
    assert _broken(played, history=History(sights=unseen))


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_write_that_is_not_due_any_more_is_seen(played: Played) -> None:
    """Let the first status of the flow be written again at the very end, over what stands there by then."""
    _, first = _at(played, "PUT", "ReleaseFlow", "status")
    flow = played.history.get("ReleaseFlow", "shop")
    assert flow is not None
    body = copy.deepcopy(first.asked.content)
    body["metadata"]["resourceVersion"] = flow["metadata"]["resourceVersion"]
    again = replace(played.record.writes[-1], asked=replace(first.asked, body=json.dumps(body).encode()))
    assert len(_broken(played, writes=[*played.record.writes, again])) == 1
