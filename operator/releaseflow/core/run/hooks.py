"""Gate HooksDone: the hooks of a run have ended, one after the other, each started once and never again.

Like a migration a hook starts in two phases: its Job is created suspended, and started once its UID is recorded. What
the kept pod tells is how it ended. Where nothing can tell, the hook has failed, and holds the release whatever its
`onFailure` says: only a person can know whether it did its work.
"""

from releaseflow.api.v1alpha1.hooks import Hook
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.operation import Operation
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT, JobFacts, PodFacts
from releaseflow.core.gates import GateResult
from releaseflow.core.names import hook_job_name
from releaseflow.core.run.actions import DeleteJob, StartHook, SuspendJob
from releaseflow.core.run.attempt import create_job, is_ours, stop_name_taken, wait_for_pod
from releaseflow.core.run.evidence import containers_have_ended, step_is_over
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.hook_ends import end_of_hook, hold_as_unknown, hook_did_not_start
from releaseflow.core.run.migration import never_started
from releaseflow.core.run.next_hook import next_hook, step_of_hook
from releaseflow.core.run.record import RunResult, with_step
from releaseflow.core.run.start import pods_of_job, progress_message, start_deadline, wait_for_start
from releaseflow.core.timestamps import timestamp

STEP = StepType.HOOK


def hooks_are_done(facts: RunObserved) -> RunResult:
    """Run the next hook, until the end of each is recorded."""
    if facts.flow is not ABSENT and not facts.flow.knows_run and not facts.status.steps:
        message = "Waiting until the flow has recorded this run: it must know of a hook before that begins"
        return GateResult(Waiting(Reason.STARTING, message), facts.status)
    hook = next_hook(facts.spec, facts.status)
    if hook is ABSENT:
        return GateResult(_opened(facts.status), facts.status)
    step = step_of_hook(facts.status, hook)
    if step is ABSENT:
        return _record(facts, hook)
    return _follow_recorded(facts, hook, step) if step.job_uid else _create(facts, hook, step)


def hook_is_under_way(facts: RunObserved) -> bool:
    """Whether a hook has begun whose end is not recorded: it is let finish, whatever becomes of its run."""
    hook = next_hook(facts.spec, facts.status)
    step = ABSENT if hook is ABSENT else step_of_hook(facts.status, hook)
    if step is ABSENT:
        return False
    job = facts.job(STEP)
    if job is ABSENT or not step.job_uid:
        return bool(step.job_uid)
    return job.uid == step.job_uid and not never_started(job)


def hooks_have_ended(facts: RunObserved) -> bool:
    """Whether a run of hooks has nothing left to do: then nothing ends it otherwise."""
    return facts.spec.operation is Operation.HOOK and next_hook(facts.spec, facts.status) is ABSENT


def _opened(status: MigrationRunStatus) -> Opened:
    failed = [step for step in status.steps if step.type is STEP and step.outcome is StepOutcome.FAILED]
    names = ", ".join(step.name for step in status.steps if step.type is STEP)
    if not failed:
        return Opened(Reason.HOOKS_DONE, f"Ended well: {names}"[:LONGEST_MESSAGE])
    said = ", ".join(f"{step.name} ({_code(step)}, Job {step.job_name})" for step in failed)
    message = f"Failed, which onFailure: Continue allows: {said}"
    return Opened(Reason.HOOK_FAILURE_ALLOWED, message[:LONGEST_MESSAGE])


def _code(step: StepStatus) -> str:
    return "no exit code" if step.exit_code is None else f"exit code {step.exit_code}"


def _record(facts: RunObserved, hook: Hook) -> RunResult:
    """Record the intent, before the Job of the hook exists."""
    step = StepStatus(
        name=hook.name,
        type=STEP,
        job_name=hook_job_name(facts.name, facts.uid, hook.name),
        template_hash=facts.template_hash(STEP),
        start_time=timestamp(facts.now),
    )
    status = with_step(facts.status, step)
    return GateResult(Waiting(Reason.RUNNING_HOOKS, progress_message(facts, step)), status)


def _create(facts: RunObserved, hook: Hook, step: StepStatus) -> RunResult:
    """Create the suspended Job, and record its UID before it may be started."""
    job, recorded = facts.job(STEP), {known.job_uid for known in facts.status.steps if known.type is STEP}
    if any(pod.job_uid not in recorded for pod in facts.pods_of(STEP)):
        return hold_as_unknown(facts, hook, step, "a pod of a hook exists that the status does not know of")
    if job is ABSENT:
        return create_job(facts, step, Reason.RUNNING_HOOKS)
    if not is_ours(facts, step, job):
        return stop_name_taken(facts, step, job)
    if job.altered:
        why = f"{', '.join(job.altered)} of Job {job.name} are not as asked for: its pod could be made twice"
        return hold_as_unknown(facts, hook, step, why)
    if not never_started(job):
        return hold_as_unknown(facts, hook, step, "its Job was started before it was recorded")
    status = with_step(facts.status, step.model_copy(update={"job_uid": job.uid}))
    return GateResult(Waiting(Reason.RUNNING_HOOKS, progress_message(facts, step)), status)


