"""Flows, runs and pods as they stand in the world of the tests."""

from dataclasses import dataclass, field
from datetime import datetime

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.controllers.parse_objects import ParsedFlow, ParsedRun
from releaseflow.core.facts import PodFacts
from releaseflow.core.flow.facts import Commands


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
    has_finalizer: bool = True
    deleting: bool = False


@dataclass
class PodThing:
    """A pod, and the run that its label names."""

    run_uid: str
    seen: PodFacts


def flow_as_read(flow: FlowThing) -> ParsedFlow:
    """Return a flow as the shell parses it."""
    place = (flow.name, "team", flow.uid, "1", flow.generation)
    return ParsedFlow(*place, flow.spec, flow.status, flow.deleting, flow.commands)


def run_as_read(run: RunThing) -> ParsedRun:
    """Return a run as the shell parses it."""
    return ParsedRun(
        run.name, "team", run.uid, "1", 1, run.created, run.spec, run.status, run.deleting, run.has_finalizer
    )
