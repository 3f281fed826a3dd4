"""How a migration ended: success needs two proofs, and whatever is unclear counts as unknown."""

from releaseflow.api.v1alpha1.database import SchemaStatus
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened
from releaseflow.core.facts import ABSENT, Absent, ContainerSeen, JobSeen, PodPhase, PodSeen
from releaseflow.core.redaction import tail
from releaseflow.core.run.attempt import not_started, pods_of_job
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.record import Turn, ended, failed, step_of
from releaseflow.core.run.reports import FailureReport, SchemaReport, schema_report
from releaseflow.core.tools import left_behind

MIGRATE = "migrate"
REPORT = "report"


def verified(seen: RunObserved, step: StepStatus, job: JobSeen) -> Turn:
    """Believe a Complete condition only with the pod's own word and the database's own word."""
    pods = pods_of_job(seen, StepType.MIGRATE, job)
    pod = next((pod for pod in pods if pod.phase is PodPhase.SUCCEEDED), ABSENT)
    if pod is ABSENT or len(pods) > 1:
        return _unproven(seen, step, pods, "the Job says Complete, but not exactly one pod of it succeeded")
    container, report = pod.container(MIGRATE), pod.container(REPORT)
    if container is ABSENT or report is ABSENT or not (_succeeded(container) and _succeeded(report)):
        return _unproven(seen, step, pods, "the Job says Complete, but its containers do not")
    if container.image != seen.spec.image:
        return _unproven(seen, step, pods, f"its pod ran {container.image} and not {seen.spec.image}")
    after = schema_report(report.message)
    if not isinstance(after, SchemaReport):
        return _unproven(seen, step, pods, "the database's own word on its schema is missing")
    return _compared(seen, step, container, after)


def migration_failed(seen: RunObserved, step: StepStatus, job: JobSeen) -> Turn:
    """Record a migration that ended without success, and of which no pod is alive."""
    pods = pods_of_job(seen, StepType.MIGRATE, job)
    pod = pods[-1] if pods else ABSENT
    if pods and not _may_have_begun(pods):
        return failed(ended(seen, step, StepOutcome.FAILED), _never_began(seen, step, job))
    container = ABSENT if pod is ABSENT else pod.container(MIGRATE)
    if pod is ABSENT or container is ABSENT:
        return _interrupted(seen, step, pods, "its pod is gone")
    if container.exit_code == 0:
        return _unproven(seen, step, pods, f"it exited with 0, but the database could not be asked: {_said(pod)}")
    reason = _reason_of(container, pod, job)
    why = failure(
        seen,
        StepType.MIGRATE,
        reason,
        f"the migration {_how(container)}{_left(seen, reason)}",
        exit_code=container.exit_code,
        pod=pod.name,
        log_tail=tail(container.message),
    )
    return failed(ended(seen, step, StepOutcome.FAILED, exit_code=container.exit_code, pod_name=pod.name), why)


def given_up(seen: RunObserved, step: StepStatus, job: JobSeen) -> Turn:
    """Record a migration that was stopped since its pod did not start: harmless only if nothing of it ever ran."""
    pods = pods_of_job(seen, StepType.MIGRATE, job)
    vanished = not pods and bool(step.pod_name)
    if vanished or _may_have_begun(pods):
        return _interrupted(seen, step, pods, "it began just when it was given up")
    return failed(ended(seen, step, StepOutcome.FAILED), _never_began(seen, step, job))


def outcome_unknown(seen: RunObserved, step: StepStatus, why: str) -> Turn:
    """Record a migration whose outcome cannot be known any more."""
    unknown = failure(seen, StepType.MIGRATE, Reason.OUTCOME_UNKNOWN, why)
    return failed(ended(seen, step, StepOutcome.FAILED), unknown)


