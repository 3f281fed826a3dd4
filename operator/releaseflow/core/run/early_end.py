"""When a run is ended, or held, although none of its gates says so: only before its migration, and between hooks."""

from dataclasses import replace

from releaseflow.api import commands
from releaseflow.api.v1alpha1.migration_run import FlowRef
from releaseflow.api.v1alpha1.operation import Operation, RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.decision import Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.run.actions import CreateJob, StartHook, StartMigration, TakeLock
from releaseflow.core.run.facts import FlowForRun, RunObserved
from releaseflow.core.run.record import RunResult


def reason_to_end(facts: RunObserved) -> Stopped | Absent:
    """Return why a run whose migration has not started is over, if it is."""
    if facts.deleting:
        return Stopped(Reason.RUN_DELETED, "The run was deleted before its migration started")
    ref = facts.spec.flow_ref
    if ref is None:
        return ABSENT
    flow = facts.flow
    if flow is ABSENT or flow.deleting:
        return Stopped(Reason.FLOW_DELETED, f"ReleaseFlow {ref.name} was deleted before the migration started")
    return _end_by_flow(facts, flow, ref)


def _end_by_flow(facts: RunObserved, flow: FlowForRun, ref: FlowRef) -> Stopped | Absent:
    if flow.aborted:
        return Stopped(Reason.ABORTED, "The release ended before its migration started")
    if flow.sequence > ref.sequence or (flow.image != facts.spec.image and ref.role is not RunRole.ON_FAILURE):
        over = "the migration of {} never started" if _migrates(facts) else "no more hooks of {} are started"
        return Stopped(Reason.SUPERSEDED, f"{flow.image} is wanted now; {over.format(facts.spec.image)}")
    if not flow.same_database:
        return Stopped(Reason.SUPERSEDED, "The flow's database was changed; this migration never started")
    return ABSENT


def wait_while_suspended(facts: RunObserved, result: RunResult) -> RunResult:
    """Start nothing new while the flow is suspended; what runs goes on."""
    verdict, ref = result.verdict, facts.spec.flow_ref
    if not is_suspended(facts) or ref is None or not isinstance(verdict, Waiting):
        return result
    if not isinstance(verdict.action, CreateJob | StartMigration | StartHook | TakeLock):
        return result
    message = f"The flow is suspended. Go on: {commands.resume_flow(facts.namespace, ref.name)}"
    return replace(result, verdict=Waiting(Reason.SUSPENDED, message))


def is_suspended(facts: RunObserved) -> bool:
    """Whether the flow of the run is suspended."""
    return facts.flow is not ABSENT and facts.flow.suspended


def _migrates(facts: RunObserved) -> bool:
    return facts.spec.operation is Operation.MIGRATE
