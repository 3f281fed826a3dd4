"""Workers: what goes wrong with one key stays with it, and only so many are worked on at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest
from typing_extensions import override

from releaseflow.controllers import workers
from releaseflow.controllers.reconciler import Reconciler, Result
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.workers import (
    LIVE_READ_PERIOD,
    LIVE_READ_SPACING,
    RESYNC_IN_PROGRESS,
    RESYNC_SETTLED,
    WORKERS,
    Workers,
)
from releaseflow.controllers.workqueue import LONGEST_BACK_OFF, WorkQueue
from releaseflow.kube.errors import ApiError, ForbiddenError, UnavailableError
from releaseflow.kube.leader_election.elector import NotLeadingError
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from releaseflow.reporting.metrics import Metrics

POISON = ReconcileRequest(Resource.FLOW, "shop", "poison")
REQUEST = Request(Verb.REPLACE, Resource.FLOW, "shop", "poison")


def keys(count: int) -> list[ReconcileRequest]:
    return [ReconcileRequest(Resource.FLOW, f"team-{number % 7}", f"flow-{number}") for number in range(count)]


@dataclass
class Hands:
    """Stands for the reconciler: remembers what it was given, and does with it what the test says."""

    does: Callable[[ReconcileRequest], Awaitable[Result]]
    taken: list[ReconcileRequest] = field(default_factory=list)
    live: list[bool] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def reconcile(self, key: ReconcileRequest, *, live: bool, observing: Callable[[], None]) -> Result:
        observing()
        self.taken.append(key)
        self.live.append(live)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self.does(key)
        finally:
            self.at_once -= 1


async def rests(_key: ReconcileRequest) -> Result:
    await asyncio.sleep(0)
    return Result()


@asynccontextmanager
async def working(hands: Hands, metrics: Metrics | None = None) -> AsyncIterator[WorkQueue[ReconcileRequest]]:
    queue = WorkQueue[ReconcileRequest](jitter=lambda: 1.0)
    work = asyncio.create_task(Workers(cast("Reconciler", hands), queue, metrics or Metrics()).run())
    try:
        yield queue
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


@asynccontextmanager
async def worked_on(rest: Result) -> AsyncIterator[WorkQueue[ReconcileRequest]]:
    """Have one key worked on, and left as a step says."""

    async def does(_key: ReconcileRequest) -> Result:
        return rest

    async with working(Hands(does)) as queue:
        queue.add(POISON)
        await emptied(queue)
        yield queue


async def emptied(queue: WorkQueue[ReconcileRequest]) -> None:
    for _ in range(100_000):
        if not len(queue):
            return
        await asyncio.sleep(0)
    raise AssertionError("some keys are never done")


def seconds_until(queue: WorkQueue[ReconcileRequest], key: ReconcileRequest) -> float:
    """Seconds to the next look at a key that nobody rings for."""
    return queue._timers[key].when() - asyncio.get_running_loop().time()


@pytest.mark.parametrize(
    "error", [RuntimeError("poison"), ForbiddenError(REQUEST, "no"), UnavailableError(REQUEST, "")]
)
async def test_one_key_that_goes_wrong_holds_up_no_other(error: Exception) -> None:
    async def does(key: ReconcileRequest) -> Result:
        if key == POISON:
            raise error
        return await rests(key)

    hands, others = Hands(does), keys(200)
    async with working(hands) as queue:
        for key in (POISON, *others, POISON):
            queue.add(key)
        await emptied(queue)

        assert set(hands.taken) == {POISON, *others}
        assert 0 < seconds_until(queue, POISON) < 1
        assert all(seconds_until(queue, key) > RESYNC_SETTLED / 2 for key in others)


@pytest.mark.parametrize(
    "error", [RuntimeError("poison"), ForbiddenError(REQUEST, "no"), UnavailableError(REQUEST, "")]
)
async def test_each_step_counts_by_its_kind_and_how_it_ended(error: Exception) -> None:
    async def does(key: ReconcileRequest) -> Result:
        if key == POISON:
            raise error
        return await rests(key)

    metrics = Metrics()
    async with working(Hands(does), metrics) as queue:
        for key in (
            POISON,
            ReconcileRequest(Resource.RUN, "shop", "shop-1"),
            ReconcileRequest(Resource.RUN, "shop", "shop-2"),
        ):
            queue.add(key)
        await emptied(queue)

    def counted(controller: str, result: str) -> float | None:
        labels = {"controller": controller, "result": result}
        return metrics.registry.get_sample_value("releaseflow_reconcile_total", labels)

    assert (counted("releaseflow", "success"), counted("releaseflow", "error")) == (0, 1)
    assert (counted("migrationrun", "success"), counted("migrationrun", "error")) == (2, 0)
    name = "releaseflow_reconcile_duration_seconds_count"
    assert metrics.registry.get_sample_value(name, {"controller": "migrationrun"}) == 2


async def test_a_key_that_goes_wrong_without_end_is_tried_again_after_half_a_minute_at_most() -> None:
    async def does(_key: ReconcileRequest) -> Result:
        raise ApiError(REQUEST, "again")

    async with working(Hands(does)) as queue:
        for _ in range(20):
            queue.add(POISON)
            await emptied(queue)

        assert LONGEST_BACK_OFF - 1 < seconds_until(queue, POISON) <= LONGEST_BACK_OFF


async def test_the_pause_that_the_api_server_asks_for_is_kept() -> None:
    async def does(_key: ReconcileRequest) -> Result:
        raise UnavailableError(REQUEST, "too many requests", retry_after=47.0)

    async with working(Hands(does)) as queue:
        queue.add(POISON)
        await emptied(queue)

        assert 46 < seconds_until(queue, POISON) <= 47


async def test_a_thousand_flows_at_once_are_worked_on_a_few_at_a_time_and_each_once() -> None:
    hands, many = Hands(rests), keys(1000)
    async with working(hands) as queue:
        for key in (*many, *many):
            queue.add(key)
        await emptied(queue)

    assert sorted(hands.taken, key=str) == sorted(many, key=str)
    assert hands.most_at_once == WORKERS


async def test_what_is_under_way_is_reconciled_soon_although_no_event_arrives() -> None:
    async with worked_on(Result(in_progress=True)) as queue:
        assert seconds_until(queue, POISON) <= RESYNC_IN_PROGRESS * 1.1


async def test_what_is_over_is_reconciled_again_only_on_an_event() -> None:
    async with worked_on(Result(is_final=True)) as queue:
        assert POISON not in queue._timers


async def test_what_is_under_way_is_reconciled_live_periodically_however_often_from_the_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr(workers, "monotonic", lambda: clock[0])

    async def does(_key: ReconcileRequest) -> Result:
        return Result(in_progress=clock[0] < 60.0)

    hands = Hands(does)
    async with working(hands) as queue:
        for clock[0] in (0.0, 10.0, 20.0, LIVE_READ_PERIOD, 30.0, 2 * LIVE_READ_PERIOD, 80.0, 600.0):
            queue.add(POISON)
            await emptied(queue)

    assert hands.live == [False, False, False, True, False, True, True, False]


async def test_however_much_is_under_way_the_rate_of_live_reconciles_is_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr(workers, "monotonic", lambda: clock[0])

    async def does(_key: ReconcileRequest) -> Result:
        return Result(in_progress=True)

    hands, many = Hands(does), keys(100)
    async with working(hands) as queue:
        for clock[0] in (0.0, *(LIVE_READ_PERIOD + number * LIVE_READ_SPACING for number in range(10))):
            for key in many:
                queue.add(key)
            await emptied(queue)

    looked = [key for key, live in zip(hands.taken, hands.live, strict=True) if live]
    assert len(looked) == len(set(looked)) == 10


async def test_an_event_during_a_step_is_reconciled_again_only_if_it_came_after_the_last_observation() -> None:
    looks: list[str] = []

    class Looking(Hands):
        @override
        async def reconcile(self, key: ReconcileRequest, *, live: bool, observing: Callable[[], None]) -> Result:
            looks.append("a step")
            queue.add(key)
            observing()
            if len(looks) == 1:
                looks.append("heard after the last look")
                queue.add(key)
            return Result()

    async with working(Looking(rests)) as queue:
        queue.add(POISON)
        await emptied(queue)

    assert looks == ["a step", "heard after the last look", "a step"]


async def test_a_process_that_must_not_write_any_more_stops_working() -> None:
    async def does(_key: ReconcileRequest) -> Result:
        raise NotLeadingError("the Lease was not renewed in time")

    queue = WorkQueue[ReconcileRequest]()
    queue.add(POISON)

    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(Workers(cast("Reconciler", Hands(does)), queue).run(), 5)
    assert caught.group_contains(NotLeadingError)
