"""Leader election: run the work while this process leads, and not after that.

Election saves work; the preconditions of every write protect.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from releaseflow.kube.leader_election.campaign import Campaign, LeadershipTerm, Watchdog
from releaseflow.kube.leader_election.lease import is_given_back
from releaseflow.unstructured import Object

log = structlog.get_logger()

Work = Callable[[], Awaitable[None]]


class NotLeadingError(Exception):
    """This process must not write: another may be leading by now."""


@dataclass
class LeaderElector:
    """Has the work done while the campaign holds the Lease."""

    campaign: Campaign
    _thread_loop: asyncio.AbstractEventLoop | None = None

    @property
    def leads(self) -> bool:
        """Whether this process holds the Lease."""
        return self.campaign.monotonic() < self.campaign.valid_until

    def may_write(self) -> None:
        """Let a write pass while this process leads.

        A write that was let through just before that ended may arrive later: then its preconditions judge it.

        Raises:
            NotLeadingError: It does not, or has not been able to renew its Lease for too long.
        """
        if not self.leads:
            raise NotLeadingError("the Lease was not renewed in time")

    def on_lease_event(self, raw: Object) -> None:
        """Try at once when the Lease was given back."""
        if is_given_back(raw):
            self._in_thread(self.campaign.try_now)

    async def run(self, work: Work, is_alive: Callable[[], bool]) -> None:
        """Wait for the Lease and lead, again and again, until this is cancelled, or the work or the thread breaks.

        Args:
            work: What a leader does, until it is cancelled.
            is_alive: Whether the work goes on: one that does not must not keep the Lease.
        """
        loop, self._thread_loop = asyncio.get_running_loop(), asyncio.new_event_loop()
        running = self._thread_loop.create_task(self.campaign.run(Watchdog(loop, is_alive)))
        executor = ThreadPoolExecutor(1, thread_name_prefix="leader-election")
        thread = loop.run_in_executor(executor, _run_until_it_ends, self._thread_loop, running)
        try:
            while not thread.done():
                await self._serve(work, thread)
        finally:
            self._in_thread(running.cancel)
            self._thread_loop = None
            await asyncio.wait({thread})
            executor.shutdown(wait=False)
        thread.result()

    async def _serve(self, work: Work, thread: "asyncio.Future[Any]") -> None:
        """Wait until this process leads, and have the work done until it leads no more."""
        elected: asyncio.Future[Any] = asyncio.ensure_future(self.campaign.elected.get())
        try:
            await asyncio.wait({elected, thread}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            elected.cancel()
        if not thread.done():
            await self._lead(elected.result(), work, thread)

    async def _lead(self, term: LeadershipTerm, work: Work, thread: "asyncio.Future[Any]") -> None:
        """Have the work done; only once nothing of it is left may the Lease be given back."""
        lost: asyncio.Future[Any] = asyncio.ensure_future(term.lost.wait())
        self.campaign.works = True
        working: asyncio.Future[Any] = asyncio.ensure_future(work())
        try:
            await asyncio.wait({working, lost, thread}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            working.cancel()
            lost.cancel()
            await asyncio.wait({working})
            self.campaign.works = False
        _raise_first_error(working)
        self._in_thread(term.ended.set)

    def _in_thread(self, act: Callable[[], object]) -> None:
        """Do something in the thread's loop, if it runs."""
        if self._thread_loop is not None:
            with suppress(RuntimeError):  # it has ended by itself, and its error is raised where it is awaited
                self._thread_loop.call_soon_threadsafe(act)


def _run_until_it_ends(loop: asyncio.AbstractEventLoop, running: "asyncio.Task[Any]") -> None:
    try:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(running)
    finally:
        loop.close()


def _raise_first_error(working: "asyncio.Future[None]") -> None:
    """Raise what ended the work, unless it is that this process leads no more."""
    if working.cancelled():
        return
    try:
        working.result()
    except* NotLeadingError:
        log.warning("work_stopped", why="the Lease was not renewed in time")
