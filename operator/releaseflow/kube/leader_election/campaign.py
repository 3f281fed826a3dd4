"""The campaign for the leader's Lease: it runs in a thread with an event loop and a client of its own.

So work that keeps its loop busy, or blocks it, does not cost the Lease. The two threads share the GIL: Python code
hands it over every 5 ms, but a single call into C that kept it for RENEW_DEADLINE would cost the Lease.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from releaseflow.kube.client import Client
from releaseflow.kube.leader_election.lease import LEASE_DURATION, RENEW_DEADLINE, RETRY_PERIOD, LeaderLease

log = structlog.get_logger()

HUNG_SECONDS = 60.0
"""Work that gives no sign of life for so long is not waited for: its process gives up the Lease, and ends.

The kubelet takes as long to find such a process dead (30 s), and to end it (30 s).
"""
LEAVE_SECONDS = LEASE_DURATION - RENEW_DEADLINE
"""Longest time from the loss of the Lease to the end of the work: after that another may begin."""


@dataclass(frozen=True)
class LeadershipTerm:
    """One time of leading."""

    lost: asyncio.Event = field(default_factory=asyncio.Event)
    """Set in the work's loop where the Lease was lost."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set in the thread's loop when nothing of the work is left."""


@dataclass
class Watchdog:
    """Whether the work's loop runs, and the work in it goes on: the thread sends pings, and the loop answers.

    Pings are counted, not seconds: a process that was frozen as a whole does not hang. Each number is written by
    one thread only.
    """

    loop: asyncio.AbstractEventLoop
    is_alive: Callable[[], bool]
    _pings: int = 0
    _answered: int = 0

    @property
    def missed(self) -> int:
        """How many pings in a row have no answer yet."""
        return self._pings - self._answered

    def ping(self) -> None:
        """Send a ping from the thread."""
        self._pings += 1
        self.loop.call_soon_threadsafe(self._answer, self._pings)

    def _answer(self, number: int) -> None:
        if self.is_alive():
            self._answered = number


@dataclass
class Campaign:
    """Waits for the Lease, acquires it, renews it, and releases it, again and again."""

    connect: Callable[[], Awaitable[Client]]
    """Opens the thread's own client, in its loop."""
    namespace: str
    identity: str
    end_process: Callable[[int], object] = os._exit
    """Ends the process at once, whatever its other threads are at."""
    monotonic: Callable[[], float] = time.monotonic
    valid_until: float = 0.0
    """Until when this process leads, by the monotonic clock.

    The thread writes it and the work reads it, without a lock: it is one reference, which Python replaces as a whole.
    """
    works: bool = False
    """Whether anything of the work is under way; written by the work's loop."""
    elected: "asyncio.Queue[LeadershipTerm]" = field(default_factory=asyncio.Queue)
    """Terms that begin; in the work's loop."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def try_now(self) -> None:
        """Try at once; to be called in the thread's loop."""
        self._changed.set()

    async def run(self, watchdog: Watchdog) -> None:
        """Run until it is cancelled; the Lease is given back only where nothing of the work is under way."""
        kube = await self.connect()
        lease = LeaderLease(kube, self.namespace, self.identity, self.monotonic)
        try:
            while True:
                await self._acquire(lease, watchdog)
                await self._lead(lease, watchdog)
        finally:
            await kube.close()

    async def _acquire(self, lease: LeaderLease, watchdog: Watchdog) -> None:
        """Wait until the Lease is free, and take it."""
        logged = False
        while not await self._try_acquire(lease, watchdog):
            if not logged:
                log.info("waiting_for_leadership", leader=lease.holder)
                logged = True
            watchdog.ping()
            await _is_set(self._changed, RETRY_PERIOD)

    async def _try_acquire(self, lease: LeaderLease, watchdog: Watchdog) -> bool:
        """Try to take the Lease, unless the work does not answer: it could do nothing with it."""
        self._changed.clear()
        if watchdog.missed > 1:
            return False
        self.valid_until = await lease.acquire_or_renew(2 * RETRY_PERIOD)
        return self.valid_until > 0

    async def _lead(self, lease: LeaderLease, watchdog: Watchdog) -> None:
        """Have the work done until the Lease is lost; give it back once nothing of the work is left."""
        term = LeadershipTerm()
        try:
            log.info("leading", identity=self.identity)
            watchdog.loop.call_soon_threadsafe(self.elected.put_nowait, term)
            await self._renew(lease, watchdog, term)
            self.valid_until = 0.0
            watchdog.loop.call_soon_threadsafe(term.lost.set)
            await self._wait_for_work_to_end(term)
        finally:
            self.valid_until = 0.0
            if not self.works:
                await lease.release()

    async def _renew(self, lease: LeaderLease, watchdog: Watchdog, term: LeadershipTerm) -> None:
        """Renew until the Lease is lost, the work gives no sign of life, or it has ended."""
        while not await _is_set(term.ended, min(RETRY_PERIOD, self._left())):
            watchdog.ping()
            if watchdog.missed * RETRY_PERIOD >= HUNG_SECONDS:
                log.error("work_blocked", seconds=HUNG_SECONDS)
                return
            until = await lease.acquire_or_renew(max(RETRY_PERIOD, min(2 * RETRY_PERIOD, self._left())))
            if until:
                self.valid_until = until
            elif not self._left() or lease.is_anothers:
                log.error("leadership_lost", holder=lease.holder)
                return

    async def _wait_for_work_to_end(self, term: LeadershipTerm) -> None:
        """Wait until the work has ended; where it does not, end the process before another leads."""
        if not await _is_set(term.ended, LEAVE_SECONDS):
            log.error("work_not_stopped", seconds=LEAVE_SECONDS)
            self.end_process(1)

    def _left(self) -> float:
        return max(self.valid_until - self.monotonic(), 0.0)


async def _is_set(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event for some seconds; whether it is set."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
