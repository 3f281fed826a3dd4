"""A process that leads, loses the Lease and leads again: what it works on each time, and whether it is alive."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from releaseflow.cache.cache import Cache
from releaseflow.cache.informer import Informer
from releaseflow.controllers.event_handler import EventHandler
from releaseflow.controllers.reconciler import Reconciler, Result
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.workers import Workers
from releaseflow.controllers.workqueue import WorkQueue
from releaseflow.handlers.watches import Memo, end
from releaseflow.kube.resources import Resource
from releaseflow.runtime import manager
from releaseflow.runtime.manager import STUCK_SECONDS, Manager
from releaseflow.runtime.settings import parse_settings
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


async def forever(*_: object) -> None:
    await asyncio.Event().wait()


async def nothing(*_: object) -> None:
    """Stand for what would need an API server."""


async def test_where_the_watches_end_the_process_ends_although_kopf_never_returns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(manager, "STOP_SECONDS", 0.05)
    monkeypatch.setattr(manager, "list_everything", nothing)
    monkeypatch.setattr(manager, "resync_periodically", forever)
    monkeypatch.setattr(Manager, "_watch_leases", forever)
    given_back = asyncio.Event()

    async def watch(one: Manager, _stop: asyncio.Event) -> None:
        one.watching.set()
        await cast("Any", end)(memo=Memo(one))
        await forever()

    async def lead(*_: object) -> None:
        try:
            await forever()
        finally:
            given_back.set()

    one = replace(
        app(Hands()),
        config=parse_settings(["--probe-port", "0"]),
        connection=cast("Any", SimpleNamespace(server="")),
        kube=cast("Any", SimpleNamespace(metrics=None, close=nothing)),
        elector=cast("Any", SimpleNamespace(run=lead)),
        watch=watch,
    )
    async with asyncio.timeout(5):
        assert await one.run() == 1
    assert given_back.is_set()
    assert not one.watching.is_set()
