"""Follow one attempt at a step: record it, create its Job, watch it start, see it end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.decision import Waiting
from releaseflow.core.facts import ABSENT, Absent, JobSeen, PodSeen, Stuck
from releaseflow.core.reasons.table import remedy
from releaseflow.core.run.actions import CreateJob, RunAction
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.record import Turn, ended, failed, intended, step_of, with_step
from releaseflow.core.timestamps import moment, timestamp

_WORKS_IN = {StepType.CHECK: "check", StepType.BACKUP: "dump", StepType.MIGRATE: "migrate"}
"""The container of a step's pod whose log is worth following."""
ATTEMPTS = 3
"""How often a check or a backup is tried by itself. A migration never is."""
PAUSES = (5, 15)
"""Seconds before the second and the third attempt."""
UNREACHABLE_ATTEMPTS = 13
"""How often a database that cannot be reached is tried: with these pauses about ten minutes, as long as a fail-over."""
UNREACHABLE_PAUSES = (5, 15, 30, 60)
"""Seconds after the first attempts that could not reach the database; the last holds for all further ones."""
FRESH = timedelta(seconds=60)
"""Age up to which the intent of an attempt serves as the time that its Job was started."""
LOOK_FOR_WORKLOAD = 3.0
"""Seconds after which an absent workload is read again: possibly no watch delivers it."""


@dataclass(frozen=True)
class Over:
    """The attempt's Job has ended, and none of its pods is alive."""

    step: StepStatus
    job: JobSeen
    pod: PodSeen | Absent


def followed(seen: RunObserved, name: StepType, reason: Reason) -> Turn | Over:
    """Bring an attempt at a check or a backup to its end, one thing at a time."""
    step = step_of(seen.status, name)
    if step is ABSENT:
        record = intended(seen, name)
        return Turn(Waiting(reason, under_way(seen, record.steps[-1])), record)
    job = seen.job(name)
    if job is ABSENT:
        return created(seen, step, reason)
    if not is_ours(seen, step, job):
        return name_taken(seen, step, job)
    pods = pods_of_job(seen, name, job)
    if (job.complete or job.failed) and not any(pod.alive for pod in pods):
        return Over(step, job, pods[-1] if pods else ABSENT)
    return _watched(seen, step, job, reason)


def created(seen: RunObserved, step: StepStatus, reason: Reason) -> Turn:
    """Create the Job of a recorded attempt, unless it would no longer be the Job that was recorded."""
    wait = _seconds_until(seen, step.start_time)
    if wait > 0:
        return Turn(_paused(step, reason, wait), seen.status)
    missing = without_workload(seen, step.start_time)
    if not isinstance(missing, Absent):
        return missing
    fresh = seen.template_hash(step.type)
    if fresh != step.template_hash:
        record = with_step(seen.status, step.model_copy(update={"template_hash": fresh}))
        return Turn(Waiting(reason, under_way(seen, step)), record)
    action = CreateJob(step.type, step.job_name, step.attempt, step.template_hash)
    return Turn(Waiting(reason, under_way(seen, step), action), seen.status)


def tried_again(seen: RunObserved, step: StepStatus, reason: Reason, why: Failure) -> Turn:
    """Record another attempt after a pause, or stop when there were enough.

    A database that cannot be reached may be failing over: that takes minutes, and nothing has happened to it yet.
    """
    unreachable = step.unreachable + (why.reason is Reason.CONNECTION_FAILED)
    if step.attempt - unreachable >= ATTEMPTS or unreachable >= UNREACHABLE_ATTEMPTS:
        return failed(ended(seen, step, StepOutcome.FAILED, exit_code=why.exit_code), why)
    pauses, done = (UNREACHABLE_PAUSES, unreachable) if unreachable else (PAUSES, step.attempt)
    begin = seen.now + timedelta(seconds=pauses[min(done, len(pauses)) - 1])
    record = intended(seen, step.type, step.attempt + 1, begin, unreachable)
    return Turn(Waiting(reason, f"Trying again: the attempt before ended with {why.reason}"), record)


def is_ours(seen: RunObserved, step: StepStatus, job: JobSeen) -> bool:
    """Whether the Job under an attempt's name is the one that was recorded."""
    return (job.run_uid, job.attempt, job.template_hash) == (seen.uid, step.attempt, step.template_hash)


def name_taken(seen: RunObserved, step: StepStatus, job: JobSeen) -> Turn:
    """Stop since a Job that is not ours has our name."""
    see = commands.print_job(seen.namespace, job.name)
    why = f"Job {job.name} was not made by this run. See whose it is: {see}"
    return failed(seen.status, failure(seen, step.type, Reason.NAME_TAKEN, why))


