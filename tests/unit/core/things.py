"""Flows, runs and pods as they stand in the world of the tests."""

from dataclasses import dataclass, field
from datetime import datetime

from releaseflow.api.migration_run import MigrationRunSpec, MigrationRunStatus, StepName
from releaseflow.api.reasons import Reason
from releaseflow.api.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.core.conditions import READY, condition
from releaseflow.core.flow.observed import Commands, RunOfFlow
from releaseflow.core.observed import ABSENT, PodSeen

GOING_WELL = {
    Reason.STARTING,
    Reason.LOOKING,
    Reason.BACKING_UP,
    Reason.MIGRATING,
}


@dataclass
class FlowThing:
    """A ReleaseFlow."""

    name: str
    uid: str
    spec: ReleaseFlowSpec
    status: ReleaseFlowStatus = field(default_factory=ReleaseFlowStatus)
    generation: int = 1
    commands: Commands = field(default_factory=Commands)
    deleting: bool = False


@dataclass
class RunThing:
    """A MigrationRun."""

    name: str
    uid: str
    spec: MigrationRunSpec
    created: datetime
    status: MigrationRunStatus = field(default_factory=MigrationRunStatus)
    held: bool = True
    deleting: bool = False


@dataclass
class PodThing:
    """A pod, and the run that its label names."""

    run_uid: str
    seen: PodSeen


def run_of_flow(run: RunThing) -> RunOfFlow:
    """Return what a flow sees of a run."""
    status, ref = run.status, run.spec.flow_ref
    ready = condition(status.conditions, READY)
    waits = ready is not None and status.outcome is None and ready.reason not in GOING_WELL
    migrate = next((step for step in status.steps if step.name is StepName.MIGRATE), None)
    return RunOfFlow(
        name=run.name,
        uid=run.uid,
        resource_version="1",
        image=run.spec.image,
        flow_uid=ref.uid if ref else "",
        sequence=ref.sequence if ref else 0,
        outcome=ABSENT if status.outcome is None else status.outcome,
        migrated=status.outcome is Reason.MIGRATED,
        stuck=ready.reason if ready is not None and waits else ABSENT,
        message=ready.message if ready is not None else "",
        failure=ABSENT if status.failure is None else status.failure,
        image_id=migrate.image_id if migrate else "",
        backed_up=status.backup is not None,
        deleting=run.deleting,
        created=run.created,
    )
