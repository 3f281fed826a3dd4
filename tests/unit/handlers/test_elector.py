"""The elector, with several processes, one Lease and a clock of the test's."""

import asyncio
from dataclasses import dataclass, field

import pytest

from releaseflow.handlers import elector
from releaseflow.handlers.elector import LEASE, LEASE_SECONDS, RENEW_SECONDS, Elector, NotLeadingError
from releaseflow.shell.errors import Request, UnavailableError, Verb
from releaseflow.shell.kinds import Kind
from tests.unit.shell.standin import StandIn


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Candidates:
    api: StandIn = field(default_factory=StandIn)
    clock: Clock = field(default_factory=Clock)

    def one(self, name: str) -> Elector:
        return Elector(self.api.as_kube(), "operators", name, monotonic=self.clock)


def down(request: Request) -> UnavailableError:
    return UnavailableError(request, "no route")


def leads(candidate: Elector) -> bool:
    try:
        candidate.may_write()
    except NotLeadingError:
        return False
    return True


async def test_one_of_two_leads() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")

    assert await a._attempt()
    assert not await b._attempt()
    assert leads(a)
    assert not leads(b)


async def test_nobody_takes_over_from_a_leader_that_renews() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    await a._attempt()
    for _ in range(20):
        two.clock.now += 2
        assert not await b._attempt()
        await asyncio.sleep(0.001)  # the Lease carries the time of the day, in microseconds
        assert await a._attempt()


async def test_a_silent_leader_gives_up_before_another_may_start() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    await a._attempt()
    assert not await b._attempt()

    two.clock.now += RENEW_SECONDS
    assert not leads(a)
    assert not await b._attempt()

    two.clock.now += LEASE_SECONDS - RENEW_SECONDS
    assert await b._attempt()
    assert not leads(a)


async def test_the_clock_of_another_machine_does_not_matter() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    await a._attempt()
    two.api.objects[Kind.LEASE, LEASE]["spec"]["renewTime"] = "1999-01-01T00:00:00.000000Z"

    assert not await b._attempt()


async def test_of_two_that_take_a_free_lease_at_once_one_gets_it() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    stale = await _free_lease(two)

    assert await a._write(stale)
    assert not await b._write(stale)


async def _free_lease(two: Candidates) -> dict[str, object]:
    first = two.one("first")
    await first._attempt()
    await first._release()
    return await two.api.get(Kind.LEASE, "operators", LEASE)


async def test_a_released_lease_is_taken_at_once() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    await a._attempt()
    await b._attempt()
    await a._release()

    assert not leads(a)
    assert await b._attempt()


async def test_a_lease_is_given_back_although_a_renewal_of_ours_comes_in_between() -> None:
    two = Candidates()
    a = two.one("a")
    await a._attempt()
    late = [True]

    def renewal_arrives(request: Request) -> None:
        if request.verb is Verb.REPLACE and late:
            late.clear()
            two.api._kept(request, two.api.objects[Kind.LEASE, LEASE])

    two.api.refuse = renewal_arrives
    await a._release()

    assert not two.api.objects[Kind.LEASE, LEASE]["spec"].get("holderIdentity")


async def test_an_api_that_does_not_answer_is_no_leadership() -> None:
    two = Candidates()
    a = two.one("a")
    two.api.refuse = down

    assert not await a._attempt()
    assert not leads(a)


async def test_a_standby_wakes_when_the_lease_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elector, "RETRY_SECONDS", 30.0)
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    await a._attempt()
    led = asyncio.Event()

    async def lead() -> None:
        led.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(b.run(lead))
    await asyncio.sleep(0.01)
    await a._release()
    b.heard(two.api.objects[Kind.LEASE, LEASE])

    await asyncio.wait_for(led.wait(), 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not two.api.objects[Kind.LEASE, LEASE]["spec"].get("holderIdentity")


async def test_losing_the_lease_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elector, "RETRY_SECONDS", 0.01)
    two = Candidates()
    a = two.one("a")
    ended = asyncio.Event()

    async def lead() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    running = asyncio.create_task(a.run(lead))
    await asyncio.sleep(0.03)
    two.api.objects[Kind.LEASE, LEASE]["spec"]["holderIdentity"] = "b"

    await asyncio.wait_for(running, 1)
    assert ended.is_set()
    assert two.api.objects[Kind.LEASE, LEASE]["spec"]["holderIdentity"] == "b"


async def test_work_that_breaks_gives_the_lease_back_and_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elector, "RETRY_SECONDS", 0.01)
    two = Candidates()

    async def lead() -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        await asyncio.wait_for(two.one("a").run(lead), 1)
    assert not two.api.objects[Kind.LEASE, LEASE]["spec"].get("holderIdentity")
