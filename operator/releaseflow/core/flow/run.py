"""Gate RunSucceeded: the run of the release has migrated the database, or found nothing pending."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.migration import Compatibility
from releaseflow.api.v1alpha1.migration_run import FlowRef, MigrationRunSpec
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.api.v1alpha1.release_flow import Approval
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import CreateRun, FlowAction
from releaseflow.core.flow.commands import run_is_approved
from releaseflow.core.flow.containers import images_that_run, released_containers
from releaseflow.core.flow.facts import FlowObserved, RunOfFlow
from releaseflow.core.flow.hints import resume, retry
from releaseflow.core.flow.history import Over, Turn, failed, with_release
from releaseflow.core.flow.targets import bypassed, first_unfenced, gate_bypassed
from releaseflow.core.run.cleanup import HARMLESS


def run_is_successful(seen: FlowObserved, release: Release) -> Turn:
    """Fence the targets, then let the run do its work; nothing is promoted before it has succeeded."""
    if release.run_outcome is not None:
        return Turn(_opened(release, release.run_outcome), seen.status)
    run = seen.run
    succeeded = isinstance(run, RunOfFlow) and run.outcome in HARMLESS
    if not succeeded:
        passed = bypassed(seen, release.image)
        if passed is not ABSENT:
            return failed(seen.status, gate_bypassed(seen, passed, release.image))
    if run is ABSENT:
        return _before_run(seen, release)
    if (run.flow_uid, run.sequence, run.image) != (seen.uid, release.sequence, release.image):
        see = commands.print_run(seen.namespace, run.name)
        why = f"MigrationRun {run.name} was not made for this release. See it: {see}"
        hint = f"{why}. {retry(seen)}"[:LONGEST_MESSAGE]
        return failed(seen.status, Failure(step="Run", reason=Reason.NAME_TAKEN, hint=hint))
    return _judged(seen, release, run)


def _before_run(seen: FlowObserved, release: Release) -> Turn:
    """Do what must be done before a run exists: judge, fence, create."""
    verdict = _reason_not_to_begin(seen, release)
    if not isinstance(verdict, Absent):
        return Turn(verdict, seen.status)
    fence = first_unfenced(seen, release)
    if fence is not ABSENT:
        return Turn(Waiting(Reason.RUN_IN_PROGRESS, in_progress(seen.namespace, release), fence), seen.status)
    action = CreateRun(release.run, run_spec(seen, release))
    return Turn(Waiting(Reason.RUN_IN_PROGRESS, in_progress(seen.namespace, release), action), seen.status)


def _reason_not_to_begin(seen: FlowObserved, release: Release) -> Over | Stopped | Waiting[FlowAction] | Absent:
    """Return why the run of a release is not created, if there is a reason."""
    if release.aborted:
        return Over(Outcome.ABORTED, Reason.ABORTED, f"The release was aborted. {retry(seen)}")
    if seen.spec.image != release.image:
        return Over(Outcome.SUPERSEDED, Reason.SUPERSEDED, f"{seen.spec.image} is wanted now")
    if _schema_is_ahead(seen, release) and not run_is_approved(seen):
        return Stopped(Reason.SCHEMA_AHEAD, _ahead(seen, release))
    if seen.spec.suspend:
        return Waiting(Reason.SUSPENDED, f"The flow is suspended. Go on: {resume(seen)}")
    return ABSENT


def _judged(seen: FlowObserved, release: Release, run: RunOfFlow) -> Turn:
    """Wait for the run, and take its outcome over."""
    if isinstance(run.outcome, Absent):
        return _waited(seen, release, run)
    if run.outcome in HARMLESS:
        record = with_release(seen.status, run_outcome=run.outcome, migrated=run.migrated)
        return Turn(_opened(release, run.outcome), record)
    if run.outcome is Reason.SUPERSEDED:
        return Turn(Over(Outcome.SUPERSEDED, Reason.SUPERSEDED, run.message), seen.status)
    if run.outcome is Reason.ABORTED:
        return Turn(Over(Outcome.ABORTED, Reason.ABORTED, f"The release was aborted. {retry(seen)}"), seen.status)
    known = Failure(step="Run", reason=run.outcome, hint=f"{run.message}. {retry(seen)}"[:LONGEST_MESSAGE])
    return failed(seen.status, known if isinstance(run.failure, Absent) else run.failure)


def _opened(release: Release, outcome: Reason) -> Opened:
    return Opened(outcome, f"MigrationRun {release.run} succeeded")


def _waited(seen: FlowObserved, release: Release, run: RunOfFlow) -> Turn:
    fence = first_unfenced(seen, release)
    if isinstance(run.stuck, Absent):
        return Turn(Waiting(Reason.RUN_IN_PROGRESS, in_progress(seen.namespace, release), fence), seen.status)
    return Turn(Waiting(run.stuck, run.message, fence), seen.status)


def run_spec(seen: FlowObserved, release: Release) -> MigrationRunSpec:
    """Return the snapshot that the run of a release works from."""
    spec = seen.spec
    return MigrationRunSpec(
        flow_ref=FlowRef(name=seen.name, uid=seen.uid, sequence=release.sequence),
        image=release.image,
        database=spec.database,
        backup=spec.backup,
        migration=spec.migration.model_copy(update={"workload_ref": _workload(seen)}),
        jobs=spec.jobs,
        approval_required=Approval.BEFORE_MIGRATION in spec.approvals,
        accept_unknown_database=release.trigger is Trigger.RETRY,
        accept_empty_database=_was_told_of_empty_database(seen, release),
    )


def _was_told_of_empty_database(seen: FlowObserved, release: Release) -> bool:
    """Whether a person retries the very release that an empty database stopped: it holds for this run alone."""
    before = seen.status.history[:1]
    return release.trigger is Trigger.RETRY and any(r.outcome_reason is Reason.DATABASE_EMPTY for r in before)


def _workload(seen: FlowObserved) -> WorkloadRef:
    """Return what the run inherits from: the workload that the flow names, else the first target."""
    targets = [WorkloadRef(kind=target.kind, name=target.name) for target in seen.spec.targets]
    ref = seen.spec.migration.workload_ref or targets[0]
    if ref.container is not None or ref not in targets:
        return ref
    return ref.model_copy(update={"container": _first_released(seen, targets.index(ref))})


def _first_released(seen: FlowObserved, index: int) -> str | None:
    """Return a target's first container that is released; None where its pod has only one container."""
    target, known, here = seen.spec.targets[index], seen.status.targets[index], seen.targets[index]
    if here is ABSENT or (not target.containers and len(here.images) == 1):
        return None
    released = released_containers(target, known, here)
    wanted = () if isinstance(released, Absent) else released
    return next((name for name, _ in here.images if name in wanted), None)


