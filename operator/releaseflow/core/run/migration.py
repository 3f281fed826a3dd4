"""Gate Migrated: a migration is started once, in two phases, and never again."""

from releaseflow.api.v1alpha1.failure import FailedStep
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.decision import Waiting
from releaseflow.core.facts import ABSENT, JobFacts, PodFacts
from releaseflow.core.gates import GateResult
from releaseflow.core.run.actions import StartMigration, SuspendJob
from releaseflow.core.run.attempt import create_job, is_ours, stop_name_taken, wait_for_pod
from releaseflow.core.run.early_end import is_suspended
from releaseflow.core.run.evidence import containers_have_ended, step_is_over
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.outcome import give_up_migration, read_end, stop_as_unknown
from releaseflow.core.run.record import RunResult, fail_run, step_of, with_attempt, with_step
from releaseflow.core.run.second_check import is_asked_again, nothing_is_pending_any_more
from releaseflow.core.run.start import is_fresh, pods_of_job, progress_message, start_deadline, wait_for_start
from releaseflow.core.timestamps import timestamp
from releaseflow.core.tools import runs_at_startup

STEP = StepType.MIGRATE


def migration_is_done(facts: RunObserved) -> RunResult:
    """Record the intent, create the Job suspended, record its UID, start it, and believe only its proven success."""
    step = step_of(facts.status, STEP)
    if step is ABSENT:
        return _record_attempt(facts)
    if step.outcome is not None:
        return go_on_after_the_end(facts, step)
    job = facts.job(STEP)
    if not step.job_uid:
        return _create_and_record(facts, step)
    if job is ABSENT or job.uid != step.job_uid or (job.deleting and not _containers_have_ended(facts, job)):
        return stop_as_unknown(facts, step, "its Job was deleted or replaced while it was under way")
    if not is_ours(facts, step, job):
        return stop_as_unknown(facts, step, "its Job no longer is the one that was recorded")
    return _follow_migration(facts, step, job)


def has_started(facts: RunObserved) -> bool:
    """Whether the migration may have begun: until it has, a run may be ended and its Job deleted."""
    if runs_at_startup(facts.spec):
        return step_of(facts.status, STEP) is not ABSENT or (facts.flow is not ABSENT and facts.flow.start.has_begun)
    if facts.pods_of(STEP):
        return True
    step, job = step_of(facts.status, STEP), facts.job(STEP)
    recorded = "" if step is ABSENT else step.job_uid
    if job is ABSENT or recorded not in {"", job.uid} or job.run_uid != facts.uid:
        return bool(recorded)
    return not never_started(job)


def never_started(job: JobFacts) -> bool:
    """Whether a Job is as it was created: suspended, and never edited since (its deletion counts as an edit)."""
    return job.suspended and job.start_time is None and (job.deleting or not job.edited)


def go_on_after_the_end(facts: RunObserved, step: StepStatus) -> RunResult:
    """Ask the check once more where that is recorded; a migration that ended otherwise has ended its run with it."""
    if is_asked_again(facts.status, step):
        return nothing_is_pending_any_more(facts)
    return stop_as_unknown(facts, step, "it ended once already, but the end of its run was not recorded")


def _record_attempt(facts: RunObserved) -> RunResult:
    """Record the intent, unless the migration is under way already, and its record is lost."""
    status = with_attempt(facts, STEP)
    step = status.steps[-1]
    if has_started(facts):
        return stop_as_unknown(facts, step, "its record was lost while it was under way")
    return GateResult(Waiting(Reason.MIGRATING, progress_message(facts, step)), status)


def _create_and_record(facts: RunObserved, step: StepStatus) -> RunResult:
    """Create the suspended Job, and record its UID before it may be started."""
    job = facts.job(STEP)
    if job is ABSENT and facts.pods_of(STEP):
        return stop_as_unknown(facts, step, "its Job is gone, but a pod of it exists")
    if job is ABSENT:
        return create_job(facts, step, Reason.MIGRATING)
    if not is_ours(facts, step, job):
        return stop_name_taken(facts, step, job)
    if job.altered:
        return _refuse_altered(facts, job)
    status = with_step(facts.status, step.model_copy(update={"job_uid": job.uid}))
    return GateResult(Waiting(Reason.MIGRATING, progress_message(facts, step)), status)


