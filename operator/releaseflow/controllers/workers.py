"""Workers: take a key, take a step, and set the time of the next look."""

import asyncio
import math
import random
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import structlog

from releaseflow.controllers.reconciler import Reconciler, Rest
from releaseflow.controllers.workqueue import KeyQueue
from releaseflow.kube.errors import ApiError, UnavailableError
from releaseflow.kube.leader_election.elector import NotLeadingError
from releaseflow.kube.resources import Key
from releaseflow.reporting.metrics import Metrics, Result

log = structlog.get_logger()

WORKERS = 16
STEP_SECONDS = 120.0
"""A step that takes longer hangs somewhere; whatever it did, the next one sees."""
BUSY, IDLE = 30.0, 300.0
"""Seconds to the next look although nothing was heard."""
UNHEARD = 25.0
"""Seconds after which what is on its way is looked at by live reads: a watch can lose an event, or go silent."""
BETWEEN_LIVE_LOOKS = 0.5
"""Seconds between two such looks, whatever they are at: where very much is on its way, the listings make up for it."""


@dataclass
class Workers:
    """Works on the keys of a queue."""

    reconciler: Reconciler
    queue: KeyQueue[Key]
    metrics: Metrics = field(default_factory=Metrics)
    last_step: float = field(default_factory=monotonic)
    """When a step began or ended last, by the monotonic clock."""
    _live_from: dict[Key, float] = field(default_factory=dict)
    """When the next live look at a key that is on its way is due, by the monotonic clock."""
    _next_live_look: float = 0.0
    """When the next live look at any key may begin, by the monotonic clock."""

    async def run(self) -> None:
        """Work for ever, several keys at a time."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            key = await self.queue.get()
            self.last_step = monotonic()
            try:
                with structlog.contextvars.bound_contextvars(
                    kind=key.kind.singular, namespace=key.namespace, name=key.name
                ):
                    await self._step(key)
            finally:
                self.queue.done(key)

    async def _step(self, key: Key) -> None:
        """Take a step; whatever goes wrong with one key stays with this key."""
        live, began = self._takes_live_look(key), monotonic()
        try:
            async with asyncio.timeout(STEP_SECONDS):
                rest = await self.reconciler.step(key, live=live, looking=partial(self.queue.looking, key))
        except UnavailableError as error:
            log.warning("api_unavailable", why=str(error))
            self._failed(key, began, error.retry_after)
        except (ApiError, TimeoutError) as error:
            log.warning("step_failed", why=str(error) or type(error).__name__)
            self._failed(key, began)
        except NotLeadingError:
            raise
        except Exception:
            log.exception("step_failed")
            self._failed(key, began)
        else:
            self._set_live_look(key, rest, looked_live=live)
            self.queue.rest(key, _seconds_of(rest), on_its_way=rest.busy)
            self.last_step = monotonic()
            self.metrics.reconciled(_controller(key), Result.SUCCESS, self.last_step - began)

    def _failed(self, key: Key, began: float, at_least: float = 0.0) -> None:
        self.queue.back_off(key, at_least)
        self.metrics.reconciled(_controller(key), Result.ERROR, monotonic() - began)

    def _takes_live_look(self, key: Key) -> bool:
        """Whether a step begins with live reads: they are due, and it is not long ago that another one's were."""
        now = monotonic()
        if now < max(self._live_from.get(key, math.inf), self._next_live_look):
            return False
        self._next_live_look = now + BETWEEN_LIVE_LOOKS
        return True

    def _set_live_look(self, key: Key, rest: Rest, *, looked_live: bool) -> None:
        """Let what is on its way be looked at by live reads now and then, however often it is looked at by the view."""
        if not rest.busy:
            self._live_from.pop(key, None)
        elif looked_live or key not in self._live_from:
            self._live_from[key] = monotonic() + UNHEARD


def _controller(key: Key) -> str:
    return key.kind.singular.lower()


def _seconds_of(rest: Rest) -> float | None:
    """Return the seconds to the next look although nothing is heard; None where it would never show anything."""
    if rest.for_good:
        return None
    latest = (BUSY if rest.busy else IDLE) * random.uniform(0.9, 1.1)  # noqa: S311
    return latest if rest.look_again is None else min(latest, rest.look_again)
