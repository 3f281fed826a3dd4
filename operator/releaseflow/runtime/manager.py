"""The manager: it runs the parts of the process, and stops them in order: workers, Lease, watches."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from releaseflow.cache.informer import Informer
from releaseflow.cache.reflector import Reflector
from releaseflow.cache.resync import list_everything, resync_periodically
from releaseflow.controllers.event_handler import EventHandler
from releaseflow.controllers.flow.states import flow_states
from releaseflow.controllers.workers import Workers
from releaseflow.kube.client import Client
from releaseflow.kube.connection import Connection
from releaseflow.kube.errors import ApiError
from releaseflow.kube.leader_election.elector import LeaderElector
from releaseflow.reporting.events import Recorder
from releaseflow.reporting.gauges import Snapshot
from releaseflow.runtime.probes import Probes
from releaseflow.runtime.settings import Settings
from releaseflow.version import __version__

log = structlog.get_logger()

STOP_SECONDS = 2.0
"""Longest wait for the workers and the Lease at the end: a process is gone three seconds after its signal."""
STUCK_SECONDS = 180.0
"""A leader that has work and ended no reconcile for so long is not alive."""


@dataclass
class Manager:
    """One process of the operator."""

    config: Settings
    connection: Connection
    kube: Client
    informer: Informer
    event_handler: EventHandler
    elector: LeaderElector
    workers: Workers
    recorder: Recorder
    watch: Callable[["Manager", asyncio.Event], Awaitable[None]]
    """Watches all but Leases, until the event is set."""
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    watching: asyncio.Event = field(default_factory=asyncio.Event)
    watches_ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where the watches end, whether or not `watch` returns: after an error of its own kopf may never do so."""
    stop_requested: asyncio.Event = field(default_factory=asyncio.Event)
    relist_needed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where a watch may have missed something."""

    async def run(self) -> int:
        """Run until a signal comes or something breaks; return the exit code."""
        served, identity = self.config.namespaces or "all", self.config.pod_name
        log.info("starting", version=__version__, server=self.connection.server, namespaces=served, identity=identity)
        probes = await self._probes().start()
        # All of these are older than kopf, which at its end cancels whatever began after it.
        leading = asyncio.create_task(self._lead_when_synced())
        background = [
            asyncio.create_task(work) for work in (self._watch_leases(), self._relist(), self._take_signals())
        ]
        stopping = asyncio.create_task(self.stop_requested.wait())
        ended = asyncio.create_task(self.watches_ended.wait())
        stop_kopf = asyncio.Event()
        watches = asyncio.create_task(self._watch(stop_kopf))
        endless = [leading, *background[:2], watches, ended]
        await asyncio.wait({*endless, stopping}, return_when=asyncio.FIRST_COMPLETED)
        code = _code(endless)
        await _cancelled(leading, STOP_SECONDS)
        for task in (*background, stopping, ended):
            await _cancelled(task, STOP_SECONDS)
        stop_kopf.set()
        await asyncio.wait({watches}, timeout=STOP_SECONDS)
        await probes.cleanup()
        await self.kube.close()
        log.info("stopped", code=code)
        return code

    async def _lead_when_synced(self) -> None:
        """Fill the cache, then wait for the Lease and lead, again and again."""
        while not self.synced.is_set():
            try:
                await list_everything(self.kube, self.informer, self.config.namespaces, self.config.pod_namespace)
                self.synced.set()
            except ApiError as error:
                log.warning("list_failed", why=str(error))
                await asyncio.sleep(0.5)
        await self.elector.run(self._lead, self._is_alive)

    async def _lead(self) -> None:
        """Work until that is cancelled; the watches go on, so that the next time begins with what is true then."""
        self.event_handler.start()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.workers.run())
                group.create_task(self.recorder.run())
        finally:
            self.event_handler.stop()

    async def _watch(self, stop: asyncio.Event) -> None:
        """Watch, once the cache is full: kopf lists everything once more, and a leader need not wait for that."""
        await self.synced.wait()
        await self.watch(self, stop)

    async def _watch_leases(self) -> None:
        await Reflector(self.kube, self.config.pod_namespace, self.informer, self.elector.on_lease_event).run()

    async def _relist(self) -> None:
        await resync_periodically(
            self.kube, self.informer, self.config.namespaces, self.config.pod_namespace, self.relist_needed
        )

    async def _take_signals(self) -> None:
        """Take the signals, and take them back from kopf once it has started."""
        loop = asyncio.get_running_loop()
        for moment in (None, self.watching):
            if moment is not None:
                await moment.wait()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop_requested.set)

    def _probes(self) -> Probes:
        return Probes(
            port=self.config.probe_port,
            is_alive=self._is_alive,
            is_ready=lambda: self.synced.is_set() and self.watching.is_set(),
            metrics=self.kube.metrics,
            snapshot=self._snapshot,
        )

    def _snapshot(self) -> Snapshot:
        """Return what a scrape reads: only the leader reports flows, so that each has its series once."""
        leads = self.elector.leads
        flows = flow_states(self.informer.cache) if leads else ()
        return Snapshot(__version__, leads, self.workers.queue.depth, flows)

    def _is_alive(self) -> bool:
        works = self.event_handler.enqueuing and len(self.workers.queue) > 0
        return not works or time.monotonic() - self.workers.last_reconcile < STUCK_SECONDS


async def _cancelled(task: "asyncio.Task[object]", seconds: float) -> None:
    task.cancel()
    await asyncio.wait({task}, timeout=seconds)


def _code(tasks: "list[asyncio.Task[Any]]") -> int:
    """Return 0 for a stop that was asked for; for anything else, say what broke."""
    ended = [task for task in tasks if task.done()]
    for task in ended:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("task_failed", exc_info=error)
    return 1 if ended else 0
