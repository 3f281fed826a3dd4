"""Follow one attempt at a step: record it, create its Job, watch it start, see it end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.decision import Waiting
from releaseflow.core.facts import ABSENT, Absent, JobFacts, PodFacts
from releaseflow.core.gates import GateResult
from releaseflow.core.run.actions import CreateJob, CreateJobAnew, CreateReportJob, RunAction
from releaseflow.core.run.connection import missing_connection
from releaseflow.core.run.evidence import step_is_over
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failed_step, failure
from releaseflow.core.run.record import RunResult, fail_run, step_of, with_attempt, with_step, with_step_outcome
from releaseflow.core.run.start import pods_of_job, progress_message, start_deadline, start_failure, wait_for_start
from releaseflow.core.timestamps import moment
from releaseflow.workloads.registry import WORKLOADS

ATTEMPTS = 3
"""How often a check or a backup is tried by itself. A migration never is."""
PAUSES = (5, 15)
"""Seconds before the second and the third attempt."""
UNREACHABLE_ATTEMPTS = 13
"""How often a database that cannot be reached is tried: with these pauses about ten minutes, as long as a fail-over."""
UNREACHABLE_PAUSES = (5, 15, 30, 60)
"""Seconds after the first attempts that could not reach the database; the last holds for all further ones."""
WORKLOAD_POLL_SECONDS = 3.0
"""Seconds after which an absent workload is read again: possibly no watch delivers it."""


@dataclass(frozen=True)
class AttemptEnded:
    """The attempt's containers have ended, or its Job before any of them ran."""

    step: StepStatus
    job: JobFacts
    pod: PodFacts | Absent
    """The one pod of the Job; ABSENT where that is gone, or is not the only one."""


def follow_attempt(facts: RunObserved, name: StepType, reason: Reason) -> RunResult | AttemptEnded:
    """Bring an attempt at a check or a backup to its end, one thing at a time."""
    step = step_of(facts.status, name)
    if step is ABSENT:
        status = with_attempt(facts, name)
        return GateResult(Waiting(reason, progress_message(facts, status.steps[-1])), status)
    job = facts.job(name)
    if job is ABSENT:
        return create_job(facts, step, reason)
    if not is_ours(facts, step, job):
        return stop_name_taken(facts, step, job)
    pods = pods_of_job(facts, name, job)
    if step_is_over(pods, job):
        return AttemptEnded(step, job, pods[0] if len(pods) == 1 else ABSENT)
    return _watch_job(facts, step, job, reason)


def create_job(facts: RunObserved, step: StepStatus, reason: Reason) -> RunResult:
    """Create the Job of a recorded attempt, unless it would no longer be the Job that was recorded."""
    wait = _seconds_until(facts, step.start_time)
    if wait > 0:
        return GateResult(_pause(step, reason, wait), facts.status)
    missing = wait_for_workload(facts, step.start_time)
    if missing is not ABSENT:
        return missing
    fresh = facts.template_hash(step.type)
    if fresh != step.template_hash:
        status = with_step(facts.status, step.model_copy(update={"template_hash": fresh}))
        return GateResult(Waiting(reason, progress_message(facts, step)), status)
    action = _creation_of(step)(step.type, step.job_name, step.attempt, step.template_hash)
    return GateResult(Waiting(reason, progress_message(facts, step), action), facts.status)


def _creation_of(step: StepStatus) -> type[CreateJob]:
    if step.type is StepType.REPORT:
        return CreateReportJob
    return CreateJobAnew if step.asked_before else CreateJob


def try_again(facts: RunObserved, step: StepStatus, reason: Reason, why: Failure) -> RunResult:
    """Record another attempt after a pause, or stop when there were enough.

    A database that cannot be reached may be failing over: that takes minutes, and nothing has happened to it yet.
    """
    unreachable = step.unreachable + (why.reason is Reason.CONNECTION_FAILED)
    tried = step.attempt - step.asked_before
    if tried - step.expired - unreachable >= ATTEMPTS or unreachable >= UNREACHABLE_ATTEMPTS:
        return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED, exit_code=why.exit_code), why)
    pauses, done = (UNREACHABLE_PAUSES, unreachable) if unreachable else (PAUSES, tried)
    begin = facts.now + timedelta(seconds=pauses[min(done, len(pauses)) - 1])
    status = with_attempt(
        facts,
        step.type,
        step.attempt + 1,
        begin,
        {"unreachable": unreachable, "expired": step.expired, "asked_before": step.asked_before},
    )
    return GateResult(Waiting(reason, f"Trying again: the attempt before ended with {why.reason}"), status)


