"""Gate Migrated of a migration that runs as the first target starts: the release writes it, this run says how it went.

The run records first that the migration may begin; from then on only the flow's own record can say that it never did.
No Job is made, so Kubernetes starts the migration as often as it starts a container. What the operator promises is that
it begins with a proven backup, under the lock, and that its outcome is not guessed. An end with an error is a failure,
whatever Kubernetes tries next. Success is the end with 0 in a pod, once the rollout is over, and the database's word.
"""

from datetime import datetime, timedelta

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Stopped, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.gates import GateResult
from releaseflow.core.names import step_name
from releaseflow.core.reasons.table import remedy
from releaseflow.core.run.actions import RunAction
from releaseflow.core.run.early_end import is_suspended, reason_to_end
from releaseflow.core.run.facts import RunObserved, pods_at_work
from releaseflow.core.run.migration import STEP, go_on_after_the_end, has_started
from releaseflow.core.run.outcome import stop_as_unknown
from releaseflow.core.run.record import RunResult, step_of, with_step
from releaseflow.core.run.startup_end import ask_database, fail_with_exit_code, read_rollout
from releaseflow.core.run.startup_facts import StartingPod, StartingTarget, Writing
from releaseflow.core.timestamps import moment, timestamp
from releaseflow.workloads.workload import Rollout

POLL_SECONDS = 3.0
"""Seconds after which the pods of the target are listed again: no watch delivers them."""


def migration_has_started_up(facts: RunObserved) -> RunResult:
    """Record that the migration may begin, wait for it, and believe only its proven success."""
    step = step_of(facts.status, STEP)
    if step is ABSENT:
        return _offer(facts)
    if step.outcome is not None:
        return go_on_after_the_end(facts, step)
    if step_of(facts.status, StepType.REPORT) is not ABSENT:
        return ask_database(facts, step)
    target = facts.starting
    if target is not ABSENT and target.migrates_for == facts.name:
        return _follow(facts, step, target)
    return _wait_for_release(facts, step)


def _offer(facts: RunObserved) -> RunResult:
    """Record that all is done that comes before the migration; a pod that is still migrating is not replaced."""
    step = StepStatus(name=step_name(STEP), type=STEP, start_time=timestamp(facts.now))
    if has_started(facts):
        return stop_as_unknown(facts, step, "its record was lost while it was under way")
    busy = next(iter(pods_at_work(facts)), ABSENT)
    if busy is not ABSENT:
        message = f"Pod {busy.name} is still carrying out the migration of run {busy.run}"
        return GateResult(Waiting(Reason.STARTING_UP, message, requeue_after=POLL_SECONDS), facts.status)
    if is_suspended(facts):
        return GateResult(Waiting(Reason.SUSPENDED, "The flow is suspended, and the migration not begun"), facts.status)
    return GateResult(_ready(requires_live_read=True), with_step(facts.status, step))


def _ready(*, requires_live_read: bool) -> Waiting[RunAction]:
    message = "Ready: the first target gets the image, and with it the migration, which runs as its pods start"
    return Waiting(Reason.STARTING_UP, message, requires_live_read=requires_live_read)


def _wait_for_release(facts: RunObserved, step: StepStatus) -> RunResult:
    """Wait until the migration is in the target, for as long as it may come there."""
    writing = Writing.OVER if facts.flow is ABSENT else facts.flow.start.writing
    match writing:
        case Writing.INTENDED | Writing.BEGUN:
            return GateResult(_ready(requires_live_read=False), facts.status)
        case Writing.NEVER:
            return _end_untouched(facts, step)
        case Writing.OVER:
            why = "the target does not carry it out any more: its pods were changed, or its release was lost"
            return stop_as_unknown(facts, step, why)


def _end_untouched(facts: RunObserved, step: StepStatus) -> RunResult:
    """End a run whose migration was never written: the flow's record says so, and a release ends only once."""
    end = reason_to_end(facts)
    if end is ABSENT:
        end = Stopped(Reason.ABORTED, "The release ended before its migration started")
    return GateResult(end, with_step(facts.status, step.model_copy(update={"given_up": end.reason})))


def _follow(facts: RunObserved, step: StepStatus, target: StartingTarget) -> RunResult:
    """Wait for the pods; a failure is one at once, a success only once the rollout is over."""
    pods = target.pods_of(facts.name)
    failed = next((pod for pod in pods if pod.exit_code is not None and not pod.done), ABSENT)
    if failed is not ABSENT:
        return fail_with_exit_code(facts, step, failed)
    if any(pod.run == facts.name for pod in pods_at_work(facts)):
        return _wait_for_migration(facts, step, target)
    if target.rollout is Rollout.COMPLETE or _is_overdue(facts, target):
        return read_rollout(facts, step, target)
    return GateResult(_wait(facts, target, pods), facts.status)


def _wait_for_migration(facts: RunObserved, step: StepStatus, target: StartingTarget) -> RunResult:
    """Wait for a migration that is at work; nothing ends it, but after its deadline a person has to look."""
    seconds = facts.spec.migration.deadline_seconds
    began = moment(step.start_time) if step.start_time else facts.created
    if facts.now > began + timedelta(seconds=seconds):
        return stop_as_unknown(facts, step, f"it is still at work after {seconds} s, and nothing has ended it")
    return GateResult(_wait(facts, target, ()), facts.status)


def _wait(facts: RunObserved, target: StartingTarget, pods: tuple[StartingPod, ...]) -> Waiting[RunAction]:
    if target.rollout is Rollout.PAUSED:
        message = f"The first target {target.rollout_message}. {target.rollout_hint}"[:LONGEST_MESSAGE]
        return Waiting(Reason.TARGET_PAUSED, message, requeue_after=POLL_SECONDS)
    cause = next((pod.pending_cause for pod in pods if pod.pending_cause is not ABSENT), ABSENT)
    if cause is not ABSENT:
        message = f"{cause.message.rstrip('.')}. {remedy(cause.reason, namespace=facts.namespace)}"
        return Waiting(cause.reason, message[:LONGEST_MESSAGE], requeue_after=POLL_SECONDS)
    message = f"The pods of the first target start with {facts.spec.image}, and migrate. Follow them: {target.follow}"
    return Waiting(Reason.STARTING_UP, message, requeue_after=POLL_SECONDS)


def _is_overdue(facts: RunObserved, target: StartingTarget) -> bool:
    """Whether the rollout will not be waited for any longer: the workload says so, or the flow."""
    if target.rollout is Rollout.PAUSED:
        return False
    deadline = facts.flow.start.deadline if facts.flow is not ABSENT else _without_flow(facts)
    return target.rollout is Rollout.FAILED or (deadline is not None and facts.now > deadline)


def _without_flow(facts: RunObserved) -> datetime:
    """Return until when a rollout may take whose flow was deleted."""
    return facts.created + timedelta(seconds=facts.spec.migration.deadline_seconds)
