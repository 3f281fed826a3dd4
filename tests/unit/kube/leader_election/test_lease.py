"""The leader's Lease, with several processes that would hold it, and a clock of the test's."""

import asyncio
from dataclasses import dataclass, field

from releaseflow.kube.errors import UnavailableError
from releaseflow.kube.leader_election.lease import LEASE, LEASE_DURATION, RENEW_DEADLINE, LeaderLease
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from tests.support.fake_client import FakeClient


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Candidates:
    api: FakeClient = field(default_factory=FakeClient)
    clock: Clock = field(default_factory=Clock)

    def one(self, name: str) -> LeaderLease:
        return LeaderLease(self.api.as_kube(), "operators", name, monotonic=self.clock)


def down(request: Request) -> UnavailableError:
    return UnavailableError(request, "no route")


async def tries(candidate: LeaderLease) -> float:
    return await candidate.acquire_or_renew(5.0)


async def test_one_of_two_holds_it() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")

    assert await tries(a) == two.clock.now + RENEW_DEADLINE
    assert not await tries(b)
    assert (a.holder, a.is_anothers) == ("a", False)
    assert (b.holder, b.is_anothers) == ("a", True)


async def test_no_candidate_takes_over_from_a_leader_that_renews() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    await tries(a)
    for _ in range(20):
        two.clock.now += 2
        assert not await tries(b)
        await asyncio.sleep(0.001)  # the Lease carries the time of the day, in microseconds
        assert await tries(a)


async def test_a_silent_leader_gives_up_before_another_may_start() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    until = await tries(a)
    assert not await tries(b)

    two.clock.now += LEASE_DURATION - 0.1
    assert two.clock.now > until
    assert not await tries(b)

    two.clock.now += 0.1
    assert await tries(b)


async def test_a_renewal_counts_from_the_moment_before_it_was_asked_for() -> None:
    two = Candidates()
    a = two.one("a")

    def takes_seconds(request: Request) -> None:
        two.clock.now += 3.0

    two.api.refuse = takes_seconds
    before = two.clock.now

    assert await tries(a) == before + RENEW_DEADLINE


async def test_the_clock_of_another_machine_does_not_matter() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    await tries(a)
    two.api.objects[Resource.LEASE, LEASE]["spec"]["renewTime"] = "1999-01-01T00:00:00.000000Z"

    assert not await tries(b)


async def test_of_two_that_take_a_free_lease_at_once_one_gets_it() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    stale = await _free_lease(two)

    assert await a._write(stale)
    assert not await b._write(stale)


async def _free_lease(two: Candidates) -> dict[str, object]:
    first = two.one("first")
    await tries(first)
    await first.release()
    return await two.api.get(Resource.LEASE, "operators", LEASE)


async def test_a_released_lease_is_taken_at_once() -> None:
    two = Candidates()
    a, b = two.one("a"), two.one("b")
    await tries(a)
    await tries(b)
    await a.release()

    assert await tries(b)


async def test_a_lease_is_given_back_although_a_renewal_of_ours_comes_in_between() -> None:
    two = Candidates()
    a = two.one("a")
    await tries(a)
    late = [True]

    def renewal_arrives(request: Request) -> None:
        if request.verb is Verb.REPLACE and late:
            late.clear()
            two.api._kept(request, two.api.objects[Resource.LEASE, LEASE])

    two.api.refuse = renewal_arrives
    await a.release()

    assert not two.api.objects[Resource.LEASE, LEASE]["spec"].get("holderIdentity")


async def test_what_another_holds_is_not_given_back() -> None:
    two = Candidates()
    a = two.one("a")
    await tries(a)
    two.api.objects[Resource.LEASE, LEASE]["spec"]["holderIdentity"] = "b"
    await a.release()

    assert two.api.objects[Resource.LEASE, LEASE]["spec"]["holderIdentity"] == "b"


async def test_an_api_that_does_not_answer_is_no_leadership() -> None:
    two = Candidates()
    two.api.refuse = down

    assert not await tries(two.one("a"))
