"""Gates RunReady and Started: a migration that runs as the first target starts, once all before it is done.

The run does what comes before a migration, records that it is ready, and keeps its lock. Then the release records that
the migration may have begun, and only then writes image and migration into the target, in one write. So both records
are there before the first pod that migrates: a run that is ended before the release has begun left no trace, and one
that is ended later may have changed the database. How the migration ended is for the run to say (gate RunSucceeded).
"""

from releaseflow.api.v1alpha1.failure import FailedStep
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Startup
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.failures import failure
from releaseflow.core.flow.hints import resume, retry
from releaseflow.core.flow.history import FlowResult, ReleaseEnded, fail_release, with_release
from releaseflow.core.flow.promotion import promote
from releaseflow.core.flow.run import run_is_successful
from releaseflow.core.flow.startup_safety import startup_hazard
from releaseflow.core.flow.targets import CONTAINER_POLL_SECONDS
from releaseflow.core.flow.wanted import no_longer_wanted
from releaseflow.core.gates import GateResult


def run_is_ready(facts: FlowObserved, release: Release) -> FlowResult:
    """Let the run check and back up, unless the target is not one for this way; open once only the migration is left.

    Where nothing is pending, the run is over, and so is this way: the image is promoted as ever.
    """
    if release.run_outcome is not None or release.startup is Startup.BEGUN:
        return GateResult(Opened(), facts.status)
    hazard = startup_hazard(facts) if facts.run is ABSENT else ""
    if hazard:
        return GateResult(_unsafe(hazard), facts.status)
    result = run_is_successful(facts, release)
    ready = facts.run is not ABSENT and facts.run.awaits_startup
    if ready and isinstance(result.verdict, Waiting):
        return GateResult(Opened(message=f"MigrationRun {release.run} is ready for the migration"), facts.status)
    return result


def first_target_is_started(facts: FlowObserved, release: Release) -> FlowResult:
    """Record that the migration may begin, then write it into the first target together with the image."""
    if release.run_outcome is not None or facts.status.targets[0].step is not TargetStep.PENDING:
        return GateResult(Opened(), facts.status)
    if release.startup is Startup.BEGUN:
        return _write(facts, release)
    held = _reason_not_to_start(facts, release)
    return _begin(facts) if held is ABSENT else held


def _write(facts: FlowObserved, release: Release) -> FlowResult:
    """Write image and migration, unless the run does not know any more that it may begin; one that ended says how."""
    if facts.run is not ABSENT and facts.run.outcome is not ABSENT:
        return GateResult(Opened(), facts.status)
    if facts.run is not ABSENT and facts.run.awaits_startup:
        return promote(facts, release, 0)
    why = f"MigrationRun {release.run} or its record was deleted while its migration was being written"
    return fail_release(facts.status, failure(facts, FailedStep.RUN, Reason.OUTCOME_UNKNOWN, why))


def _begin(facts: FlowObserved) -> FlowResult:
    """Record that the migration may be written; on live reads, since the run has to hold its lock at this moment."""
    spec = facts.spec.targets[0]
    message = f"Moving {spec.kind} {spec.name} to {facts.release.image}"
    status = with_release(facts.status, startup=Startup.BEGUN)
    return GateResult(Waiting(Reason.PROMOTING, message, requires_live_read=True), status)


def _reason_not_to_start(facts: FlowObserved, release: Release) -> FlowResult | Absent:
    """Return why the migration is not written, if there is a reason: later there is no way back."""
    run = facts.run
    if run is ABSENT or run.deleting:
        why = f"MigrationRun {release.run} was deleted before its migration started"
        return fail_release(facts.status, failure(facts, FailedStep.RUN, Reason.RUN_DELETED, why))
    if run.backup_expires is not None and facts.now > run.backup_expires:
        why = "the backup grew older than backup.maximumAgeSeconds before the migration could start"
        return fail_release(facts.status, failure(facts, FailedStep.BACKUP, Reason.BACKUP_EXPIRED, why))
    verdict = _end_before_start(facts, release)
    if verdict is ABSENT:
        hazard = startup_hazard(facts)
        verdict = _unsafe(hazard) if hazard else ABSENT
    return ABSENT if verdict is ABSENT else GateResult(verdict, facts.status)


def _end_before_start(facts: FlowObserved, release: Release) -> ReleaseEnded | Waiting[FlowAction] | Absent:
    """Return what a person wants instead of the migration."""
    if release.aborted:
        return ReleaseEnded(Outcome.ABORTED, Reason.ABORTED, f"The release was aborted. {retry(facts)}")
    changed = no_longer_wanted(facts, release)
    if changed is not ABSENT:
        return changed
    if facts.spec.suspend:
        return Waiting(Reason.SUSPENDED, f"Not migrated yet: the flow is suspended. Go on: {resume(facts)}")
    return ABSENT


def _unsafe(hazard: str) -> Waiting[FlowAction]:
    return Waiting(Reason.STARTUP_UNSAFE, hazard, requeue_after=CONTAINER_POLL_SECONDS)