def is_ours(facts: RunObserved, step: StepStatus, job: JobFacts) -> bool:
    """Whether the Job under an attempt's name is the one that was recorded."""
    return (job.run_uid, job.attempt, job.template_hash) == (facts.uid, step.attempt, step.template_hash)


def stop_name_taken(facts: RunObserved, step: StepStatus, job: JobFacts) -> RunResult:
    """Stop since a Job that is not ours has our name."""
    see = commands.print_job(facts.namespace, job.name)
    why = f"Job {job.name} was not made by this run. See whose it is: {see}"
    return fail_run(facts.status, failure(facts, failed_step(step.type), Reason.NAME_TAKEN, why))


def wait_for_workload(facts: RunObserved, since: str | None) -> RunResult | Absent:
    """Wait for the workload that the steps inherit from, for as long as a pod may take to start."""
    ref = facts.spec.migration.workload_ref
    if ref is None:
        return ABSENT
    if facts.workload is ABSENT:
        reason, why = Reason.TARGET_NOT_FOUND, f"there is no {ref.kind} {ref.name} to take the environment from"
    elif not facts.workload.container_found:
        reason, why = Reason.CONTAINER_NOT_FOUND, f"{ref.kind} {ref.name} has no container to take the environment from"
    elif facts.workload.missing:
        reason, why = Reason.CONNECTION_NOT_FOUND, missing_connection(facts, facts.workload)
    elif facts.workload.missing_sidecars:
        names = ", ".join(facts.workload.missing_sidecars)
        reason, why = Reason.CONTAINER_NOT_FOUND, f"{ref.kind} {ref.name} has no container {names} to carry along"
    else:
        return ABSENT
    began = moment(since) if since else facts.created
    if facts.now < began + timedelta(seconds=facts.spec.jobs.start_deadline_seconds):
        message = f"{why}: {_repair(facts, reason)}"
        return GateResult(Waiting(reason, message, requeue_after=WORKLOAD_POLL_SECONDS), facts.status)
    return fail_run(facts.status, failure(facts, FailedStep.PREPARE, reason, why))


def _repair(facts: RunObserved, reason: Reason) -> str:
    """Return the command that shows or repairs what a run waits for."""
    ref, flow = facts.spec.workload_ref, facts.spec.flow_ref
    if reason is Reason.CONNECTION_NOT_FOUND and flow is not None:
        return commands.edit_flow(facts.namespace, flow.name)
    return WORKLOADS[ref.kind].show_containers(facts.namespace, ref.name)


def _pause(step: StepStatus, reason: Reason, seconds: float) -> Waiting[RunAction]:
    """Say that the next attempt begins later."""
    if step.unreachable:
        reason, why = Reason.CONNECTION_FAILED, "The database cannot be reached; it is tried for about ten minutes"
    else:
        why = "The attempt before failed"
    return Waiting(reason, f"{why}. Attempt {step.attempt} begins at {step.start_time}", requeue_after=seconds)


def _watch_job(facts: RunObserved, step: StepStatus, job: JobFacts, reason: Reason) -> RunResult:
    """Wait for a Job, and give it up when its pod does not start in time."""
    pods = pods_of_job(facts, step.type, job)
    if any(pod.started for pod in pods):
        return wait_for_pod(facts, step, pods, reason)
    if facts.now < start_deadline(facts, step, job):
        return GateResult(wait_for_start(facts, step, job, reason), facts.status)
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), start_failure(facts, step, job))


def wait_for_pod(facts: RunObserved, step: StepStatus, pods: tuple[PodFacts, ...], reason: Reason) -> RunResult:
    """Wait for a pod that runs, and say so where its node no longer answers."""
    lost = next((pod for pod in pods if pod.node_lost and pod.alive), ABSENT)
    if lost is ABSENT:
        return GateResult(Waiting(reason, progress_message(facts, step)), facts.status)
    message = (
        f"The node of pod {lost.name} does not answer; step {step.type} may still be running there. "
        f"Once the node is known to be off: {commands.TAINT_LOST_NODE}"
    )
    return GateResult(Waiting(Reason.NODE_LOST, message), facts.status)


def _seconds_until(facts: RunObserved, time: str | None) -> float:
    until: datetime = moment(time) if time else facts.now
    return (until - facts.now).total_seconds()
