"""A process that leads, loses the Lease and leads again: what it works on each time, and whether it is alive."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from releaseflow.cache.cache import Cache
from releaseflow.cache.informer import Informer
from releaseflow.controllers.event_handler import EventHandler
from releaseflow.controllers.reconciler import Reconciler, Result
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.workers import Workers
from releaseflow.controllers.workqueue import WorkQueue
from releaseflow.kube.resources import Resource
from releaseflow.runtime.manager import STUCK_SECONDS, Manager
from tests.support.objects import Object

SHOP = ReconcileRequest(Resource.FLOW, "shop", "shop")
FLOW: Object = {"metadata": {"name": "shop", "namespace": "shop", "uid": "uid-1", "resourceVersion": "5"}}


@dataclass
class Hands:
    """Stands for the reconciler, and for the recorder of Events."""

    taken: list[ReconcileRequest] = field(default_factory=list)

    async def reconcile(self, key: ReconcileRequest, *, live: bool, observing: Callable[[], None]) -> Result:
        self.taken.append(key)
        return Result()

    async def run(self) -> None:
        await asyncio.Event().wait()


def app(reconciling: Hands) -> Manager:
    cache, queue = Cache(), WorkQueue[ReconcileRequest]()
    informer, handler = Informer(cache), EventHandler(cache, queue)
    workers = Workers(cast("Reconciler", reconciling), queue)
    other = cast("Any", None)
    return Manager(other, other, other, informer, handler, other, workers, cast("Any", reconciling), other)


async def lead_once(one: Manager) -> None:
    leading = asyncio.create_task(one._lead())
    await asyncio.sleep(0.01)
    leading.cancel()
    await asyncio.gather(leading, return_exceptions=True)


async def test_a_new_leader_enqueues_everything_and_a_standby_only_updates_its_cache() -> None:
    reconciling = Hands()
    one = app(reconciling)
    one.informer.on_event(Resource.FLOW, FLOW, gone=False)
    await lead_once(one)
    assert reconciling.taken == [SHOP]

    one.informer.on_event(Resource.FLOW, {**FLOW, "metadata": {**FLOW["metadata"], "resourceVersion": "6"}}, gone=False)
    assert len(one.workers.queue) == 0

    await lead_once(one)
    assert reconciling.taken == [SHOP, SHOP]


async def test_a_standby_is_alive_whatever_is_left_in_its_queue() -> None:
    one = app(Hands())
    one.workers.queue.add(SHOP)
    one.workers.last_reconcile -= STUCK_SECONDS
    assert one._is_alive()

    one.event_handler.enqueuing = True
    assert not one._is_alive()


async def test_a_leader_that_had_nothing_to_do_for_hours_is_alive_when_it_takes_up_work() -> None:
    reconciling = Hands()
    one = app(reconciling)
    one.workers.last_reconcile -= 10 * STUCK_SECONDS
    alive = []

    async def reconcile(key: ReconcileRequest, *, live: bool, observing: Callable[[], None]) -> Result:
        alive.append(one._is_alive())
        return Result()

    reconciling.reconcile = reconcile  # type: ignore[method-assign]
    one.informer.on_event(Resource.FLOW, FLOW, gone=False)
    await lead_once(one)
    assert alive == [True]
