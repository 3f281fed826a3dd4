"""Gate Migrated: a migration is started once, in two phases, and never again."""

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.decision import Waiting
from releaseflow.core.facts import ABSENT, JobSeen, PodSeen, Stuck
from releaseflow.core.run.actions import StartMigration, SuspendJob
from releaseflow.core.run.attempt import (
    created,
    is_fresh,
    is_ours,
    name_taken,
    pods_of_job,
    start_deadline,
    start_waited_for,
    under_way,
    waited_for,
)
from releaseflow.core.run.early_end import is_suspended
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.outcome import given_up, migration_failed, outcome_unknown, verified
from releaseflow.core.run.record import Turn, failed, intended, step_of, with_step
from releaseflow.core.timestamps import timestamp

STEP = StepType.MIGRATE


def migration_is_done(seen: RunObserved) -> Turn:
    """Record the intent, create the Job suspended, record its UID, start it, and believe only its proven success."""
    step = step_of(seen.status, STEP)
    if step is ABSENT:
        return _unrecorded(seen)
    if step.outcome is not None:
        return outcome_unknown(seen, step, "it ended once already, but the end of its run was not recorded")
    job = seen.job(STEP)
    if not step.job_uid:
        return _identified(seen, step)
    if job is ABSENT or job.uid != step.job_uid or job.deleting:
        return outcome_unknown(seen, step, "its Job was deleted or replaced while it was under way")
    if not is_ours(seen, step, job):
        return outcome_unknown(seen, step, "its Job no longer is the one that was recorded")
    return _followed(seen, step, job)


def has_started(seen: RunObserved) -> bool:
    """Whether the migration may have begun: until it has, a run may be ended and its Job deleted."""
    if seen.pods_of(STEP):
        return True
    step, job = step_of(seen.status, STEP), seen.job(STEP)
    recorded = "" if step is ABSENT else step.job_uid
    if job is ABSENT or recorded not in {"", job.uid} or job.run_uid != seen.uid:
        return bool(recorded)
    return not never_started(job)


def never_started(job: JobSeen) -> bool:
    """Whether a Job is as it was created: suspended, and never edited since (its deletion counts as an edit)."""
    return job.suspended and job.start_time is None and (job.deleting or not job.edited)


def _unrecorded(seen: RunObserved) -> Turn:
    """Record the intent, unless the migration is under way already, and its record is lost."""
    record = intended(seen, STEP)
    step = record.steps[-1]
    if has_started(seen):
        return outcome_unknown(seen, step, "its record was lost while it was under way")
    return Turn(Waiting(Reason.MIGRATING, under_way(seen, step)), record)


def _identified(seen: RunObserved, step: StepStatus) -> Turn:
    """Create the suspended Job, and record its UID before it may be started."""
    job = seen.job(STEP)
    if job is ABSENT and seen.pods_of(STEP):
        return outcome_unknown(seen, step, "its Job is gone, but a pod of it exists")
    if job is ABSENT:
        return created(seen, step, Reason.MIGRATING)
    if not is_ours(seen, step, job):
        return name_taken(seen, step, job)
    if job.altered:
        return _altered(seen, job)
    record = with_step(seen.status, step.model_copy(update={"job_uid": job.uid}))
    return Turn(Waiting(Reason.MIGRATING, under_way(seen, step)), record)


def _followed(seen: RunObserved, step: StepStatus, job: JobSeen) -> Turn:
    """Start the recorded Job, wait for it, and read how it ended."""
    if step.given_up is not None:
        return _giving_up(seen, step, job)
    if job.complete or job.failed:
        return _ended(seen, step, job)
    if never_started(job):
        return _to_be_started(seen, step, job)
    if job.suspended:
        return outcome_unknown(seen, step, "its Job was suspended by somebody, which ends its pod")
    return _running(seen, step, job)


def _ended(seen: RunObserved, step: StepStatus, job: JobSeen) -> Turn:
    """Read how a Job ended, once none of its pods is at work; one that says Complete waits for no pod to start."""
    pods = pods_of_job(seen, STEP, job)
    if any(pod.alive and (pod.started or not job.complete) for pod in pods):
        return waited_for(seen, step, pods, Reason.MIGRATING)
    return verified(seen, step, job) if job.complete else migration_failed(seen, step, job)


def _to_be_started(seen: RunObserved, step: StepStatus, job: JobSeen) -> Turn:
    """Start the recorded Job; its time to start counts from now where it waited for long."""
    if seen.pods_of(STEP):
        return outcome_unknown(seen, step, "a pod of it exists, although it was not started")
    if job.altered:
        return _altered(seen, job)
    start = StartMigration(job.name, job.uid, job.resource_version)
    if is_fresh(seen, step) or is_suspended(seen):
        return Turn(Waiting(Reason.MIGRATING, under_way(seen, step), start), seen.status)
    record = with_step(seen.status, step.model_copy(update={"start_time": timestamp(seen.now)}))
    return Turn(Waiting(Reason.MIGRATING, under_way(seen, step)), record)


def _altered(seen: RunObserved, job: JobSeen) -> Turn:
    """Refuse to start a Job that Kubernetes might repeat."""
    why = f"{', '.join(job.altered)} of Job {job.name} are not as asked for: its pod could be made twice"
    return failed(seen.status, failure(seen, STEP, Reason.JOB_ALTERED, why))


def _running(seen: RunObserved, step: StepStatus, job: JobSeen) -> Turn:
    """Wait for a started migration as long as it takes; give up one whose pod does not start in time."""
    pods = pods_of_job(seen, STEP, job)
    if any(pod.started for pod in pods):
        return waited_for(seen, step, pods, Reason.MIGRATING)
    if seen.now < start_deadline(seen, step, job):
        record = _with_pod(seen, step, pods) if isinstance(job.stuck, Stuck) else seen.status
        return Turn(start_waited_for(seen, step, job, Reason.MIGRATING), record)
    reason = job.stuck.reason if isinstance(job.stuck, Stuck) else Reason.CONTAINER_NOT_STARTED
    name = pods[-1].name if pods else step.pod_name
    record = with_step(seen.status, step.model_copy(update={"given_up": reason, "pod_name": name}))
    return Turn(Waiting(Reason.STOPPING, "The migration's pod did not start in time: stopping it"), record)


def _giving_up(seen: RunObserved, step: StepStatus, job: JobSeen) -> Turn:
    """Suspend a Job whose pod did not start; one that did start after all is left to finish."""
    pods = pods_of_job(seen, STEP, job)
    if not job.suspended and any(pod.started for pod in pods):
        record = with_step(seen.status, step.model_copy(update={"given_up": None}))
        return Turn(Waiting(Reason.MIGRATING, under_way(seen, step)), record)
    if not job.suspended and not job.failed and not job.complete:
        action = SuspendJob(job.name, job.uid, job.resource_version)
        return Turn(Waiting(Reason.STOPPING, "Stopping the migration's Job", action), seen.status)
    if any(pod.alive for pod in pods):
        return Turn(Waiting(Reason.STOPPING, "Waiting for the migration's pod to end"), seen.status)
    return given_up(seen, step, job)


def _with_pod(seen: RunObserved, step: StepStatus, pods: tuple[PodSeen, ...]) -> MigrationRunStatus:
    name = pods[-1].name if pods else step.pod_name
    return with_step(seen.status, step.model_copy(update={"pod_name": name}))
