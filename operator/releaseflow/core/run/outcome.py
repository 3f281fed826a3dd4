"""How a migration ended: success needs two proofs, and whatever is unclear counts as unknown."""

from releaseflow.api.v1alpha1.database import SchemaStatus
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.containers import ContainerName
from releaseflow.core.decision import Opened
from releaseflow.core.engines import client_of, no_client
from releaseflow.core.facts import ABSENT, Absent, ContainerFacts, JobFacts, PodFacts, PodPhase
from releaseflow.core.gates import GateResult
from releaseflow.core.redaction import tail
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.record import RunResult, fail_run, step_of, with_step_outcome
from releaseflow.core.run.reports import FailureReport, SchemaReport, schema_report
from releaseflow.core.run.start import pods_of_job, start_failure
from releaseflow.core.tools import leftovers, migration_image

UNSEEN_SESSIONS = "See first that no session of it is at work in the database: without a backup nothing looks for them"
"""What only the container of a backup asks, and a person has to before a retry."""


def verify_success(facts: RunObserved, step: StepStatus, job: JobFacts) -> RunResult:
    """Believe a Complete condition only with the pod's own word and, where we can ask, the database's own word."""
    pods = pods_of_job(facts, StepType.MIGRATE, job)
    pod = next((pod for pod in pods if pod.phase is PodPhase.SUCCEEDED), ABSENT)
    if pod is ABSENT or len(pods) > 1:
        return _fail_unverified(facts, step, pods, "the Job says Complete, but not exactly one pod of it succeeded")
    container, said = pod.container(ContainerName.MIGRATE), pod.container(ContainerName.REPORT)
    has_client = client_of(facts.spec) is not ABSENT
    if container is ABSENT or not (_succeeded(container) and (_succeeded(said) or not has_client)):
        return _fail_unverified(facts, step, pods, "the Job says Complete, but its containers do not")
    wanted = migration_image(facts.spec)
    if container.image != wanted:
        return _fail_unverified(facts, step, pods, f"its pod ran {container.image} and not {wanted}")
    if not has_client:
        return _believe_pod(facts, step, container)
    after = schema_report("" if said is ABSENT else said.message)
    if not isinstance(after, SchemaReport):
        return _fail_unverified(facts, step, pods, "the database's own word on its schema is missing")
    return _compare_schemas(facts, step, container, after)


def fail_migration(facts: RunObserved, step: StepStatus, job: JobFacts) -> RunResult:
    """Record a migration that ended without success, and of which no pod is alive."""
    pods = pods_of_job(facts, StepType.MIGRATE, job)
    pod = pods[-1] if pods else ABSENT
    if pods and not _may_have_begun(pods):
        return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), _never_started_failure(facts, step, job))
    container = ABSENT if pod is ABSENT else pod.container(ContainerName.MIGRATE)
    if pod is ABSENT or container is ABSENT:
        return _fail_interrupted(facts, step, pods, "its pod is gone")
    if container.exit_code == 0:
        return _fail_unverified(facts, step, pods, f"it exited with 0, but {_what_is_missing(facts, pod)}")
    reason = _reason_of(container, pod, job)
    why = failure(
        facts,
        FailedStep.MIGRATE,
        reason,
        f"the migration {_end_in_words(container)}{_what_is_left(facts, reason)}",
        exit_code=container.exit_code,
        pod=pod.name,
        log_tail=tail(container.message),
    )
    return fail_run(
        with_step_outcome(facts, step, StepOutcome.FAILED, exit_code=container.exit_code, pod_name=pod.name), why
    )


def give_up_migration(facts: RunObserved, step: StepStatus, job: JobFacts) -> RunResult:
    """Record a migration that was stopped since its pod did not start: harmless only if nothing of it ever ran."""
    pods = pods_of_job(facts, StepType.MIGRATE, job)
    vanished = not pods and bool(step.pod_name)
    if vanished or _may_have_begun(pods):
        return _fail_interrupted(facts, step, pods, "its pod may have started while the Job was being suspended")
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), _never_started_failure(facts, step, job))


def stop_as_unknown(facts: RunObserved, step: StepStatus, why: str) -> RunResult:
    """Record a migration whose outcome cannot be known any more."""
    unknown = failure(facts, FailedStep.MIGRATE, Reason.OUTCOME_UNKNOWN, why)
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), unknown)


def _believe_pod(facts: RunObserved, step: StepStatus, container: ContainerFacts) -> RunResult:
    """Open on the word of the Job and its pod: there is no client that asks the database."""
    status = with_step_outcome(facts, step, StepOutcome.SUCCEEDED, exit_code=0, image_id=container.image_id)
    message = f"The migration is complete by its Job and pod. The database was not asked: {no_client(facts.spec)}"
    return GateResult(Opened(Reason.MIGRATED, message), status)


