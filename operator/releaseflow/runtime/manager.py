"""Put everything together, and stop it in order: workers, Lease, watches."""

import asyncio
import signal
import time
from dataclasses import dataclass, field
from functools import partial

import kopf
import structlog

from releaseflow.cache.cache import View
from releaseflow.cache.informer import Feed
from releaseflow.cache.resync import list_everything, list_now_and_then
from releaseflow.controllers.flow.deletion import announce_deleted_flow
from releaseflow.controllers.flow.states import flow_states
from releaseflow.controllers.reporter import Reporter
from releaseflow.controllers.workers import Workers
from releaseflow.controllers.workqueue import KeyQueue
from releaseflow.handlers.watches import registry, settings
from releaseflow.kube.client import Kube
from releaseflow.kube.connection import Connection, connection
from releaseflow.kube.errors import ApiError
from releaseflow.kube.leader_election.campaign import Campaign
from releaseflow.kube.leader_election.elector import Elector
from releaseflow.kube.reflector import LeaseWatch
from releaseflow.kube.resources import Key
from releaseflow.reporting.events import Recorder
from releaseflow.reporting.gauges import Snapshot
from releaseflow.reporting.metrics import Metrics
from releaseflow.runtime.composition import reconciler, recorder
from releaseflow.runtime.probes import Probes
from releaseflow.runtime.settings import Config
from releaseflow.version import __version__

log = structlog.get_logger()

STOP_SECONDS = 2.0
"""Longest wait for the workers and the Lease at the end: a process is gone three seconds after its signal."""
STUCK_SECONDS = 180.0
"""A leader that has work and ended no step for so long is not alive."""


@dataclass
class App:
    """One process of the operator."""

    config: Config
    connection: Connection
    kube: Kube
    feed: Feed
    elector: Elector
    workers: Workers
    recorder: Recorder
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    watching: asyncio.Event = field(default_factory=asyncio.Event)
    told_to_stop: asyncio.Event = field(default_factory=asyncio.Event)
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where a watch may have missed something."""

    async def run(self) -> int:
        """Run until a signal comes or something breaks; return the exit code."""
        probes = await self._probes().start()
        # All of these are older than kopf, which at its end cancels whatever began after it.
        leading = asyncio.create_task(self._lead_when_synced())
        others = [asyncio.create_task(work) for work in (self._watch_leases(), self._relist(), self._take_signals())]
        bye = asyncio.create_task(self.told_to_stop.wait())
        stop_kopf = asyncio.Event()
        watches = asyncio.create_task(self._watch(stop_kopf))
        await asyncio.wait({leading, *others[:2], bye, watches}, return_when=asyncio.FIRST_COMPLETED)
        code = _code([leading, *others[:2], watches])
        await _cancelled(leading, STOP_SECONDS)
        for task in (*others, bye):
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
                await list_everything(self.kube, self.feed, self.config.namespaces, self.config.pod_namespace)
                self.synced.set()
            except ApiError as error:
                log.warning("listing_failed", why=str(error))
                await asyncio.sleep(0.5)
        await self.elector.run(self._lead, self._is_alive)

    async def _lead(self) -> None:
        """Work until that is cancelled; the watches go on, so that the next time begins with what is true then."""
        self.feed.wake()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.workers.run())
                group.create_task(self.recorder.run())
        finally:
            self.feed.awake = False

    async def _watch(self, stop: asyncio.Event) -> None:
        """Watch, once the view is full: kopf lists everything once more, and a leader need not wait for that."""
        await self.synced.wait()
        namespaces = self.config.namespaces
        await kopf.operator(
            registry=registry(self.feed, self.connection, self.lost.set),
            settings=settings(),
            standalone=True,
            clusterwide=not namespaces,
            namespaces=namespaces,
            ready_flag=self.watching,
            stop_flag=stop,
        )

    async def _watch_leases(self) -> None:
        await LeaseWatch(self.kube, self.config.pod_namespace, self.feed, self.elector.heard).run()

    async def _relist(self) -> None:
        await list_now_and_then(self.kube, self.feed, self.config.namespaces, self.config.pod_namespace, self.lost)

    async def _take_signals(self) -> None:
        """Take the signals, and take them back from kopf once it has started."""
        loop = asyncio.get_running_loop()
        for moment in (None, self.watching):
            if moment is not None:
                await moment.wait()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.told_to_stop.set)

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
        flows = flow_states(self.feed.view) if leads else ()
        return Snapshot(__version__, leads, self.workers.queue.depth, flows)

    def _is_alive(self) -> bool:
        works = self.feed.awake and len(self.workers.queue) > 0
        return not works or time.monotonic() - self.workers.last_step < STUCK_SECONDS


async def main(config: Config) -> int:
    """Run one process of the operator, and return its exit code."""
    way = await connection()
    kube = Kube(way.transport())
    metrics = kube.metrics
    feed = Feed(View(), KeyQueue[Key](waited=metrics.waited))
    elector = Elector(Campaign(partial(_own_client, metrics), config.pod_namespace, config.pod_name))
    acting = kube.guarded(elector.may_write)
    events = recorder(acting, config.pod_name)
    feed.flow_gone = partial(announce_deleted_flow, feed.view, events.record)
    reporter = Reporter(events.record, metrics.reported)
    hands = reconciler(acting, feed.view, config.pod_namespace, config.client_image, reporter)
    served = config.namespaces or "all"
    log.info("starting", version=__version__, server=way.server, namespaces=served, identity=config.pod_name)
    return await App(config, way, kube, feed, elector, Workers(hands, feed.queue, metrics), events).run()


async def _own_client(metrics: Metrics) -> Kube:
    """Return a client for another loop, with credentials of its own: it reads a rotated token by itself."""
    return Kube((await connection()).transport(), metrics)


async def _cancelled(task: "asyncio.Task[object]", seconds: float) -> None:
    task.cancel()
    await asyncio.wait({task}, timeout=seconds)


def _code(tasks: "list[asyncio.Task[None]]") -> int:
    """Return 0 for a stop that was asked for; for anything else, say what broke."""
    ended = [task for task in tasks if task.done()]
    for task in ended:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("broken", exc_info=error)
    return 1 if ended else 0
