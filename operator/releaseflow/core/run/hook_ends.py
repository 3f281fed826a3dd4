"""How a hook ended, and what that means for its run."""

from typing import Any

from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.hooks import Hook, OnHookFailure
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus
from releaseflow.core.containers import ContainerName
from releaseflow.core.decision import Waiting
from releaseflow.core.facts import ABSENT, Absent, ContainerFacts, JobFacts, PodFacts
from releaseflow.core.gates import GateResult
from releaseflow.core.names import with_tag
from releaseflow.core.redaction import tail
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.record import RunResult, fail_run, with_step_outcome

_MEANS = {
    RunRole.MIGRATION: "Nothing was backed up or migrated",
    RunRole.BEFORE_PROMOTION: "Nothing was promoted: the old version serves on",
    RunRole.AFTER_ROLLOUT: "The targets run the new image already",
    RunRole.CONTRACT: "Nothing was backed up or contracted",
    RunRole.ON_FAILURE: "The release has failed already, and nothing else depends on this hook",
}
"""What holds where a hook has failed, by the place that it runs in."""


def hook_image(hook: Hook, released: str) -> str:
    """Return the image of a hook: the released one, unless it names its own."""
    return with_tag(hook.image, released) if hook.image else released


def end_of_hook(
    facts: RunObserved, hook: Hook, step: StepStatus, job: JobFacts | Absent, pods: tuple[PodFacts, ...]
) -> RunResult:
    """Read how a hook ended from the one pod of its Job, whatever condition the Job has."""
    overdue = job is not ABSENT and job.failed_reason == "DeadlineExceeded"
    if len(pods) > 1:
        return hold_as_unknown(facts, hook, step, "its Job made more than one pod")
    container = pods[0].container(ContainerName.HOOK) if pods else ABSENT
    if container is ABSENT or not container.started:
        if overdue:
            return _failed(facts, hook, step, _failure(facts, hook, _overdue(hook)))
        return hold_as_unknown(facts, hook, step, "its pod does not say how it ended")
    [pod] = pods
    if _ended_well(facts, hook, pod, container):
        fields = {"exit_code": 0, "image_id": container.image_id, "pod_name": pod.name}
        return _go_on(with_step_outcome(facts, step, StepOutcome.SUCCEEDED, **fields))
    why = _overdue(hook) if overdue else _in_words(container, pod)
    code, log = container.exit_code, tail(container.message)
    return _failed(facts, hook, step, _failure(facts, hook, why, exit_code=code, pod=pod.name, log_tail=log))


def hook_did_not_start(facts: RunObserved, hook: Hook, step: StepStatus) -> RunResult:
    """Record a hook whose pod did not start in time; nothing of it ever ran."""
    why = f"its pod did not start within {facts.spec.jobs.start_deadline_seconds} s: {step.given_up}"
    return _failed(facts, hook, step, _failure(facts, hook, why))


def hold_as_unknown(facts: RunObserved, hook: Hook, step: StepStatus, why: str) -> RunResult:
    """Hold the run: it is not known whether the hook did its work, and it is not run again."""
    unknown = _failure(facts, hook, f"it is not known how it ended: {why}")
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), unknown)


def _ended_well(facts: RunObserved, hook: Hook, pod: PodFacts, container: ContainerFacts) -> bool:
    """Whether the right image ran to its end with 0, and nothing asked it to stop before."""
    right = container.image == hook_image(hook, facts.spec.image)
    return container.ended_well and right and not pod.may_be_cut_short


def _failed(facts: RunObserved, hook: Hook, step: StepStatus, why: Failure) -> RunResult:
    """Hold the run, or go on, as the hook says."""
    status = with_step_outcome(facts, step, StepOutcome.FAILED, exit_code=why.exit_code, pod_name=why.pod)
    return fail_run(status, why) if hook.on_failure is OnHookFailure.HOLD else _go_on(status)


def _go_on(status: MigrationRunStatus) -> RunResult:
    """Record the end of a hook before anything after it begins."""
    return GateResult(Waiting(Reason.RUNNING_HOOKS, "The end of a hook is being recorded"), status)


def _failure(facts: RunObserved, hook: Hook, why: str, **evidence: Any) -> Failure:
    said = f"hook {hook.name}: {why}. {_MEANS[facts.spec.role]}"
    return failure(facts, FailedStep.HOOK, Reason.HOOK_FAILED, said, **evidence)


def _overdue(hook: Hook) -> str:
    return f"it took longer than its deadlineSeconds, {hook.deadline_seconds}"


def _in_words(container: ContainerFacts, pod: PodFacts) -> str:
    if container.out_of_memory:
        return "it used more memory than it may"
    if container.exit_code in {None, 0}:
        ended = "it was stopped before it was done" if pod.may_be_cut_short else f"its pod ran {container.image}"
        return f"{ended}, so its exit proves nothing"
    return f"it exited with {container.exit_code}"
