"""Put the shell's pieces together."""

import time
from datetime import UTC, datetime
from typing import Any

from releaseflow.shell.execute_run import RunExecutor
from releaseflow.shell.kinds import Kind
from releaseflow.shell.kube import Kube
from releaseflow.shell.observe_flow import FlowObserver
from releaseflow.shell.observe_run import RunObserver
from releaseflow.shell.orphans import Orphans
from releaseflow.shell.raw import Raw
from releaseflow.shell.reconcile import Reconciler
from releaseflow.shell.refusals import Refusals
from releaseflow.shell.report import Reporter
from releaseflow.shell.sides import FlowSide, RunSide
from releaseflow.shell.templates import Templates
from releaseflow.shell.view import View
from releaseflow.telemetry.events import Recorder


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