def in_progress(namespace: str, release: Release) -> str:
    """Say where the run of a release can be followed."""
    return f"MigrationRun {release.run} is under way: {commands.show_run(namespace, release.run)}"


def _schema_is_ahead(seen: FlowObserved, release: Release) -> bool:
    """Whether a Breaking migration succeeded since this image was last released."""
    past = seen.status.history
    was = max((r.sequence for r in past if r.image == release.image and r.outcome is Outcome.RELEASED), default=0)
    breaking = (
        r for r in past if r.migrated and r.compatibility is Compatibility.BREAKING and r.image != release.image
    )
    return was > 0 and any(r.sequence > was for r in breaking)


def _ahead(seen: FlowObserved, release: Release) -> str:
    approve = commands.approve(seen.namespace, seen.name, release.run)
    why = f"A Breaking migration succeeded since {release.image} was released, so it may not run on the schema of today"
    return f"{why}. {_stay(seen)} Or release a newer image or, if you know that this one can run on it: {approve}"


def _stay(seen: FlowObserved) -> str:
    """Say how to keep what serves now."""
    serving = images_that_run(seen)
    if len(serving) != 1:
        return "What serves now serves on."
    [live] = serving
    patch = commands.set_flow_image(seen.namespace, seen.name, live)
    return f"{live} serves on. Stay with it: {patch}."
