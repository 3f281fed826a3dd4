"""What a step waits for, and how long its pod may take to start."""

from datetime import datetime, timedelta

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.containers import WITH_LOG, ContainerName
from releaseflow.core.decision import Waiting
from releaseflow.core.facts import ABSENT, JobFacts, PendingCause, PodFacts
from releaseflow.core.reasons.table import remedy
from releaseflow.core.run.actions import RunAction
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failed_step, failure
from releaseflow.core.timestamps import moment, timestamp

STARTED_ONCE = frozenset({StepType.MIGRATE, StepType.HOOK})
"""Steps whose Jobs are created suspended, and started once."""
FRESH = timedelta(seconds=60)
"""Age up to which the intent of an attempt serves as the time that its Job was started."""


def wait_for_start(facts: RunObserved, step: StepStatus, job: JobFacts, reason: Reason) -> Waiting[RunAction]:
    """Wait for a pod to start: say why it does not, what to do about that, and until when that helps."""
    deadline = start_deadline(facts, step, job)
    again = (deadline - facts.now).total_seconds()
    if job.pending_cause is ABSENT:
        return Waiting(reason, progress_message(facts, step), requeue_after=again)
    pod = next((pod.name for pod in pods_of_job(facts, step.type, job)), "")
    do = remedy(job.pending_cause.reason, namespace=facts.namespace, job=job.name, pod=pod)
    until = f"Until {timestamp(deadline)} it starts by itself once the cause is gone"
    return Waiting(
        job.pending_cause.reason, f"{job.pending_cause.message.rstrip('.')}. {do}. {until}", requeue_after=again
    )


def start_failure(facts: RunObserved, step: StepStatus, job: JobFacts) -> Failure:
    """Describe a step whose pod did not start in time."""
    unknown = PendingCause(step.given_up or Reason.CONTAINER_NOT_STARTED, "no container started")
    cause = job.pending_cause if job.pending_cause is not ABSENT else unknown
    why = f"the pod did not start within {facts.spec.jobs.start_deadline_seconds} s: {cause.message.rstrip('.')}"
    pod = next((pod.name for pod in pods_of_job(facts, step.type, job)), "")
    return failure(facts, failed_step(step.type), cause.reason, why, pod=pod)


def start_deadline(facts: RunObserved, step: StepStatus, job: JobFacts) -> datetime:
    """Return until when a Job's pod may start.

    A resumed Job that its controller has not observed yet counts from the latest time of its resumption.
    """
    since = job.start_time or job.created
    if job.start_time is None and job.edited and step.start_time:
        since = moment(step.start_time) + FRESH
    return since + timedelta(seconds=facts.spec.jobs.start_deadline_seconds)


def is_fresh(facts: RunObserved, step: StepStatus) -> bool:
    """Whether an attempt was decided on so lately that this counts as its start."""
    return step.start_time is not None and facts.now - moment(step.start_time) <= FRESH


def progress_message(facts: RunObserved, step: StepStatus) -> str:
    """Say which Job a step waits for."""
    again = f", attempt {step.attempt}" if step.attempt > 1 else ""
    follow = commands.follow_job(facts.namespace, step.job_name, _with_log(facts, step.type))
    return f"Waiting for Job {step.job_name}{again}. Follow it: {follow}"


def _with_log(facts: RunObserved, step: StepType) -> ContainerName:
    """Return the container of a step's pod whose log is worth following."""
    records_point = step is StepType.BACKUP and facts.spec.backup.point_in_time is not None
    return ContainerName.POINT if records_point else WITH_LOG[step]


def pods_of_job(facts: RunObserved, name: StepType, job: JobFacts) -> tuple[PodFacts, ...]:
    """Return the pods that this very Job made."""
    return tuple(pod for pod in facts.pods_of(name) if pod.job_uid == job.uid)
