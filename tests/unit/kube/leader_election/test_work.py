"""Work ends with the leadership: when it breaks, hangs or is stopped, the Lease is given back or left to run out."""

import asyncio

import pytest

from releaseflow.kube.leader_election import campaign
from releaseflow.kube.leader_election.elector import NotLeadingError
from releaseflow.kube.leader_election.lease import LEASE
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from tests.unit.kube.leader_election.candidates import (
    LEASE_LONG,
    PATIENCE_SECONDS,
    RETRY,
    Api,
    Process,
    Stubborn,
    until,
)

pytestmark = pytest.mark.usefixtures("quick")


async def test_a_leader_whose_work_is_stuck_gives_the_lease_to_another_and_does_not_take_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(campaign, "HUNG_SECONDS", 10 * RETRY)
    api = Api()
    a, b = Process(api, "a"), Process(api, "b")
    async with a.running():
        await until(lambda: a.works)
        a.alive = False
        await until(lambda: not a.works and not api.holder)
        await asyncio.sleep(5 * RETRY)
        assert not api.holder
        async with b.running():
            await until(lambda: b.works)
        a.alive = True
        await until(lambda: a.works)
        assert a.codes == []


async def test_a_standby_whose_work_does_not_answer_does_not_take_the_lease() -> None:
    api = Api()
    a, b = Process(api, "a"), Process(api, "b")
    async with a.running():
        await until(lambda: a.works)
        async with b.running():
            b.alive = False
            await asyncio.sleep(5 * RETRY)
            api.cut_off.add("a")
            await until(lambda: not a.works)
            await asyncio.sleep(LEASE_LONG)
            assert b.begun == 0
            b.alive = True
            await until(lambda: b.works)


async def test_work_that_found_out_first_that_it_leads_no_more_is_begun_again() -> None:
    api = Api()
    a = Process(api, "a")

    async def work() -> None:
        if a.begun == 0:
            a.begun += 1
            async with asyncio.TaskGroup() as group:
                group.create_task(_not_leading())
        await a.work()

    async with a.running(work):
        await until(lambda: a.works)
        assert a.may_write()


async def _not_leading() -> None:
    raise NotLeadingError("the Lease was not renewed in time")


async def test_work_that_breaks_gives_the_lease_back_and_is_not_swallowed() -> None:
    api = Api()

    async def broken() -> None:
        raise RuntimeError("broken")

    a = Process(api, "a")
    async with asyncio.timeout(PATIENCE_SECONDS):
        with pytest.raises(RuntimeError, match="broken"):
            await a.elector.run(broken, lambda: True)
    assert not api.holder
    assert api.lease["leaseTransitions"] == 2


async def test_a_thread_that_breaks_ends_the_work_and_is_not_swallowed() -> None:
    api = Api()
    a = Process(api, "a")
    broke = [False]

    def bug(request: Request) -> None:
        if a.works and not broke[0]:
            broke[0] = True
            raise RuntimeError("a bug")

    async with asyncio.timeout(PATIENCE_SECONDS):
        api.refuse = bug
        with pytest.raises(RuntimeError, match="a bug"):
            await a.elector.run(a.work, lambda: True)
    assert not a.works
    assert not a.may_write()


async def test_a_stop_ends_the_work_first_and_then_gives_the_lease_back() -> None:
    api = Api()
    a = Process(api, "a")
    seen = []

    async def reports_at_its_end() -> None:
        try:
            await a.work()
        finally:
            await asyncio.sleep(2 * RETRY)
            seen.append((a.may_write(), api.holder))

    async with a.running(reports_at_its_end):
        await until(lambda: a.works)

    assert seen == [(True, "a")]
    assert not api.holder
    assert not a.may_write()


async def test_a_stop_that_does_not_wait_for_stubborn_work_gives_nothing_back() -> None:
    api = Api()
    a = Process(api, "a")
    stubborn = Stubborn()
    async with a.running(stubborn.work) as running:
        with stubborn:
            await until(lambda: stubborn.works)
            running.cancel()
            await asyncio.wait({running}, timeout=5 * RETRY)
            assert not running.done()
            assert api.holder == "a"


async def test_a_standby_wakes_when_the_lease_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api()
    a, b = Process(api, "a"), Process(api, "b")
    async with a.running():
        await until(lambda: a.works)
        monkeypatch.setattr(campaign, "RETRY_PERIOD", 300.0)
        async with b.running():
            await until(lambda: (Verb.GET, Resource.LEASE, LEASE) in api.asked[-3:] and b.elector._thread_loop)
            await asyncio.sleep(0.1)
            api.lease["holderIdentity"] = ""
            b.elector.on_lease_event(api.objects[Resource.LEASE, LEASE])
            await until(lambda: b.works)