def without_workload(seen: RunObserved, since: str | None) -> Turn | Absent:
    """Wait for the workload that the steps inherit from, for as long as a pod may take to start."""
    ref = seen.spec.workload_ref
    if seen.workload is ABSENT:
        reason, why = Reason.TARGET_NOT_FOUND, f"there is no {ref.kind} {ref.name} to take the environment from"
    elif not seen.workload.container_found:
        reason, why = Reason.CONTAINER_NOT_FOUND, f"{ref.kind} {ref.name} has no container to take the environment from"
    else:
        return ABSENT
    began = moment(since) if since else seen.created
    if seen.now < began + timedelta(seconds=seen.spec.jobs.start_deadline_seconds):
        look = f"{why}: {commands.show_containers(seen.namespace, ref.name)}"
        return Turn(Waiting(reason, look, look_again=LOOK_FOR_WORKLOAD), seen.status)
    return failed(seen.status, failure(seen, "Prepare", reason, why))


def _paused(step: StepStatus, reason: Reason, seconds: float) -> Waiting[RunAction]:
    """Say that the next attempt begins later."""
    if step.unreachable:
        reason, why = Reason.CONNECTION_FAILED, "The database cannot be reached; it is tried for about ten minutes"
    else:
        why = "The attempt before failed"
    return Waiting(reason, f"{why}. Attempt {step.attempt} begins at {step.start_time}", look_again=seconds)


def under_way(seen: RunObserved, step: StepStatus) -> str:
    """Say which Job a step waits for."""
    again = f", attempt {step.attempt}" if step.attempt > 1 else ""
    follow = commands.follow_job(seen.namespace, step.job_name, _WORKS_IN[step.type])
    return f"Waiting for Job {step.job_name}{again}. Follow it: {follow}"


def pods_of_job(seen: RunObserved, name: StepType, job: JobSeen) -> tuple[PodSeen, ...]:
    """Return the pods that this very Job made."""
    return tuple(pod for pod in seen.pods_of(name) if pod.job_uid == job.uid)


def _watched(seen: RunObserved, step: StepStatus, job: JobSeen, reason: Reason) -> Turn:
    """Wait for a Job, and give it up when its pod does not start in time."""
    pods = pods_of_job(seen, step.type, job)
    if any(pod.started for pod in pods):
        return waited_for(seen, step, pods, reason)
    if seen.now < start_deadline(seen, step, job):
        return Turn(start_waited_for(seen, step, job, reason), seen.status)
    return failed(ended(seen, step, StepOutcome.FAILED), not_started(seen, step, job))


def start_waited_for(seen: RunObserved, step: StepStatus, job: JobSeen, reason: Reason) -> Waiting[RunAction]:
    """Wait for a pod to start: say why it does not, what to do about that, and until when that helps."""
    deadline = start_deadline(seen, step, job)
    again = (deadline - seen.now).total_seconds()
    if isinstance(job.stuck, Absent):
        return Waiting(reason, under_way(seen, step), look_again=again)
    pod = next((pod.name for pod in pods_of_job(seen, step.type, job)), "")
    do = remedy(job.stuck.reason, namespace=seen.namespace, job=job.name, pod=pod)
    until = f"Until {timestamp(deadline)} it starts by itself once the cause is gone"
    return Waiting(job.stuck.reason, f"{job.stuck.message.rstrip('.')}. {do}. {until}", look_again=again)


def waited_for(seen: RunObserved, step: StepStatus, pods: tuple[PodSeen, ...], reason: Reason) -> Turn:
    """Wait for a pod that runs, and say so where its node no longer answers."""
    lost = next((pod for pod in pods if pod.node_lost and pod.alive), ABSENT)
    if lost is ABSENT:
        return Turn(Waiting(reason, under_way(seen, step)), seen.status)
    message = (
        f"The node of pod {lost.name} does not answer; step {step.type} may still be running there. "
        f"Once the node is known to be off: {commands.TAINT_LOST_NODE}"
    )
    return Turn(Waiting(Reason.NODE_LOST, message), seen.status)


def not_started(seen: RunObserved, step: StepStatus, job: JobSeen) -> Failure:
    """Describe a step whose pod did not start in time."""
    unknown = Stuck(step.given_up or Reason.CONTAINER_NOT_STARTED, "no container started")
    stuck = job.stuck if isinstance(job.stuck, Stuck) else unknown
    why = f"the pod did not start within {seen.spec.jobs.start_deadline_seconds} s: {stuck.message.rstrip('.')}"
    pod = next((pod.name for pod in pods_of_job(seen, step.type, job)), "")
    return failure(seen, step.type, stuck.reason, why, pod=pod)


def start_deadline(seen: RunObserved, step: StepStatus, job: JobSeen) -> datetime:
    """Return until when a Job's pod may start.

    A resumed Job that its controller has not observed yet counts from the latest time of its resumption.
    """
    since = job.start_time or job.created
    if job.start_time is None and job.edited and step.start_time:
        since = moment(step.start_time) + FRESH
    return since + timedelta(seconds=seen.spec.jobs.start_deadline_seconds)


def is_fresh(seen: RunObserved, step: StepStatus) -> bool:
    """Whether an attempt was decided on so lately that this counts as its start."""
    return step.start_time is not None and seen.now - moment(step.start_time) <= FRESH


def _seconds_until(seen: RunObserved, time: str | None) -> float:
    until: datetime = moment(time) if time else seen.now
    return (until - seen.now).total_seconds()
