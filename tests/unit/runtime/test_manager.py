"""A process that leads, loses the Lease and leads again: what it works on each time, and whether it is alive."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from releaseflow.cache.cache import View
from releaseflow.cache.informer import Feed
from releaseflow.controllers.reconciler import Reconciler, Rest
from releaseflow.controllers.workers import Workers
from releaseflow.controllers.workqueue import KeyQueue
from releaseflow.kube.resources import Key, Kind
from releaseflow.runtime.manager import STUCK_SECONDS, App
from tests.support.objects import Raw

SHOP = Key(Kind.FLOW, "shop", "shop")
FLOW: Raw = {"metadata": {"name": "shop", "namespace": "shop", "uid": "uid-1", "resourceVersion": "5"}}


@dataclass
class Hands:
    """Stands for the reconciler, and for the recorder of Events."""

    taken: list[Key] = field(default_factory=list)

    async def step(self, key: Key, *, live: bool, looking: Callable[[], None]) -> Rest:
        self.taken.append(key)
        return Rest()

    async def run(self) -> None:
        await asyncio.Event().wait()


def app(hands: Hands) -> App:
    feed = Feed(View(), KeyQueue[Key]())
    workers = Workers(cast("Reconciler", hands), feed.queue)
    other = cast("Any", None)
    return App(other, other, other, feed, other, workers, cast("Any", hands))


async def lead_once(one: App) -> None:
    leading = asyncio.create_task(one._lead())
    await asyncio.sleep(0.01)
    leading.cancel()
    await asyncio.gather(leading, return_exceptions=True)


async def test_each_time_that_it_leads_it_begins_with_everything_and_in_between_it_only_keeps_its_view() -> None:
    hands = Hands()
    one = app(hands)
    one.feed.heard(Kind.FLOW, FLOW, gone=False)
    await lead_once(one)
    assert hands.taken == [SHOP]

    one.feed.heard(Kind.FLOW, {**FLOW, "metadata": {**FLOW["metadata"], "resourceVersion": "6"}}, gone=False)
    assert len(one.feed.queue) == 0

    await lead_once(one)
    assert hands.taken == [SHOP, SHOP]


async def test_who_stands_by_is_alive_whatever_is_left_in_its_queue() -> None:
    one = app(Hands())
    one.feed.queue.add(SHOP)
    one.workers.last_step -= STUCK_SECONDS
    assert one._is_alive()

    one.feed.awake = True
    assert not one._is_alive()


async def test_a_leader_that_had_nothing_to_do_for_hours_is_alive_when_it_takes_up_work() -> None:
    hands = Hands()
    one = app(hands)
    one.workers.last_step -= 10 * STUCK_SECONDS
    alive = []

    async def step(key: Key, *, live: bool, looking: Callable[[], None]) -> Rest:
        alive.append(one._is_alive())
        return Rest()

    hands.step = step  # type: ignore[method-assign]
    one.feed.heard(Kind.FLOW, FLOW, gone=False)
    await lead_once(one)
    assert alive == [True]
