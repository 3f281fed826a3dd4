"""Gate RunSucceeded: the run of the release has migrated the database, or found nothing pending."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import FailedStep
from releaseflow.api.v1alpha1.migration import Compatibility
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import CreateRun, FlowAction
from releaseflow.core.flow.commands import run_is_approved
from releaseflow.core.flow.containers import images_that_run
from releaseflow.core.flow.facts import FlowObserved, RunForFlow
from releaseflow.core.flow.failures import bypass_failure, command_to_put_back, failure
from releaseflow.core.flow.fences import next_fence
from releaseflow.core.flow.follow import follows_targets
from releaseflow.core.flow.further_runs import further_run
from releaseflow.core.flow.held import is_gated
from releaseflow.core.flow.hints import retry, suspended, under_way
from releaseflow.core.flow.history import FlowResult, ReleaseEnded, fail_release, with_release
from releaseflow.core.flow.interference import find_bypassed
from releaseflow.core.flow.run_spec import run_spec
from releaseflow.core.flow.wanted import no_longer_wanted
from releaseflow.core.gates import GateResult
from releaseflow.core.outcomes import SUCCESSFUL


def run_is_successful(facts: FlowObserved, release: Release) -> FlowResult:
    """Fence the targets, then let the run do its work; nothing is promoted before it has succeeded."""
    if release.run_outcome is not None:
        return GateResult(_open(release, release.run_outcome), facts.status)
    run = facts.run
    succeeded = run is not ABSENT and run.outcome in SUCCESSFUL
    if not succeeded:
        passed = find_bypassed(facts, release.image)
        if passed is not ABSENT:
            return fail_release(facts.status, bypass_failure(facts, passed))
    if run is ABSENT:
        return _create_run(facts, release)
    if (run.flow_uid, run.sequence, run.image) != (facts.uid, release.sequence, release.image):
        see = commands.print_run(facts.namespace, run.name)
        why = f"MigrationRun {run.name} was not made for this release. See it: {see}"
        return fail_release(facts.status, failure(facts, FailedStep.RUN, Reason.NAME_TAKEN, why))
    return _follow_run(facts, release, run)


def _create_run(facts: FlowObserved, release: Release) -> FlowResult:
    """Do what must be done before a run exists: judge, fence, create."""
    verdict = reason_not_to_begin(facts, release)
    if verdict is not ABSENT:
        return GateResult(verdict, facts.status)
    fence = next_fence(facts, release)
    if fence is not ABSENT:
        return GateResult(Waiting(Reason.RUN_IN_PROGRESS, under_way(facts, release.run), fence), facts.status)
    action = CreateRun(release.run, run_spec(facts, release))
    return GateResult(Waiting(Reason.RUN_IN_PROGRESS, under_way(facts, release.run), action), facts.status)


def reason_not_to_begin(facts: FlowObserved, release: Release) -> ReleaseEnded | Stopped | Waiting[FlowAction] | Absent:
    """Return why the run of a release is not created, if there is a reason."""
    if release.aborted:
        return ReleaseEnded(Outcome.ABORTED, Reason.ABORTED, f"The release was aborted. {retry(facts)}")
    changed = no_longer_wanted(facts, release)
    if changed is not ABSENT:
        return changed
    if _schema_is_ahead(facts, release) and not run_is_approved(facts):
        return Stopped(Reason.SCHEMA_AHEAD, _schema_ahead_message(facts, release))
    if facts.spec.suspend:
        return Waiting(Reason.SUSPENDED, suspended(facts))
    return ABSENT


def _follow_run(facts: FlowObserved, release: Release, run: RunForFlow) -> FlowResult:
    """Wait for the run, and take its outcome over."""
    if run.outcome is ABSENT:
        return _wait_for_run(facts, release, run)
    if run.outcome in SUCCESSFUL:
        status = with_release(facts.status, run_outcome=run.outcome, migrated=run.migrated)
        return GateResult(_open(release, run.outcome), status)
    if run.outcome is Reason.SUPERSEDED:
        return GateResult(ReleaseEnded(Outcome.SUPERSEDED, Reason.SUPERSEDED, run.message), facts.status)
    if run.outcome is Reason.ABORTED:
        return GateResult(
            ReleaseEnded(Outcome.ABORTED, Reason.ABORTED, f"The release was aborted. {retry(facts)}"), facts.status
        )
    if run.failure is ABSENT:
        return fail_release(facts.status, failure(facts, FailedStep.RUN, run.outcome, run.message))
    return fail_release(facts.status, run.failure)


def _open(release: Release, outcome: Reason) -> Opened:
    return Opened(outcome, f"MigrationRun {release.run} succeeded")


def _wait_for_run(facts: FlowObserved, release: Release, run: RunForFlow) -> FlowResult:
    fence = next_fence(facts, release)
    if run.pending_reason is ABSENT:
        return GateResult(Waiting(Reason.RUN_IN_PROGRESS, under_way(facts, release.run), fence), facts.status)
    return GateResult(Waiting(run.pending_reason, run.message, fence), facts.status)


def _schema_is_ahead(facts: FlowObserved, release: Release) -> bool:
    """Whether a Breaking migration succeeded since this image was last released."""
    past = facts.status.history
    was = max((r.sequence for r in past if r.image == release.image and r.outcome is Outcome.RELEASED), default=0)
    breaking = (r for r in past if _leaves_others_behind(r) and r.image != release.image)
    return was > 0 and any(r.sequence > was for r in breaking)


def _leaves_others_behind(release: Release) -> bool:
    """Whether an older image may not run on the schema that a release left: it broke it, or contracted it."""
    contract = further_run(release, RunRole.CONTRACT)
    contracted = contract is not ABSENT and contract.outcome is Reason.MIGRATED
    return contracted or (release.migrated and release.compatibility is Compatibility.BREAKING)


def _schema_ahead_message(facts: FlowObserved, release: Release) -> str:
    approve = commands.approve(facts.namespace, facts.name, release.run)
    why = f"A Breaking migration succeeded since {release.image} was released, so it may not run on the schema of today"
    leave = "Put back" if follows_targets(facts.spec) else "Or release"
    return f"{why}. {_stay_hint(facts)} {leave} a newer image or, if you know that this one can run on it: {approve}"


def _stay_hint(facts: FlowObserved) -> str:
    """Say how to keep what serves now."""
    if follows_targets(facts.spec):
        return "Its pods were not held back."
    serving = images_that_run(facts)
    if len(serving) != 1:
        return "What serves now serves on."
    [live] = serving
    put_back = facts.targets[0] if is_gated(facts.spec) else ABSENT
    stay = (
        commands.set_flow_image(facts.namespace, facts.name, live)
        if put_back is ABSENT
        else command_to_put_back(facts, put_back)
    )
    return f"{live} serves on. Stay with it: {stay}."
