"""Workers: take a key, reconcile it, and set the time of the next reconcile."""

import asyncio
import math
import random
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import structlog

from releaseflow.controllers.reconciler import Reconciler, Result
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.workqueue import WorkQueue
from releaseflow.kube.errors import ApiError, UnavailableError
from releaseflow.kube.leader_election.elector import NotLeadingError
from releaseflow.reporting.metrics import Metrics, ReconcileResult

log = structlog.get_logger()

WORKERS = 16
RECONCILE_TIMEOUT = 120.0
"""A reconcile that takes longer hangs somewhere; the next one observes whatever it did."""
RESYNC_IN_PROGRESS, RESYNC_SETTLED = 30.0, 300.0
"""Seconds to the next reconcile without an event."""
LIVE_READ_PERIOD = 25.0
"""Seconds after which an unfinished object is reconciled from live reads: a watch can lose an event, or go silent."""
LIVE_READ_SPACING = 0.5
"""Seconds between two such reconciles of any keys: where very many are unfinished, the periodic lists suffice."""


@dataclass
class Workers:
    """Works on the keys of a queue."""

    reconciler: Reconciler
    queue: WorkQueue[ReconcileRequest]
    metrics: Metrics = field(default_factory=Metrics)
    last_reconcile: float = field(default_factory=monotonic)
    """When a reconcile began or ended last, by the monotonic clock."""
    _next_live_read: dict[ReconcileRequest, float] = field(default_factory=dict)
    """When the next live reconcile of an unfinished key is due, by the monotonic clock."""
    _next_live_read_of_any: float = 0.0
    """When the next live reconcile of any key may begin, by the monotonic clock."""

    async def run(self) -> None:
        """Work for ever, several keys at a time."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            key = await self.queue.get()
            self.last_reconcile = monotonic()
            try:
                with structlog.contextvars.bound_contextvars(
                    kind=key.kind.singular, namespace=key.namespace, name=key.name
                ):
                    await self._reconcile(key)
            finally:
                self.queue.done(key)

    async def _reconcile(self, key: ReconcileRequest) -> None:
        """Reconcile a key; an error delays this key only."""
        live, began = self._takes_live_read(key), monotonic()
        try:
            async with asyncio.timeout(RECONCILE_TIMEOUT):
                result = await self.reconciler.reconcile(
                    key, live=live, observing=partial(self.queue.mark_observed, key)
                )
        except UnavailableError as error:
            log.warning("api_unavailable", why=str(error))
            self._failed(key, began, error.retry_after)
        except (ApiError, TimeoutError) as error:
            log.warning("reconcile_failed", why=str(error) or type(error).__name__)
            self._failed(key, began)
        except NotLeadingError:
            raise
        except Exception:
            log.exception("reconcile_failed")
            self._failed(key, began)
        else:
            self._set_live_read(key, result, read_live=live)
            self._requeue(key, result)
            self.last_reconcile = monotonic()
            self.metrics.observe_reconcile(_controller(key), ReconcileResult.SUCCESS, self.last_reconcile - began)

    def _requeue(self, key: ReconcileRequest, result: Result) -> None:
        """Enqueue a key for the next reconcile without an event, unless only an event can change anything."""
        self.queue.forget(key)
        if not result.is_final:
            resync = (RESYNC_IN_PROGRESS if result.in_progress else RESYNC_SETTLED) * random.uniform(0.9, 1.1)  # noqa: S311
            after = resync if result.requeue_after is None else min(resync, result.requeue_after)
            self.queue.add_after(key, after, in_progress=result.in_progress)

    def _failed(self, key: ReconcileRequest, began: float, at_least: float = 0.0) -> None:
        self.queue.add_rate_limited(key, at_least)
        self.metrics.observe_reconcile(_controller(key), ReconcileResult.ERROR, monotonic() - began)

    def _takes_live_read(self, key: ReconcileRequest) -> bool:
        """Whether a reconcile begins with live reads: they are due, and those of any other key were long enough ago."""
        now = monotonic()
        if now < max(self._next_live_read.get(key, math.inf), self._next_live_read_of_any):
            return False
        self._next_live_read_of_any = now + LIVE_READ_SPACING
        return True

    def _set_live_read(self, key: ReconcileRequest, result: Result, *, read_live: bool) -> None:
        """Reconcile an unfinished object from live reads every 25 s, however often it was reconciled from the cache."""
        if not result.in_progress:
            self._next_live_read.pop(key, None)
        elif read_live or key not in self._next_live_read:
            self._next_live_read[key] = monotonic() + LIVE_READ_PERIOD


def _controller(key: ReconcileRequest) -> str:
    return key.kind.singular.lower()
