"""When a run is ended, or held, although none of its gates says so: only before its migration has started."""

from dataclasses import replace

from releaseflow.api import commands
from releaseflow.api.v1alpha1.migration_run import FlowRef
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.decision import Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.run.actions import CreateJob, StartMigration, TakeLock
from releaseflow.core.run.facts import FlowOfRun, RunObserved
from releaseflow.core.run.record import Turn


def reason_to_end(seen: RunObserved) -> Stopped | Absent:
    """Return why a run whose migration has not started is over, if it is."""
    if seen.deleting:
        return Stopped(Reason.RUN_DELETED, "The run was deleted before its migration started")
    ref = seen.spec.flow_ref
    if ref is None:
        return ABSENT
    flow = seen.flow
    if flow is ABSENT or flow.deleting:
        return Stopped(Reason.FLOW_DELETED, f"ReleaseFlow {ref.name} was deleted before the migration started")
    return _ended_by_flow(seen, flow, ref)


def _ended_by_flow(seen: RunObserved, flow: FlowOfRun, ref: FlowRef) -> Stopped | Absent:
    if flow.aborted:
        return Stopped(Reason.ABORTED, "The release ended before its migration started")
    if flow.image != seen.spec.image or flow.sequence > ref.sequence:
        return Stopped(
            Reason.SUPERSEDED, f"{flow.image} is wanted now; the migration of {seen.spec.image} never started"
        )
    return ABSENT


def held_while_suspended(seen: RunObserved, turn: Turn) -> Turn:
    """Start nothing new while the flow is suspended; what runs goes on."""
    verdict, ref = turn.verdict, seen.spec.flow_ref
    if not is_suspended(seen) or ref is None or not isinstance(verdict, Waiting):
        return turn
    if not isinstance(verdict.action, CreateJob | StartMigration | TakeLock):
        return turn
    message = f"The flow is suspended. Go on: {commands.resume_flow(seen.namespace, ref.name)}"
    return replace(turn, verdict=Waiting(Reason.SUSPENDED, message))


def is_suspended(seen: RunObserved) -> bool:
    """Whether the flow of the run is suspended."""
    return isinstance(seen.flow, FlowOfRun) and seen.flow.suspended