def _follow_recorded(facts: RunObserved, hook: Hook, step: StepStatus) -> RunResult:
    """Follow the recorded Job; the pod that is kept tells how it ended, whatever became of the Job since."""
    job, pods = facts.job(STEP), tuple(pod for pod in facts.pods_of(STEP) if pod.job_uid == step.job_uid)
    there = ABSENT if job is ABSENT or job.uid != step.job_uid else job
    if containers_have_ended(pods):
        return end_of_hook(facts, hook, step, there, pods)
    if there is ABSENT or there.deleting:
        if any(pod.alive for pod in pods):
            message = f"The Job of hook {hook.name} was deleted: waiting for its pod to end"
            return GateResult(Waiting(Reason.STOPPING, message), facts.status)
        if step.given_up is not None:
            return hook_did_not_start(facts, hook, step)
        return hold_as_unknown(facts, hook, step, "its Job was deleted or replaced while it was under way")
    return _follow_job(facts, hook, step, there, pods)


def _follow_job(
    facts: RunObserved, hook: Hook, step: StepStatus, job: JobFacts, pods: tuple[PodFacts, ...]
) -> RunResult:
    """Start the Job, and wait for its pod; give up one that does not start in time."""
    judged = job.complete or job.failed
    if step.given_up is not None and not judged:
        return _give_up(facts, hook, step, job, pods)
    if never_started(job) and not judged:
        start = StartHook(job.name, job.uid, job.resource_version)
        return GateResult(Waiting(Reason.RUNNING_HOOKS, progress_message(facts, step), start), facts.status)
    if job.suspended and not judged:
        return _stopped_by_somebody(facts, hook, step, pods)
    if step_is_over(pods, job):
        return end_of_hook(facts, hook, step, job, pods)
    return _wait_for_end(facts, hook, step, job)


def _wait_for_end(facts: RunObserved, hook: Hook, step: StepStatus, job: JobFacts) -> RunResult:
    pods = pods_of_job(facts, STEP, job)
    if any(pod.started for pod in pods):
        return wait_for_pod(facts, step, pods, Reason.RUNNING_HOOKS)
    if facts.now < start_deadline(facts, step, job):
        return GateResult(wait_for_start(facts, step, job, Reason.RUNNING_HOOKS), facts.status)
    reason = job.pending_cause.reason if job.pending_cause is not ABSENT else Reason.CONTAINER_NOT_STARTED
    status = with_step(facts.status, step.model_copy(update={"given_up": reason}))
    message = f"The pod of hook {hook.name} did not start in time: stopping it"
    return GateResult(Waiting(Reason.STOPPING, message), status)


def _stopped_by_somebody(facts: RunObserved, hook: Hook, step: StepStatus, pods: tuple[PodFacts, ...]) -> RunResult:
    if any(pod.alive for pod in pods):
        message = f"Somebody suspended the Job of hook {hook.name}: waiting for its pod to end"
        return GateResult(Waiting(Reason.STOPPING, message), facts.status)
    return hold_as_unknown(facts, hook, step, "its Job was suspended by somebody, which ends its pod")


def _give_up(facts: RunObserved, hook: Hook, step: StepStatus, job: JobFacts, pods: tuple[PodFacts, ...]) -> RunResult:
    """Suspend and delete a Job whose pod did not start; one that did start after all is left to finish."""
    if not job.suspended and any(pod.started for pod in pods):
        status = with_step(facts.status, step.model_copy(update={"given_up": None}))
        return GateResult(Waiting(Reason.RUNNING_HOOKS, progress_message(facts, step)), status)
    if not job.suspended:
        action = SuspendJob(job.name, job.uid, job.resource_version)
        return GateResult(Waiting(Reason.STOPPING, f"Stopping the Job of hook {hook.name}", action), facts.status)
    if any(pod.alive for pod in pods):
        return GateResult(Waiting(Reason.STOPPING, f"Waiting for the pod of hook {hook.name} to end"), facts.status)
    message = f"Deleting the Job of hook {hook.name}"
    delete = DeleteJob(job.name, job.uid, job.resource_version)
    return GateResult(Waiting(Reason.STOPPING, message, delete), facts.status)