def _follow_migration(facts: RunObserved, step: StepStatus, job: JobFacts) -> RunResult:
    """Start the recorded Job, wait for it, and read how it ended."""
    if step.given_up is not None:
        return _give_up(facts, step, job)
    judged = job.complete or job.failed
    if never_started(job) and not judged:
        return _start(facts, step, job)
    if job.suspended and not judged:
        return stop_as_unknown(facts, step, "its Job was suspended by somebody, which ends its pod")
    if step_is_over(pods_of_job(facts, STEP, job), job):
        return read_end(facts, step, job)
    return _follow_running(facts, step, job)


def _containers_have_ended(facts: RunObserved, job: JobFacts) -> bool:
    """Whether a pod that is kept tells how the migration ended, whatever became of its Job since."""
    return containers_have_ended(pods_of_job(facts, STEP, job))


def _start(facts: RunObserved, step: StepStatus, job: JobFacts) -> RunResult:
    """Start the recorded Job; its time to start counts from now where it waited for long."""
    if facts.pods_of(STEP):
        return stop_as_unknown(facts, step, "a pod of it exists, although it was not started")
    if job.altered:
        return _refuse_altered(facts, job)
    start = StartMigration(job.name, job.uid, job.resource_version)
    if is_fresh(facts, step) or is_suspended(facts):
        return GateResult(Waiting(Reason.MIGRATING, progress_message(facts, step), start), facts.status)
    status = with_step(facts.status, step.model_copy(update={"start_time": timestamp(facts.now)}))
    return GateResult(Waiting(Reason.MIGRATING, progress_message(facts, step)), status)


def _refuse_altered(facts: RunObserved, job: JobFacts) -> RunResult:
    """Refuse to start a Job that Kubernetes might repeat."""
    why = f"{', '.join(job.altered)} of Job {job.name} are not as asked for: its pod could be made twice"
    return fail_run(facts.status, failure(facts, FailedStep.MIGRATE, Reason.JOB_ALTERED, why))


def _follow_running(facts: RunObserved, step: StepStatus, job: JobFacts) -> RunResult:
    """Wait for a started migration as long as it takes; give up one whose pod does not start in time."""
    pods = pods_of_job(facts, STEP, job)
    if any(pod.started for pod in pods):
        return wait_for_pod(facts, step, pods, Reason.MIGRATING)
    if facts.now < start_deadline(facts, step, job):
        status = _with_pod(facts, step, pods) if job.pending_cause is not ABSENT else facts.status
        return GateResult(wait_for_start(facts, step, job, Reason.MIGRATING), status)
    reason = job.pending_cause.reason if job.pending_cause is not ABSENT else Reason.CONTAINER_NOT_STARTED
    name = pods[-1].name if pods else step.pod_name
    status = with_step(facts.status, step.model_copy(update={"given_up": reason, "pod_name": name}))
    return GateResult(Waiting(Reason.STOPPING, "The migration's pod did not start in time: stopping it"), status)


def _give_up(facts: RunObserved, step: StepStatus, job: JobFacts) -> RunResult:
    """Suspend a Job whose pod did not start; one that did start after all is left to finish."""
    pods = pods_of_job(facts, STEP, job)
    if not job.suspended and any(pod.started for pod in pods):
        status = with_step(facts.status, step.model_copy(update={"given_up": None}))
        return GateResult(Waiting(Reason.MIGRATING, progress_message(facts, step)), status)
    if not job.suspended and not job.failed and not job.complete:
        action = SuspendJob(job.name, job.uid, job.resource_version)
        return GateResult(Waiting(Reason.STOPPING, "Stopping the migration's Job", action), facts.status)
    if any(pod.alive for pod in pods):
        return GateResult(Waiting(Reason.STOPPING, "Waiting for the migration's pod to end"), facts.status)
    return give_up_migration(facts, step, job)


def _with_pod(facts: RunObserved, step: StepStatus, pods: tuple[PodFacts, ...]) -> MigrationRunStatus:
    name = pods[-1].name if pods else step.pod_name
    return with_step(facts.status, step.model_copy(update={"pod_name": name}))
