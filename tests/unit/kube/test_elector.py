"""The elector with its real thread, and work that is busy, blocked, stuck, broken or told to stop."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from releaseflow.kube.client import Client
from releaseflow.kube.errors import ApiError, UnavailableError
from releaseflow.kube.leader_election import campaign, lease
from releaseflow.kube.leader_election.campaign import Campaign
from releaseflow.kube.leader_election.elector import LeaderElector, NotLeadingError
from releaseflow.kube.leader_election.lease import LEASE
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object
from tests.support.fake_client import FakeClient

RETRY, RENEW, LEASE_LONG = 0.05, 0.8, 1.2
"""Seconds: the usual times, all made shorter."""
PATIENCE_SECONDS = 20.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (campaign, lease):
        monkeypatch.setattr(module, "RETRY_PERIOD", RETRY)
        monkeypatch.setattr(module, "LEASE_DURATION", LEASE_LONG)
        monkeypatch.setattr(module, "RENEW_DEADLINE", RENEW)
    monkeypatch.setattr(campaign, "LEAVE_SECONDS", LEASE_LONG - RENEW)


@dataclass
class Api(FakeClient):
    """One API server for all candidates; it may refuse the Lease's writes of some."""

    cut_off: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.refuse = self._refuse

    def _refuse(self, request: Request) -> ApiError | None:
        body = self.bodies[-1] if request.verb.writes else {}
        is_cut_off = body.get("spec", {}).get("holderIdentity") in self.cut_off
        return UnavailableError(request, "no route") if is_cut_off else None

    async def close(self) -> None:
        """Have no connections."""

    @property
    def lease(self) -> Object:
        spec: Object = self.objects.get((Resource.LEASE, LEASE), {"spec": {}})["spec"]
        return spec

    @property
    def holder(self) -> str:
        return str(self.lease.get("holderIdentity") or "")


@dataclass
class Process:
    """A process of the operator: its work notes when it goes on and when it has ended."""

    api: Api
    name: str
    works: bool = False
    begun: int = 0
    alive: bool = True
    codes: list[int] = field(default_factory=list)
    """With what the process would have been ended."""
    elector: LeaderElector = field(init=False)

    def __post_init__(self) -> None:
        self.elector = LeaderElector(Campaign(self._connect, "operators", self.name, self._ended))

    def _ended(self, code: int) -> None:
        self.codes.append(code)

    async def _connect(self) -> Client:
        return self.api.as_kube()

    async def work(self) -> None:
        self.begun += 1
        self.works = True
        try:
            await asyncio.Event().wait()
        finally:
            self.works = False

    def may_write(self) -> bool:
        try:
            self.elector.may_write()
        except NotLeadingError:
            return False
        return True

    @asynccontextmanager
    async def running(self, work: Callable[[], object] | None = None) -> AsyncIterator["asyncio.Task[None]"]:
        task = asyncio.create_task(self.elector.run(work or self.work, lambda: self.alive))  # type: ignore[arg-type]
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait({task})
            with contextlib.suppress(asyncio.CancelledError):
                task.result()


@dataclass
class Stubborn:
    """Work that does not end when it is told to, only when it is let go.

    A test waits until it has begun: the Lease is taken before, and work that has not begun ends at once.
    """

    works: bool = False
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self) -> None:
        self.works = True
        while not self.let_go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await self.let_go.wait()

    def __enter__(self) -> None:
        """Begin a test at whose end, however it comes, the work is let go: whoever waits for it would wait for ever."""

    def __exit__(self, *_error: object) -> None:
        self.let_go.set()


async def until(promise: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not promise():  # noqa: ASYNC110  # another thread keeps the promise
            await asyncio.sleep(0.005)


def block(seconds: float) -> None:
    """Keep the loop from turning, as work in Python does that takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


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
    async with a.running() as running, b.running():
        await until(lambda: a.works)
        api.cut_off.add("a")
        await until(lambda: not a.works)
        assert not a.may_write()
        assert not b.works
        await until(lambda: b.works)

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


async def test_no_write_passes_after_a_block_although_nobody_had_the_time_to_say_so() -> None:
    """The work's loop hears of the loss only when it turns again; what it does first must be refused all the same."""
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


async def test_work_that_found_out_first_that_it_leads_no_more_is_begun_anew() -> None:
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
