"""Look, decide, act, report: one idempotent step for a flow or a run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from releaseflow.cache.cache import View
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import Writer
from releaseflow.controllers.base import ActionT, FlowSide, LookT, RunSide, Side, StatusT
from releaseflow.controllers.orphans.controller import Orphans
from releaseflow.controllers.parse_objects import Unreadable
from releaseflow.controllers.rejections import Refusals
from releaseflow.controllers.reporter import Reporter, action_facts
from releaseflow.core.conditions import RECONCILING, condition
from releaseflow.core.decision import Act, Decision, Requeue, WriteStatus, next_effect
from releaseflow.core.facts import Absent
from releaseflow.kube.client import Kube
from releaseflow.kube.errors import (
    AlreadyExistsError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NamespaceTerminatingError,
    NotFoundError,
)
from releaseflow.kube.resources import Key, Kind

log = structlog.get_logger()

ROUNDS = 40
"""Looks in one step: far more than lie between one event and the next."""
MISHAPS = 6
"""How often in one step an object may turn out to be another than was seen."""
CHANGED_PAUSE = 0.2
"""Seconds to the next look at an orphan that somebody else changed meanwhile."""
TERMINATING_PAUSE = 5.0
"""Seconds to the next look where a namespace is on its way out."""


@dataclass(frozen=True)
class Rest:
    """There is nothing to do until something is heard, or time has passed."""

    look_again: float | None = None
    """Seconds after which time itself may have changed something."""
    busy: bool = False
    """Whether the object is on its way: then it is looked at more often, in case a watch went silent."""
    for_good: bool = False
    """Whether time alone will never change anything: the object is gone, or over and let go of."""


@dataclass(frozen=True)
class Reconciler:
    """Brings flows and runs one step further."""

    kube: Kube
    view: View
    flows: FlowSide
    runs: RunSide
    orphans: Orphans
    refusals: Refusals
    reporter: Reporter
    clock: Callable[[], datetime]

    async def step(self, key: Key, *, live: bool = False, looking: Callable[[], None] = lambda: None) -> Rest:
        """Go on with an object until nothing is left to do for now.

        Args:
            key: The object.
            live: Whether to begin with live reads, which also mend the view: a watch may have told too little.
            looking: Told at the beginning of each look, which sees whatever the view was shown before.

        Raises:
            ApiError: The API server did not do what it should; try again later.
        """
        match key.kind:
            case Kind.FLOW:
                return await self._step(self.flows, key, looking, live=live)
            case Kind.RUN:
                return await self._step(self.runs, key, looking, live=live)
            case _:
                return await self._let_go(key)

    async def _let_go(self, key: Key) -> Rest:
        try:
            reader, writer = Reader(self.kube, self.view), Writer(self.kube, self.view)
            again = await self.orphans.release(reader, writer, key, self.clock())
            return Rest(again, for_good=again is None)
        except (ConflictError, NotFoundError):
            return Rest(CHANGED_PAUSE)

    async def _step(
        self, side: Side[LookT, StatusT, ActionT], key: Key, looking: Callable[[], None], *, live: bool
    ) -> Rest:
        reader = Reader(self.kube, self.view)
        mishaps = 0
        for number in range(ROUNDS):
            looking()
            try:
                rest = await self._round(side, reader.reading_live() if live and number == 0 else reader, key)
            except (ConflictError, NotFoundError, AlreadyExistsError) as error:
                mishaps += 1
                if mishaps > MISHAPS:
                    raise
                log.debug("looked_again", why=str(error))
                await reader.ask(error.request.kind, error.request.namespace, error.request.name)
            except NamespaceTerminatingError:
                return Rest(TERMINATING_PAUSE, busy=True)
            else:
                if rest is not None:
                    return rest
        log.warning("restless", rounds=ROUNDS)
        return Rest(TERMINATING_PAUSE, busy=True)

    async def _round(self, side: Side[LookT, StatusT, ActionT], reader: Reader, key: Key) -> Rest | None:
        """Look once, and do or report at most one thing; return None where another look is due."""
        look = await side.look(reader, key)
        if isinstance(look, Absent):
            self.refusals.clear(key)
            return Rest(for_good=True)
        if isinstance(look, Unreadable):
            self.reporter.unreadable(look)
            return Rest()
        decision = side.decide(look)
        if not next_effect(decision, look.read.status).requires_live_read:
            return await self._follow(side, reader, key, look, decision)
        live = await side.look(reader.reading_live(), key)
        if isinstance(live, Absent | Unreadable):
            return None
        return await self._follow(side, reader, key, live, side.decide(live))

    async def _follow(
        self,
        side: Side[LookT, StatusT, ActionT],
        reader: Reader,
        key: Key,
        look: LookT,
        decision: Decision[StatusT, ActionT],
    ) -> Rest | None:
        """Act on a decision, or report it, or rest."""
        pause = 0.0 if isinstance(decision.action, Absent) else self.refusals.pause(key, decision.action)
        match next_effect(decision, look.read.status, is_held_back=pause > 0):
            case Act(action):
                await self._act(side, reader, key, look, action)
                return None
            case WriteStatus(status):
                await self.reporter.report(Writer(self.kube, self.view), key, look, status)
                return None
            case Requeue(after):
                return self._rest(key, look, decision, after, pause)

    def _rest(
        self, key: Key, look: LookT, decision: Decision[StatusT, ActionT], after: float | None, pause: float
    ) -> Rest:
        """Say when to look again."""
        if isinstance(decision.action, Absent):
            self.refusals.clear(key)
        moments = [moment for moment in (after, look.look_again, pause) if moment]
        busy = condition(decision.status.conditions, RECONCILING) is not None
        return Rest(min(moments, default=None), busy=busy, for_good=not moments and look.read.is_over)

    async def _act(
        self, side: Side[LookT, StatusT, ActionT], reader: Reader, key: Key, look: LookT, action: ActionT
    ) -> None:
        """Do one thing; a refusal is remembered, so that the next look reports it."""
        try:
            await side.act(reader, Writer(self.kube, self.view), look, action)
        except (ForbiddenError, InvalidError) as error:
            self.refusals.add(key, action, error)
            log.warning("action_refused", **action_facts(action), why=error.message)
        else:
            self.refusals.clear(key)
            log.info("action_done", **action_facts(action))
