"""A leader that cannot renew its Lease steps down before another leads, and writes nothing afterwards."""

import asyncio

import pytest

from releaseflow.kube.leader_election import campaign
from tests.unit.kube.leader_election.candidates import LEASE_LONG, RENEW, RETRY, Api, Process, Stubborn, block, until

pytestmark = pytest.mark.usefixtures("quick")


async def test_a_leader_whose_loop_is_blocked_keeps_the_lease_and_its_work() -> None:
    api = Api()
    a, b = Process(api, "a"), Process(api, "b")
    async with a.running():
        await until(lambda: a.works)
        async with b.running():
            before = dict(api.lease)
            block(2.5 * RENEW)

            assert a.may_write()
            assert api.holder == "a"
            assert api.lease["renewTime"] > before["renewTime"]
            assert api.lease["leaseTransitions"] == before["leaseTransitions"]
            await asyncio.sleep(3 * RETRY)
            assert (a.works, a.begun, b.begun) == (True, 1, 0)


async def test_who_cannot_renew_steps_down_before_another_leads_and_can_lead_again() -> None:
    api = Api()
    a, b = Process(api, "a"), Process(api, "b")
    both: list[bool] = []

    async def take_over() -> None:
        both.append(a.works or a.may_write())
        await b.work()

    async with a.running() as running:
        await until(lambda: a.works)
        async with b.running(take_over):
            api.cut_off.add("a")
            await until(lambda: b.works)
            assert both == [False]

            api.cut_off = {"b"}
            await until(lambda: a.works)
            assert a.may_write()
            assert not b.may_write()
            assert (a.begun, a.codes, running.done()) == (2, [], False)


async def test_who_cannot_renew_while_its_loop_is_blocked_writes_nothing_afterwards_and_ends() -> None:
    api = Api()
    a = Process(api, "a")
    async with a.running():
        await until(lambda: a.works)
        api.cut_off.add("a")
        block(LEASE_LONG + 1.0)

        assert not a.may_write()
        assert a.codes == [1]


async def test_no_write_passes_after_a_block_that_the_event_loop_could_not_notice() -> None:
    """The work's loop learns of the loss only when it turns again; what it does first must be refused all the same."""
    api = Api()
    a = Process(api, "a")
    passed: list[bool] = []

    async def blocked_work() -> None:
        if not passed:
            api.cut_off.add("a")
            block(1.2 * RENEW)
            passed.append(a.may_write())
        await asyncio.Event().wait()

    async with a.running(blocked_work):
        await until(lambda: passed)

    assert passed == [False]


async def test_work_that_does_not_end_with_the_lease_ends_the_process_and_nothing_is_given_back() -> None:
    api = Api()
    a = Process(api, "a")
    stubborn = Stubborn()
    async with a.running(stubborn.work):
        with stubborn:
            await until(lambda: stubborn.works)
            api.cut_off.add("a")
            await until(lambda: a.codes)
            assert a.codes == [1]
            assert api.holder == "a"


async def test_a_leader_that_hangs_loses_the_lease_and_its_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "HUNG_SECONDS", 10 * RETRY)
    api = Api()
    a = Process(api, "a")
    async with a.running():
        await until(lambda: a.works)
        block(10 * RETRY + LEASE_LONG + RENEW)

        assert not a.may_write()
        assert a.codes == [1]
