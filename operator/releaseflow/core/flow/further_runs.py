"""The runs of a release beside the one that migrates: recorded before they exist, and made once.

A run of hooks has no lock that remembers it. So the flow records its name before it creates the run, and its UID before
the run starts anything: one that is gone afterwards is not made again.
"""

from collections.abc import Callable
from typing import TypeAlias

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import FurtherRun, Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.decision import Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import CreateRun, FlowAction
from releaseflow.core.flow.facts import FlowObserved, RunForFlow
from releaseflow.core.flow.failures import failure
from releaseflow.core.flow.hints import suspended, under_way
from releaseflow.core.flow.history import FlowResult, fail_release, with_release
from releaseflow.core.gates import GateResult
from releaseflow.core.names import run_name

SpecOf: TypeAlias = Callable[[FlowObserved, Release, RunRole], MigrationRunSpec]


def further_run(release: Release, role: RunRole) -> FurtherRun | Absent:
    """Return what is recorded of a run of a release."""
    return next((known for known in release.further_runs if known.role is role), ABSENT)


def intended_run(facts: FlowObserved, release: Release, role: RunRole) -> FurtherRun:
    """Return the record of a run that is about to be created."""
    return FurtherRun(role=role, run=run_name(facts.name, facts.uid, release.sequence, role))


def with_further_run(status: ReleaseFlowStatus, known: FurtherRun) -> ReleaseFlowStatus:
    """Return the record with what is known of another run of its release."""
    release = status.release
    if release is None:
        return status
    before = release.further_runs
    if further_run(release, known.role) is ABSENT:
        return with_release(status, further_runs=(*before, known))
    return with_release(status, further_runs=tuple(known if old.role is known.role else old for old in before))


def seen_run(facts: FlowObserved, known: FurtherRun) -> RunForFlow | Absent:
    """Return the run of that name as it was seen."""
    return next((run for run in facts.further if run.name == known.run), ABSENT)


def follow_further_run(
    facts: FlowObserved, release: Release, role: RunRole, spec_of: SpecOf
) -> FlowResult | RunForFlow:
    """Bring a run of a release to its end: record it, create it, record its UID, and wait."""
    known = further_run(release, role)
    if known is ABSENT:
        intent = intended_run(facts, release, role)
        return GateResult(_wait(facts, intent), with_further_run(facts.status, intent))
    run = seen_run(facts, known)
    if run is ABSENT:
        return _create(facts, release, known, spec_of)
    trouble = run_is_wrong(facts, release, known, run)
    if trouble is not ABSENT:
        return fail_release(facts.status, trouble)
    if not known.uid:
        status = with_further_run(facts.status, known.model_copy(update={"uid": run.uid}))
        return GateResult(_wait(facts, known), status)
    if run.outcome is not ABSENT:
        return run
    waits = _wait(facts, known) if run.pending_reason is ABSENT else Waiting(run.pending_reason, run.message)
    return GateResult(waits, facts.status)


def run_is_wrong(facts: FlowObserved, release: Release, known: FurtherRun, run: RunForFlow) -> Failure | Absent:
    """Return why a run cannot be believed that has the name of the release's, if there is a reason."""
    found, wanted = (run.flow_uid, run.sequence, run.role), (facts.uid, release.sequence, known.role)
    if found == wanted and known.uid in {"", run.uid}:
        return ABSENT
    see = commands.print_run(facts.namespace, run.name)
    why = f"MigrationRun {run.name} was not made for this release. See it: {see}"
    return failure(facts, FailedStep.RUN, Reason.NAME_TAKEN, why)


def _create(facts: FlowObserved, release: Release, known: FurtherRun, spec_of: SpecOf) -> FlowResult:
    """Create the run, unless it was there before: then it is not known any more what it did."""
    if known.uid:
        why = f"MigrationRun {known.run} is gone, and it is not known how its hooks ended"
        return fail_release(facts.status, failure(facts, FailedStep.HOOK, Reason.HOOK_FAILED, why))
    if facts.spec.suspend:
        return GateResult(Waiting(Reason.SUSPENDED, suspended(facts)), facts.status)
    action = CreateRun(known.run, spec_of(facts, release, known.role))
    return GateResult(_wait(facts, known, action), facts.status)


def _wait(facts: FlowObserved, known: FurtherRun, action: CreateRun | Absent = ABSENT) -> Waiting[FlowAction]:
    return Waiting(Reason.RUN_IN_PROGRESS, under_way(facts, known.run), action)
