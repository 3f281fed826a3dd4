"""Counts what the operator does and sees, and says which fault is due."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.plans.plan import At, Fault, Plan

IDLE_SECONDS = 0.12
"""An operator that neither sent a request nor received an event for so long is waiting."""


@dataclass
class Injector:
    """The counters of one plan, and its faults."""

    plan: Plan
    waited: Callable[[Fault], Awaitable[None]]
    """Carries out a fault at a wait."""
    noticed: Callable[[int], None] = lambda _: None
    """Told of each wait."""
    counts: Counter[At] = field(default_factory=Counter)
    _pending: list[Fault] = field(default_factory=list)
    _later: list[tuple[int, Callable[[], Awaitable[None]]]] = field(default_factory=list)
    _idle: asyncio.TimerHandle | None = None
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    """What went wrong in the tests themselves: a fault that did not happen as the plan says."""
    running: bool = False
    """Nothing is counted before the scenario begins, nor after its end."""

    def __post_init__(self) -> None:
        self._pending = list(self.plan.faults)

    def count(self, at: At) -> tuple[int, list[Fault]]:
        """Count one more, and return its number and the faults that are due at it."""
        if not self.running:
            return 0, []
        self.counts[at] += 1
        self.stir()
        number = self.counts[at]
        if at is At.WRITE:
            self._deliver(number)
        return number, self._due(at, number)

    def stir(self) -> None:
        """Note that the operator sends or receives something."""
        if self._idle is not None:
            self._idle.cancel()
        if self.running:
            self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._waits)

    def after_writes(self, number: int, act: Callable[[], Awaitable[None]], seconds: float) -> None:
        """Do something once the write of this number was asked for, or at the latest after some seconds."""
        entry = (number, act)
        self._later.append(entry)
        asyncio.get_running_loop().call_later(seconds, self._deliver_one, entry)

    async def stop(self) -> None:
        """Count no more, and let what was begun come to its end."""
        self.running = False
        if self._idle is not None:
            self._idle.cancel()
        for entry in list(self._later):
            self._deliver_one(entry)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def is_busy(self) -> bool:
        """Whether something goes on beside everything else, or is still to come."""
        return bool(self._later or self._tasks)

    @property
    def not_reached(self) -> list[Fault]:
        """Faults that were never due."""
        return list(self._pending)

    def spawn(self, work: Awaitable[None]) -> None:
        """Let something happen beside everything else."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(self.heed)

    def heed(self, task: "asyncio.Task[Any]") -> None:
        """Take note of how something ended that nobody waits for."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.errors.append(repr(error))

    def give_back(self, fault: Fault) -> None:
        """Take back a fault that was due and has no place any more."""
        self._pending.append(fault)

    def _waits(self) -> None:
        self.counts[At.WAIT] += 1
        self.noticed(self.counts[At.WAIT])
        for fault in self._due(At.WAIT, self.counts[At.WAIT]):
            self.spawn(self.waited(fault))

    def _due(self, at: At, number: int) -> list[Fault]:
        due = [fault for fault in self._pending if fault.at is at and fault.number == number]
        for fault in due:
            self._pending.remove(fault)
        return due

    def _deliver(self, number: int) -> None:
        for entry in [entry for entry in self._later if entry[0] <= number]:
            self._deliver_one(entry)

    def _deliver_one(self, entry: tuple[int, Callable[[], Awaitable[None]]]) -> None:
        if entry in self._later:
            self._later.remove(entry)
            self.spawn(entry[1]())