def _compare_schemas(facts: RunObserved, step: StepStatus, container: ContainerFacts, after: SchemaReport) -> RunResult:
    """Compare the database before and after."""
    status = with_step_outcome(facts, step, StepOutcome.SUCCEEDED, exit_code=0, image_id=container.image_id)
    schema = SchemaStatus(version=after.schema_version, fingerprint=after.fingerprint)
    status = status.model_copy(update={"schema_after": schema})
    if not facts.spec.backup.asks_database:
        status = status.model_copy(update={"database_identity": after.identity})
    elif after.identity != facts.status.database_identity:
        return _fail_mismatch(facts, status, Reason.DATABASE_CHANGED, "the backup and the migration saw two databases")
    if schema == facts.status.schema_before and _was_pending(facts) and _bookkeeping_is_known(facts, schema):
        return _fail_mismatch(facts, status, Reason.NO_EFFECT, "something was pending, and the database did not change")
    return GateResult(Opened(Reason.MIGRATED, "The migration is complete"), status)


def _was_pending(facts: RunObserved) -> bool:
    """Whether the check said so; one that failed since the database was away just then has said nothing."""
    backup = step_of(facts.status, StepType.BACKUP)
    if backup is not ABSENT and backup.unreachable:
        return False
    check = step_of(facts.status, StepType.CHECK)
    return check is not ABSENT and check.exit_code not in {None, 0}


def _bookkeeping_is_known(facts: RunObserved, schema: SchemaStatus) -> bool:
    """Whether a migration must show in the database: one of an unknown tool may only move data."""
    return bool(schema.version) or facts.spec.migration.tool is not None


def _fail_mismatch(facts: RunObserved, status: MigrationRunStatus, reason: Reason, why: str) -> RunResult:
    return fail_run(status, failure(facts, FailedStep.MIGRATE, reason, why))


def _fail_unverified(facts: RunObserved, step: StepStatus, pods: tuple[PodFacts, ...], why: str) -> RunResult:
    name = pods[-1].name if pods else step.pod_name
    unverified = failure(facts, FailedStep.MIGRATE, Reason.OUTCOME_UNVERIFIED, why, pod=name)
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), unverified)


def _fail_interrupted(facts: RunObserved, step: StepStatus, pods: tuple[PodFacts, ...], why: str) -> RunResult:
    name = pods[-1].name if pods else step.pod_name
    reason = Reason.INTERRUPTED
    interrupted = failure(facts, FailedStep.MIGRATE, reason, f"{why}{_what_is_left(facts, reason)}", pod=name)
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), interrupted)


def _what_is_left(facts: RunObserved, reason: Reason) -> str:
    """Say what the tool leaves in the database when it ends so, or why we cannot know; empty for an unknown tool."""
    sessions = "" if facts.spec.backup.asks_database or reason is Reason.MIGRATION_FAILED else f". {UNSEEN_SESSIONS}"
    if client_of(facts.spec) is ABSENT:
        return f". What it left in the database is not known: {no_client(facts.spec)}{sessions}"
    left = leftovers(facts.spec, killed=reason is not Reason.MIGRATION_FAILED)
    return f"{f'. {left}' if left else ''}{sessions}"


def _what_is_missing(facts: RunObserved, pod: PodFacts) -> str:
    """Say what a migration lacks that exited with 0 in a Job that did not complete."""
    if client_of(facts.spec) is ABSENT:
        return "its Job says Failed"
    return f"the database could not be asked: {_complaint(pod)}"


def _complaint(pod: PodFacts) -> str:
    """Return what the report's container complained of."""
    container = pod.container(ContainerName.REPORT)
    report = schema_report(container.message) if container is not ABSENT else ABSENT
    return report.detail if isinstance(report, FailureReport) and report.detail else "it left no report"


def _never_started_failure(facts: RunObserved, step: StepStatus, job: JobFacts) -> Failure:
    why = start_failure(facts, step, job)
    return why.model_copy(update={"reason": Reason.NOT_STARTED, "hint": f"{why.reason}: {why.hint}"[:LONGEST_MESSAGE]})


def _may_have_begun(pods: tuple[PodFacts, ...]) -> bool:
    """Whether a container of a pod ran, or may have run on a node that could not say so any more."""
    return any(pod.started or pod.node_lost for pod in pods)


def _reason_of(container: ContainerFacts, pod: PodFacts, job: JobFacts) -> Reason:
    if container.out_of_memory:
        return Reason.OUT_OF_MEMORY
    if job.failed_reason == "DeadlineExceeded":
        return Reason.DEADLINE_EXCEEDED
    if container.exit_code is None or pod.deleting or pod.node_lost:
        return Reason.INTERRUPTED
    return Reason.MIGRATION_FAILED


def _end_in_words(container: ContainerFacts | Absent) -> str:
    if container is ABSENT or container.exit_code is None:
        return "was interrupted"
    return f"exited with {container.exit_code}"


def _succeeded(container: ContainerFacts | Absent) -> bool:
    return container is not ABSENT and container.started and container.exit_code == 0
