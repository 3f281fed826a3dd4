"""Put the shell's pieces together."""

import time
from datetime import UTC, datetime
from typing import Any

from releaseflow.cache.cache import View
from releaseflow.controllers.base import FlowSide, RunSide
from releaseflow.controllers.flow.observe import FlowObserver
from releaseflow.controllers.orphans.controller import Orphans
from releaseflow.controllers.reconciler import Reconciler
from releaseflow.controllers.rejections import Refusals
from releaseflow.controllers.reporter import Reporter
from releaseflow.controllers.run.act import RunExecutor
from releaseflow.controllers.run.job_specs import Templates
from releaseflow.controllers.run.observe import RunObserver
from releaseflow.kube.client import Kube
from releaseflow.kube.resources import Kind
from releaseflow.kube.unstructured import Raw
from releaseflow.reporting.events import Recorder


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def reconciler(kube: Kube, view: View, operator_namespace: str, client_image: str, reporter: Reporter) -> Reconciler:
    """Return a reconciler for one API server."""
    refusals = Refusals(time.monotonic)
    templates = Templates(client_image)
    runs = RunObserver(operator_namespace, templates, now, refusals)
    return Reconciler(
        kube=kube,
        view=view,
        flows=FlowSide(FlowObserver(now, refusals)),
        runs=RunSide(runs, RunExecutor(operator_namespace, templates)),
        orphans=Orphans(),
        refusals=refusals,
        reporter=reporter,
        clock=now,
    )


def recorder(kube: Kube, instance: str) -> Recorder:
    """Return a recorder that posts to an API server."""

    async def post(namespace: str, event: Raw) -> Any:
        return await kube.create(Kind.EVENT, namespace, event)

    async def patch(namespace: str, name: str, change: Raw) -> Any:
        return await kube.merge_patch(Kind.EVENT, namespace, name, change)

    return Recorder(post, patch, instance, now)
