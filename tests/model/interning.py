"""Specs and statuses of the explored world, kept once each: what the operators decide on are the production models."""

from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar

from releaseflow.api.v1alpha1.lock_key import effective_lock_key
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.controllers.parse_objects import ParsedFlow, ParsedRun
from releaseflow.core.facts import ABSENT
from releaseflow.core.run.lock import is_queued
from releaseflow.core.run.next_hook import record_of
from tests.model.objects import FlowBody, RunBody, StoredObject, Table
from tests.support.builders import NEW, NEWER, NOW, OLD

StatusT = TypeVar("StatusT", ReleaseFlowStatus, MigrationRunStatus)
NAMESPACE = "team"
FIRST_IMAGE = OLD
"""Image that serves when the story begins."""
IMAGES = (OLD, NEW, NEWER)
"""All that there are, in the order in which they were built."""
FLOW_SPECS: Table[ReleaseFlowSpec] = Table()
FLOW_STATUSES: Table[ReleaseFlowStatus] = Table()
RUN_SPECS: Table[MigrationRunSpec] = Table()
RUN_STATUSES: Table[MigrationRunStatus] = Table()
TICK = timedelta(hours=12)
"""How far the clock jumps: beyond every deadline."""


def time(clock: float) -> datetime:
    """Return the time after so many ticks."""
    return NOW + TICK * clock


def clock(time: datetime) -> float:
    """Return how many ticks have passed at a time."""
    return (time - NOW) / TICK


@cache
def flow_read(flow: StoredObject) -> ParsedFlow:
    """Return a flow as the controllers parse it."""
    body = flow.body
    assert isinstance(body, FlowBody)
    return ParsedFlow(
        flow.name,
        NAMESPACE,
        flow.uid,
        str(flow.version),
        body.generation,
        FLOW_SPECS[body.spec],
        FLOW_STATUSES[body.status],
        flow.deleting,
        body.commands,
    )


@cache
def run_read(run: StoredObject) -> ParsedRun:
    """Return a run as the controllers parse it."""
    body = run.body
    assert isinstance(body, RunBody)
    return ParsedRun(
        run.name,
        NAMESPACE,
        run.uid,
        str(run.version),
        1,
        time(body.created),
        RUN_SPECS[body.spec],
        RUN_STATUSES[body.status],
        run.deleting,
        run.held,
        approve=body.approve,
    )


@cache
def step_of(spec: int, status: int, kind: StepType) -> StepStatus | None:
    """Return what a run's status says of a step; of the hooks, of the one whose Job matters."""
    known = record_of(RUN_SPECS[spec], RUN_STATUSES[status], kind)
    return None if known is ABSENT else known


def flow_uid_of(run: StoredObject) -> str:
    """Return the UID of the flow that a run is for."""
    return run_read(run).flow_uid


@cache
def lock_key_of(flow: StoredObject) -> str:
    """Return the key of the lock of a flow's database."""
    spec = flow_read(flow).spec
    target = next(iter(spec.targets), None)
    named = WorkloadRef(kind=target.kind, name=target.name) if target is not None else None
    return effective_lock_key(spec.database, spec.migration.workload_ref or named)


@cache
def are_rivals(run: StoredObject, other: StoredObject) -> bool:
    """Whether another run is found in the line for the same lock."""
    one, two = run_read(run), run_read(other)
    if not isinstance(other.body, RunBody) or not other.body.queued:
        return False
    same = one.spec.lock_key == two.spec.lock_key
    return same and is_queued(two.spec, two.status) and one.uid != two.uid


def stored(status: StatusT) -> StatusT:
    """Return a status as it comes back from the API server: by way of JSON."""
    return type(status).model_validate(status.model_dump(mode="json", by_alias=True))
