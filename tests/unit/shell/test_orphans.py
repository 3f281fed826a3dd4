"""Jobs and pods that are kept for a run that is gone are let go, once nothing of it is at work."""

from datetime import UTC, datetime

from releaseflow.shell.errors import Verb
from releaseflow.shell.kinds import Key, Kind
from releaseflow.shell.orphans import STILL_ALIVE, Orphans, orphans
from releaseflow.shell.reader import Reader
from releaseflow.shell.view import View
from releaseflow.shell.writer import Writer
from tests.unit.shell import objects
from tests.unit.shell.standin import StandIn

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
JOB = Key(Kind.JOB, "shop", "shop-1-aa-migrate")
HELD = ["releaseflow.dev/outcome"]


async def let_go(api: StandIn) -> float | None:
    view = View()
    return await Orphans().release(Reader(api.as_kube(), view), Writer(api.as_kube(), view), JOB, NOW)


def api(phase: str) -> StandIn:
    ended = {} if phase == "Running" else {"conditions": [{"type": "Complete", "status": "True"}]}
    found = StandIn().having(Kind.JOB, objects.job(finalizers=HELD, status=ended))
    return found.having(Kind.POD, objects.pod(status={"phase": phase}))


async def test_an_orphan_with_no_living_pod_is_let_go() -> None:
    found = api("Succeeded")

    assert await let_go(found) is None
    assert found.objects[Kind.JOB, JOB.name]["metadata"]["finalizers"] == []


async def test_an_orphan_whose_pod_is_at_work_is_kept() -> None:
    found = api("Running")

    assert await let_go(found) == STILL_ALIVE
    assert not found.writes


async def test_an_orphan_that_was_never_started_is_deleted_first() -> None:
    suspended = objects.job(finalizers=HELD) | {"spec": {"suspend": True}, "status": {}}
    found = StandIn().having(Kind.JOB, suspended)

    assert await let_go(found) == STILL_ALIVE
    assert [verb for verb, _, _ in found.writes] == [Verb.DELETE]


async def test_what_has_a_run_is_no_orphan() -> None:
    found = api("Succeeded").having(Kind.RUN, objects.run())

    assert await let_go(found) is None
    assert not found.writes


async def test_what_is_gone_or_not_kept_is_left_alone() -> None:
    found = StandIn().having(Kind.JOB, objects.job())

    assert await let_go(found) is None
    assert await let_go(StandIn()) is None
    assert not found.writes


def test_orphans_are_found_at_the_start() -> None:
    view = View()
    view.put(Kind.JOB, objects.job(finalizers=HELD))
    assert orphans(view) == [JOB]

    view.put(Kind.RUN, objects.run())
    assert orphans(view) == []
