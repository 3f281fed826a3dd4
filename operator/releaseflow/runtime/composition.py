"""Compose a reconciler, and a recorder of Events, for one API server."""

import time
from datetime import UTC, datetime
from typing import Any

from releaseflow.cache.cache import Cache
from releaseflow.controllers.base import FlowController, RunController
from releaseflow.controllers.flow.observe import FlowObserver
from releaseflow.controllers.orphans.controller import OrphanController
from releaseflow.controllers.orphans.targets import DeletedFlows
from releaseflow.controllers.reconciler import Reconciler
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.reporter import Reporter
from releaseflow.controllers.run.act import RunExecutor
from releaseflow.controllers.run.job_specs import JobSpecs
from releaseflow.controllers.run.observe import RunObserver
from releaseflow.kube.client import Client
from releaseflow.kube.resources import Resource
from releaseflow.reporting.events import Recorder
from releaseflow.unstructured import Object


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def reconciler(
    kube: Client, cache: Cache, operator_namespace: str, client_image: str, reporter: Reporter
) -> Reconciler:
    """Return a reconciler for one API server."""
    rejections = Rejections(time.monotonic)
    job_specs = JobSpecs(client_image)
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
