"""The composition root: put the parts of a process together."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from releaseflow.cache.cache import Cache
from releaseflow.cache.informer import Informer
from releaseflow.controllers.base import FlowController, RunController
from releaseflow.controllers.event_handler import EventHandler
from releaseflow.controllers.flow.observe import FlowObserver
from releaseflow.controllers.orphans.controller import OrphanController
from releaseflow.controllers.orphans.targets import DeletedFlows
from releaseflow.controllers.reconciler import Reconciler
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.reporter import Reporter
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.act import RunExecutor
from releaseflow.controllers.run.job_specs import JobSpecs
from releaseflow.controllers.run.observe import RunObserver
from releaseflow.controllers.workers import Workers
from releaseflow.controllers.workqueue import WorkQueue
from releaseflow.kube.client import Client
from releaseflow.kube.connection import connection
from releaseflow.kube.leader_election.campaign import Campaign
from releaseflow.kube.leader_election.elector import LeaderElector
from releaseflow.kube.resources import Resource
from releaseflow.reporting.events import Recorder
from releaseflow.reporting.metrics import Metrics
from releaseflow.reporting.sinks.registry import all_sinks
from releaseflow.reporting.sinks.sink import SinkContext
from releaseflow.runtime.manager import Manager
from releaseflow.runtime.settings import Settings
from releaseflow.unstructured import Object


async def compose(config: Settings, watch: Callable[[Manager, asyncio.Event], Awaitable[None]]) -> Manager:
    """Return a process of the operator with these watches."""
    connected = await connection()
    kube = Client(connected.transport())
    metrics = kube.metrics
    cache, queue = Cache(), WorkQueue[ReconcileRequest](waited=metrics.observe_queue_duration)
    elector = LeaderElector(Campaign(partial(_own_client, metrics), config.pod_namespace, config.pod_name))
    acting = kube.with_write_guard(elector.may_write)
    events = recorder(acting, config.pod_name)
    reporter = Reporter(events.record, all_sinks(SinkContext(events.record, metrics)))
    job_specs = JobSpecs(config.client_image, config.operator_image)
    reconciling = reconciler(acting, cache, config.pod_namespace, job_specs, reporter)
    return Manager(
        config=config,
        connection=connected,
        kube=kube,
        informer=Informer(cache),
        event_handler=EventHandler(cache, queue, on_flow_deleted=partial(DeletedFlows(events.record).announce, cache)),
        elector=elector,
        workers=Workers(reconciling, queue, metrics),
        recorder=events,
        watch=watch,
    )


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def reconciler(
    kube: Client, cache: Cache, operator_namespace: str, job_specs: JobSpecs, reporter: Reporter
) -> Reconciler:
    """Return a reconciler for one API server."""
    rejections = Rejections(time.monotonic)
    runs = RunObserver(operator_namespace, job_specs, now, rejections)
    return Reconciler(
        kube=kube,
        cache=cache,
        flows=FlowController(FlowObserver(now, rejections)),
        runs=RunController(runs, RunExecutor(operator_namespace, job_specs)),
        orphans=OrphanController(DeletedFlows(reporter.record)),
        rejections=rejections,
        reporter=reporter,
        clock=now,
    )


def recorder(kube: Client, instance: str) -> Recorder:
    """Return a recorder that posts to an API server."""

    async def post(namespace: str, event: Object) -> Any:
        return await kube.create(Resource.EVENT, namespace, event)

    async def patch(namespace: str, name: str, change: Object) -> Any:
        return await kube.merge_patch(Resource.EVENT, namespace, name, change)

    return Recorder(post, patch, instance, now)


async def _own_client(metrics: Metrics) -> Client:
    """Return a client for another loop, with credentials of its own: it reads a rotated token by itself."""
    return Client((await connection()).transport(), metrics)
