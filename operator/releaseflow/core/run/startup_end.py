"""How a migration ended that ran as the pods of a target started: their word, then the database's own."""

from releaseflow.api.v1alpha1.failure import FailedStep
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.containers import ContainerName
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.engines import client_of, no_client
from releaseflow.core.facts import ABSENT, PodFacts
from releaseflow.core.gates import GateResult
from releaseflow.core.redaction import tail
from releaseflow.core.run.attempt import AttemptEnded, follow_attempt, try_again
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.outcome import compare_schemas, stop_as_unknown, what_is_left
from releaseflow.core.run.record import RunResult, fail_run, with_attempt, with_step, with_step_outcome
from releaseflow.core.run.reports import FailureReport, SchemaReport, Unreadable, schema_report
from releaseflow.core.run.start import progress_message
from releaseflow.core.run.startup_facts import StartingPod, StartingTarget
from releaseflow.workloads.workload import Rollout

_AGAIN = "Kubernetes starts it again by itself, until the pod is replaced"
_REPORT = StepType.REPORT


def fail_with_exit_code(facts: RunObserved, step: StepStatus, pod: StartingPod) -> RunResult:
    """Record a migration that ended with an error in a pod; that Kubernetes tries it again changes nothing."""
    end = "used more memory than it may, and was ended" if pod.out_of_memory else f"exited with {pod.exit_code}"
    alone = facts.spec.migration.start_command is None
    what = "the migration" if alone else "the migration, or what startCommand starts,"
    return _fail(facts, step, f"{what} {end} in pod {pod.name}. {_AGAIN}", pod)


def read_rollout(facts: RunObserved, step: StepStatus, target: StartingTarget) -> RunResult:
    """Read what the pods say once the rollout is over, and ask the database where they say that all went well."""
    pods = target.pods_of(facts.name)
    done = next((pod for pod in pods if pod.done), ABSENT)
    complete = target.rollout is Rollout.COMPLETE
    if done is ABSENT and complete:
        return stop_as_unknown(facts, step, "the target is rolled out, and no pod of it says that it migrated")
    if done is ABSENT or not (complete or facts.spec.migration.start_command is None):
        return _fail(facts, step, f"its pods did not come up{_why_not(target, pods)}. {_AGAIN}", *pods[:1])
    ended = step.model_copy(update={"pod_name": done.name, "image_id": done.image_id, "exit_code": _exit_code(facts)})
    known = facts.with_status(with_step(facts.status, ended))
    return _believe_pods(known, ended) if client_of(facts.spec) is ABSENT else _ask(known)


def ask_database(facts: RunObserved, step: StepStatus) -> RunResult:
    """Bring the question of what the database says by now to its answer, and compare that with what it said before."""
    over = follow_attempt(facts, _REPORT, Reason.STARTING_UP)
    if isinstance(over, GateResult):
        return over
    said = _said(over)
    if not isinstance(said, SchemaReport):
        why = f"the migration is over, but the database could not be asked: {_complaint(said)}"
        unverified = failure(facts, FailedStep.MIGRATE, Reason.OUTCOME_UNVERIFIED, why)
        return try_again(facts, over.step, Reason.STARTING_UP, unverified)
    asked = facts.with_status(with_step_outcome(facts, over.step, StepOutcome.SUCCEEDED))
    return compare_schemas(facts, with_step_outcome(asked, step, StepOutcome.SUCCEEDED), said)


def _exit_code(facts: RunObserved) -> int | None:
    return 0 if facts.spec.migration.start_command is None else None


def _believe_pods(facts: RunObserved, step: StepStatus) -> RunResult:
    message = f"The migration is complete by its pods. The database was not asked: {no_client(facts.spec)}"
    return GateResult(Opened(Reason.MIGRATED, message), with_step_outcome(facts, step, StepOutcome.SUCCEEDED))


def _ask(facts: RunObserved) -> RunResult:
    """Record that the database is asked; on live reads, since a pod that is not seen yet could still change it."""
    status = with_attempt(facts, _REPORT)
    message = progress_message(facts, status.steps[-1])
    return GateResult(Waiting(Reason.STARTING_UP, message, requires_live_read=True), status)


def _said(over: AttemptEnded) -> SchemaReport | FailureReport | Unreadable:
    container = over.pod.container(ContainerName.STATE) if isinstance(over.pod, PodFacts) else ABSENT
    if container is ABSENT:
        return Unreadable()
    said = schema_report(container.message)
    return said if container.ended_well or isinstance(said, FailureReport) else Unreadable()


def _complaint(said: FailureReport | Unreadable) -> str:
    return said.detail or said.reason if isinstance(said, FailureReport) else "the pod that asked left no report"


def _why_not(target: StartingTarget, pods: tuple[StartingPod, ...]) -> str:
    causes = (pod.pending_cause.message for pod in pods if pod.pending_cause is not ABSENT)
    why = next(causes, target.rollout_message)
    return f" ({why.rstrip('.')})" if why else " in time"


def _fail(facts: RunObserved, step: StepStatus, why: str, *pods: StartingPod) -> RunResult:
    reason, pod = Reason.STARTUP_FAILED, pods[0] if pods else StartingPod("", "")
    failed = failure(
        facts,
        FailedStep.MIGRATE,
        reason,
        f"{why}{what_is_left(facts, reason)}",
        exit_code=pod.exit_code,
        pod=pod.name,
        log_tail=tail(pod.message),
    )
    status = with_step_outcome(facts, step, StepOutcome.FAILED, exit_code=pod.exit_code, pod_name=pod.name)
    return fail_run(status, failed)
