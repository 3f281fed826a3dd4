"""Play many plans at once, and judge each."""

import asyncio
import math
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from tests.faults.controlplane.client import RefusedError
from tests.faults.controlplane.control_plane import ControlPlane
from tests.faults.launcher.launchers import SOURCES, ExecLauncher, ForkLauncher, Launcher
from tests.faults.oracles.check import check
from tests.faults.oracles.liveness import Reference, reference_of
from tests.faults.plans.catalogue import is_alone
from tests.faults.plans.plan import At, Plan
from tests.faults.plans.selection import LONG_SECONDS, extra_seconds
from tests.faults.runner.final_state import End
from tests.faults.runner.result import Environment
from tests.faults.runner.run_plan import play
from tests.faults.runner.throttle import Throttle
from tests.faults.simulator.history import HistoryWatcher

LEAST_JOBS = 2
"""Plans that are played at a time however busy the machine is."""
WAITING_JOBS = 2
"""How many times more of the plans that mostly wait are played at a time."""
OF_SAFETY = ("I", "conformance", "rule")
"""Rules that nothing excuses, however busy the machine is."""
FRESH_PLANE_AFTER = 400
"""Plans after which the control plane is made anew: nothing of a plan is deleted in it."""
MOST_BEFORE = 10
"""So many more are no reason for it: the releases without a fault were played in it before."""


@dataclass(frozen=True)
class Verdict:
    """What came of a plan."""

    plan: Plan
    broken: tuple[str, ...]
    lines: tuple[str, ...]
    """The record, for people; kept only where something was broken."""
    seconds: float
    reached: bool
    """Whether all its faults took place."""
    places: dict[At, int]
    reference: Reference
    once: tuple[str, ...] = ()
    """Rules of time and cost that were broken at first, and held when it was played again."""


@dataclass
class Sweep:
    """Plays plans, some at a time, each control plane for some hundred of them; use as `async with`."""

    jobs: int
    cold: bool = False
    sources: Path = SOURCES
    """Source root of the operator that is broken."""
    latest: float = math.inf
    """Time, by the monotonic clock, after which no plan is begun any more."""
    references: dict[str, Reference] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _stage: Environment | None = None
    _staged: int = 0
    """Plans that the control plane has seen, or is about to see."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def play_without_faults(self, scenarios: Iterable[str]) -> dict[str, Verdict]:
        """Play each scenario without a fault: what others are compared with, and how many places there are."""
        verdicts: dict[str, Verdict] = {}
        await self.run(
            [Plan(name) for name in scenarios], lambda verdict: verdicts.update({verdict.plan.scenario: verdict})
        )
        self.references = {name: verdict.reference for name, verdict in verdicts.items()}
        return verdicts

    async def run(self, plans: list[Plan], report: Callable[[Verdict], None]) -> None:
        """Play plans, and report each as it ends."""
        batches = -(-len(plans) // FRESH_PLANE_AFTER)
        for number in range(batches):
            if not self.is_late():
                batch = plans[number::batches]
                await self._play_all(await self.stage_for(len(batch)), batch, report)

    def is_late(self) -> bool:
        """Whether no plan is to be begun any more."""
        return time.monotonic() > self.latest

    async def _play_all(self, stage: Environment, plans: list[Plan], report: Callable[[Verdict], None]) -> None:
        """Play plans; those that mostly wait have workers of their own, since they cost next to nothing."""

        async def worker(pace: Throttle, waiting: Iterator[Plan]) -> None:
            while True:
                await pace.easy(LEAST_JOBS)
                plan = None if self.is_late() else next(waiting, None)
                if plan is None:
                    return
                pace.playing += 1
                report(await self._verdict_of(stage, plan))
                pace.playing -= 1

        alone = [plan for plan in plans if is_alone(plan)]
        rest = [plan for plan in plans if not is_alone(plan)]
        long = sorted((plan for plan in rest if extra_seconds(plan) >= LONG_SECONDS), key=extra_seconds, reverse=True)
        short = [plan for plan in rest if extra_seconds(plan) < LONG_SECONDS]
        async with Throttle() as pace, asyncio.TaskGroup() as group:
            for some, jobs in ((alone, 1), (long, self.jobs * WAITING_JOBS), (short, self.jobs)):
                waiting = iter(some)
                for _ in range(min(jobs, len(some))):
                    group.create_task(worker(pace, waiting))

    async def _verdict_of(self, stage: Environment, plan: Plan) -> Verdict:
        """Play a plan; again, where it only took too long or too much, which a busy machine does as well."""
        first = await self._play(stage, plan)
        if not first.broken or any(rule.startswith(OF_SAFETY) for rule in first.broken):
            return first
        second = await self._play(stage, plan)
        return second if second.broken else replace(second, once=first.broken)

    async def _play(self, stage: Environment, plan: Plan) -> Verdict:
        if not is_alone(plan):
            return await self._play_on(stage, plan)
        async with AsyncExitStack() as stack:
            return await self._play_on(await self._set_up_in(stack), plan)

    async def _play_on(self, stage: Environment, plan: Plan) -> Verdict:
        try:
            result = await play(stage, plan, next(self._numbers))
        except (RefusedError, TimeoutError, OSError, aiohttp.ClientError) as error:
            return _not_played(plan, error)
        own = reference_of(result)
        broken = check(result, self.references.get(plan.scenario, own))
        return Verdict(
            plan=plan,
            broken=tuple(broken),
            lines=tuple(result.record.lines) if broken else (),
            seconds=result.seconds,
            reached=not result.engine.not_reached,
            places=dict(result.engine.counts),
            reference=own,
        )

    async def stage_for(self, plans: int) -> Environment:
        """Return a control plane with everything around it; another one where it would see too many plans."""
        self._staged += plans
        if self._stage is None or self._staged > FRESH_PLANE_AFTER + MOST_BEFORE:
            await self._stack.aclose()
            self._stage, self._staged = await self._set_up_in(self._stack), plans
        return self._stage

    async def _set_up_in(self, stack: AsyncExitStack) -> Environment:
        enter = stack.enter_async_context
        plane = await enter(ControlPlane())
        launcher: Launcher = ExecLauncher(self.sources) if self.cold else await enter(ForkLauncher(self.sources))
        watcher = await enter(HistoryWatcher(plane.client))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="releaseflow-faults-"))
        return Environment(plane, plane.client, plane.operator, watcher, launcher, Path(folder))


def _not_played(plan: Plan, error: Exception) -> Verdict:
    """Return the verdict on a plan whose scene could not even be set."""
    nothing = Reference(End(), 0, 0, Counter())
    why = f"the tests themselves failed: {error!r}"
    return Verdict(plan, (why,), (), 0.0, reached=False, places={}, reference=nothing)
