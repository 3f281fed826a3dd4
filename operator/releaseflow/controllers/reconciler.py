"""Observe, decide, act, report: one idempotent reconcile of a flow or a run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import Writer
from releaseflow.controllers.base import ActionT, Controller, FlowController, ObservationT, RunController, StatusT
from releaseflow.controllers.orphans.controller import OrphanController
from releaseflow.controllers.parse_objects import Unreadable
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.reporter import Reporter, action_facts
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.core.conditions import RECONCILING, condition
from releaseflow.core.decision import Act, Decision, Requeue, WriteStatus, next_effect
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.kube.client import Client
from releaseflow.kube.errors import (
    AlreadyExistsError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NamespaceTerminatingError,
    NotFoundError,
)
from releaseflow.kube.resources import Resource

log = structlog.get_logger()

MAX_PASSES = 40
"""Passes of one reconcile: far more than lie between one event and the next."""
MAX_CONFLICTS = 6
"""Conflicts of one reconcile: how often an object may turn out to have another version than was observed."""
CONFLICT_PAUSE = 0.2
"""Seconds to the next reconcile of an orphan that another client changed meanwhile."""
TERMINATING_PAUSE = 5.0
"""Seconds to the next reconcile where a namespace is being deleted."""


@dataclass(frozen=True)
class Result:
    """Nothing is left to do until an event arrives, or the time is over."""

    requeue_after: float | None = None
    """Seconds after which time itself may have changed something."""
    in_progress: bool = False
    """Whether the object is unfinished: then it is reconciled more often, in case a watch went silent."""
    is_final: bool = False
    """Whether only an event can change anything: the object is gone, or finished and without our finalizer."""


@dataclass(frozen=True)
class Reconciler:
    """Reconciles flows, runs and orphans."""

    kube: Client
    cache: Cache
    flows: FlowController
    runs: RunController
    orphans: OrphanController
    rejections: Rejections
    reporter: Reporter
    clock: Callable[[], datetime]

    async def reconcile(
        self, key: ReconcileRequest, *, live: bool = False, observing: Callable[[], None] = lambda: None
    ) -> Result:
        """Reconcile an object until nothing is left to do for now.

        Args:
            key: The object.
            live: Whether to begin with live reads, which also refresh the cache: a watch may have missed something.
            observing: Called at the beginning of each observation, which sees all that the cache received before.

        Raises:
            ApiError: The API server did not do what it should; try again later.
        """
        match key.kind:
            case Resource.FLOW:
                return await self._reconcile(self.flows, key, observing, live=live)
            case Resource.RUN:
                return await self._reconcile(self.runs, key, observing, live=live)
            case _:
                return await self._reconcile_orphan(key)

    async def _reconcile_orphan(self, key: ReconcileRequest) -> Result:
        try:
            reader, writer = Reader(self.kube, self.cache), Writer(self.kube, self.cache)
            again = await self.orphans.reconcile(reader, writer, key, self.clock())
            return Result(again, is_final=again is None)
        except (ConflictError, NotFoundError):
            return Result(CONFLICT_PAUSE)

    async def _reconcile(
        self,
        controller: Controller[ObservationT, StatusT, ActionT],
        key: ReconcileRequest,
        observing: Callable[[], None],
        *,
        live: bool,
    ) -> Result:
        reader = Reader(self.kube, self.cache)
        conflicts = 0
        for number in range(MAX_PASSES):
            observing()
            try:
                result = await self._reconcile_once(
                    controller, reader.live_reader() if live and number == 0 else reader, key
                )
            except (ConflictError, NotFoundError, AlreadyExistsError) as error:
                conflicts += 1
                if conflicts > MAX_CONFLICTS:
                    raise
                log.debug("conflict_retry", why=str(error))
                await reader.get_live(error.request.kind, error.request.namespace, error.request.name)
            except NamespaceTerminatingError:
                return Result(TERMINATING_PAUSE, in_progress=True)
            else:
                if result is not None:
                    return result
        log.warning("reconcile_limit_reached", passes=MAX_PASSES)
        return Result(TERMINATING_PAUSE, in_progress=True)

    async def _reconcile_once(
        self, controller: Controller[ObservationT, StatusT, ActionT], reader: Reader, key: ReconcileRequest
    ) -> Result | None:
        """Observe once, and do or report at most one thing; return None where another pass is due."""
        observation = await controller.observe(reader, key)
        if observation is ABSENT:
            self.rejections.clear(key)
            return Result(is_final=True)
        if isinstance(observation, Unreadable):
            self.reporter.unreadable(observation)
            return Result()
        decision = controller.decide(observation)
        if not next_effect(decision, observation.parsed.status).requires_live_read:
            return await self._apply(controller, reader, key, observation, decision)
        live = await controller.observe(reader.live_reader(), key)
        if isinstance(live, Absent | Unreadable):
            return None
        return await self._apply(controller, reader, key, live, controller.decide(live))

    async def _apply(
        self,
        controller: Controller[ObservationT, StatusT, ActionT],
        reader: Reader,
        key: ReconcileRequest,
        observation: ObservationT,
        decision: Decision[StatusT, ActionT],
    ) -> Result | None:
        """Act on a decision, or report it, or return when to reconcile again."""
        pause = 0.0 if decision.action is ABSENT else self.rejections.pause(key, decision.action)
        match next_effect(decision, observation.parsed.status, is_held_back=pause > 0):
            case Act(action):
                await self._act(controller, reader, key, observation, action)
                return None
            case WriteStatus(status):
                await self.reporter.report(Writer(self.kube, self.cache), key, observation, status)
                return None
            case Requeue(after):
                return self._result(key, observation, decision, after, pause)

    def _result(
        self,
        key: ReconcileRequest,
        observation: ObservationT,
        decision: Decision[StatusT, ActionT],
        after: float | None,
        pause: float,
    ) -> Result:
        """Return when to reconcile again."""
        if decision.action is ABSENT:
            self.rejections.clear(key)
        moments = [moment for moment in (after, observation.requeue_after, pause) if moment]
        in_progress = condition(decision.status.conditions, RECONCILING) is not None
        return Result(
            min(moments, default=None), in_progress=in_progress, is_final=not moments and observation.parsed.is_over
        )

    async def _act(
        self,
        controller: Controller[ObservationT, StatusT, ActionT],
        reader: Reader,
        key: ReconcileRequest,
        observation: ObservationT,
        action: ActionT,
    ) -> None:
        """Do one thing; a rejection is remembered, so that the next pass reports it."""
        try:
            await controller.act(reader, Writer(self.kube, self.cache), observation, action)
        except (ForbiddenError, InvalidError) as error:
            self.rejections.add(key, action, error)
            log.warning("action_rejected", **action_facts(action), why=error.message)
        else:
            self.rejections.clear(key)
            log.info("action_done", **action_facts(action))