def _compared(seen: RunObserved, step: StepStatus, container: ContainerSeen, after: SchemaReport) -> Turn:
    """Compare the database before and after."""
    record = ended(seen, step, StepOutcome.SUCCEEDED, exit_code=0, image_id=container.image_id)
    schema = SchemaStatus(version=after.schema_version, fingerprint=after.fingerprint)
    record = record.model_copy(update={"schema_after": schema})
    if after.identity != seen.status.database_identity:
        return _mismatched(seen, record, Reason.DATABASE_CHANGED, "the backup and the migration saw two databases")
    if schema == seen.status.schema_before and _was_pending(seen) and _bookkeeping_is_known(seen, schema):
        return _mismatched(seen, record, Reason.NO_EFFECT, "something was pending, and the database did not change")
    return Turn(Opened(Reason.MIGRATED, "The migration is complete"), record)


def _was_pending(seen: RunObserved) -> bool:
    """Whether the check said so; one that failed since the database was away just then has said nothing."""
    backup = step_of(seen.status, StepType.BACKUP)
    if isinstance(backup, StepStatus) and backup.unreachable:
        return False
    check = step_of(seen.status, StepType.CHECK)
    return isinstance(check, StepStatus) and check.exit_code not in {None, 0}


def _bookkeeping_is_known(seen: RunObserved, schema: SchemaStatus) -> bool:
    """Whether a migration must show in the database: one of an unknown tool may only move data."""
    return bool(schema.version) or seen.spec.migration.tool is not None


def _mismatched(seen: RunObserved, record: MigrationRunStatus, reason: Reason, why: str) -> Turn:
    return failed(record, failure(seen, StepType.MIGRATE, reason, why))


def _unproven(seen: RunObserved, step: StepStatus, pods: tuple[PodSeen, ...], why: str) -> Turn:
    name = pods[-1].name if pods else step.pod_name
    unverified = failure(seen, StepType.MIGRATE, Reason.OUTCOME_UNVERIFIED, why, pod=name)
    return failed(ended(seen, step, StepOutcome.FAILED), unverified)


def _interrupted(seen: RunObserved, step: StepStatus, pods: tuple[PodSeen, ...], why: str) -> Turn:
    name = pods[-1].name if pods else step.pod_name
    reason = Reason.INTERRUPTED
    interrupted = failure(seen, StepType.MIGRATE, reason, f"{why}{_left(seen, reason)}", pod=name)
    return failed(ended(seen, step, StepOutcome.FAILED), interrupted)


def _left(seen: RunObserved, reason: Reason) -> str:
    """Say what the tool leaves in the database when it ends so; empty where that is not known."""
    left = left_behind(seen.spec, killed=reason is not Reason.MIGRATION_FAILED)
    return f". {left}".removesuffix(". ") if left else ""


def _said(pod: PodSeen) -> str:
    """Return what the report's container complained of."""
    container = pod.container(REPORT)
    report = schema_report(container.message) if container is not ABSENT else ABSENT
    return report.detail if isinstance(report, FailureReport) and report.detail else "it left no report"


def _never_began(seen: RunObserved, step: StepStatus, job: JobSeen) -> Failure:
    why = not_started(seen, step, job)
    return why.model_copy(update={"reason": Reason.NOT_STARTED, "hint": f"{why.reason}: {why.hint}"[:LONGEST_MESSAGE]})


def _may_have_begun(pods: tuple[PodSeen, ...]) -> bool:
    """Whether a container of a pod ran, or may have run on a node that could not say so any more."""
    return any(pod.started or pod.node_lost for pod in pods)


def _reason_of(container: ContainerSeen, pod: PodSeen, job: JobSeen) -> Reason:
    if container.out_of_memory:
        return Reason.OUT_OF_MEMORY
    if job.failed_reason == "DeadlineExceeded":
        return Reason.DEADLINE_EXCEEDED
    if container.exit_code is None or pod.deleting or pod.node_lost:
        return Reason.INTERRUPTED
    return Reason.MIGRATION_FAILED


def _how(container: ContainerSeen | Absent) -> str:
    if container is ABSENT or container.exit_code is None:
        return "was interrupted"
    return f"exited with {container.exit_code}"


def _succeeded(container: ContainerSeen) -> bool:
    return container.started and container.exit_code == 0
