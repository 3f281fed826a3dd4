"""How a migration ended: its containers' end and the database's own word prove it, and what is unclear is unknown."""

from releaseflow.api.v1alpha1.database import SchemaStatus
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.operation import Operation
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.containers import ContainerName
from releaseflow.core.decision import Opened
from releaseflow.core.engines import client_of, no_client
from releaseflow.core.facts import ABSENT, ContainerFacts, JobFacts, PodFacts, PodPhase
from releaseflow.core.gates import GateResult
from releaseflow.core.redaction import one_line, tail
from releaseflow.core.run.executed import Lost, NotBegun, end_of_command, executes, see_that_it_has_ended
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.record import RunResult, fail_run, step_of, with_step_outcome
from releaseflow.core.run.reports import FailureReport, SchemaReport, schema_report
from releaseflow.core.run.second_check import ask_check_again
from releaseflow.core.run.start import pods_of_job, start_failure
from releaseflow.core.tools import leftovers, migration_image

UNSEEN_SESSIONS = "See first that no session of it is at work in the database: without a backup nothing looks for them"
"""What only the container of a backup asks, and a person has to before a retry."""
_BY_ITSELF = frozenset({Reason.MIGRATION_FAILED, Reason.STARTUP_FAILED})
"""How a migration ends by an error of its own."""

_SHOWN = 80
"""Characters of the bookkeeping that are shown."""


def read_end(facts: RunObserved, step: StepStatus, job: JobFacts) -> RunResult:
    """Read how a migration ended from the one pod of its Job, whatever condition the Job has."""
    pods = pods_of_job(facts, StepType.MIGRATE, job)
    if not _may_have_begun(pods):
        return _read_condition(facts, step, job, pods)
    if len(pods) > 1:
        return _fail_unverified(facts, step, pods, "its Job made more than one pod")
    [pod] = pods
    container = pod.container(ContainerName.MIGRATE)
    if container is ABSENT:
        return _fail_interrupted(facts, step, pods, "its pod does not say how it ended")
    if executes(facts.spec):
        ended = end_of_command(container)
        if not isinstance(ended, ContainerFacts):
            return _fail_without_end(facts, step, job, pod, ended)
        container = ended
    if container.exit_code == 0:
        return _verify_success(facts, step, pod, container)
    return _fail_with_exit_code(facts, step, job, pod, container)


def _read_condition(facts: RunObserved, step: StepStatus, job: JobFacts, pods: tuple[PodFacts, ...]) -> RunResult:
    """Record the end of a Job of which no container is known to have run: its condition is no proof of success."""
    if job.complete:
        return _fail_unverified(facts, step, pods, "the Job says Complete, but no container of it is known to have run")
    if not pods:
        return _fail_interrupted(facts, step, pods, "its pod is gone")
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), _never_started_failure(facts, step, job))


def _verify_success(facts: RunObserved, step: StepStatus, pod: PodFacts, container: ContainerFacts) -> RunResult:
    """Believe an exit with 0 only with the database's own word; where we cannot ask it, with the undisturbed pod's."""
    missing = _what_is_missing(facts, pod, container)
    if missing:
        return _fail_unverified(facts, step, (pod,), missing)
    if client_of(facts.spec) is ABSENT:
        return _believe_pod(facts, step, container)
    report = pod.container(ContainerName.REPORT)
    after = schema_report("" if report is ABSENT else report.message)
    if not isinstance(after, SchemaReport):
        return _fail_unverified(facts, step, (pod,), "the database's own word on its schema is missing")
    status = with_step_outcome(facts, step, StepOutcome.SUCCEEDED, exit_code=0, image_id=container.image_id)
    return compare_schemas(facts, status, after)


def _fail_with_exit_code(
    facts: RunObserved, step: StepStatus, job: JobFacts, pod: PodFacts, container: ContainerFacts
) -> RunResult:
    """Record a migration whose container ended with an error, or was ended."""
    reason = _reason_of(container, pod, job)
    why = failure(
        facts,
        FailedStep.MIGRATE,
        reason,
        f"the migration {_end_in_words(container)}{what_is_left(facts, reason)}",
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


def stop_as_unknown(facts: RunObserved, step: StepStatus, why: str, executed_in: str = "") -> RunResult:
    """Record a migration whose outcome cannot be known any more, and the pod that it was executed in, where it was."""
    more = f". {see_that_it_has_ended(facts, executed_in)}" if executes(facts.spec) else ""
    unknown = failure(facts, FailedStep.MIGRATE, Reason.OUTCOME_UNKNOWN, f"{why}{more}")
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), unknown)


def _fail_without_end(
    facts: RunObserved, step: StepStatus, job: JobFacts, pod: PodFacts, end: NotBegun | Lost
) -> RunResult:
    """Record a command that was executed in a running container, and of which no end is known."""
    if isinstance(end, Lost):
        late = "it took longer than migration.deadlineSeconds: " if job.failed_reason == "DeadlineExceeded" else ""
        return stop_as_unknown(facts, step, f"{late}{end.why}", end.pod)
    not_begun = failure(facts, FailedStep.MIGRATE, Reason.NOT_EXECUTED, end.why, pod=pod.name)
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED, pod_name=pod.name), not_begun)


def _believe_pod(facts: RunObserved, step: StepStatus, container: ContainerFacts) -> RunResult:
    """Open on the word of the pod: there is no client that asks the database."""
    status = with_step_outcome(facts, step, StepOutcome.SUCCEEDED, exit_code=0, image_id=container.image_id)
    message = f"The migration is complete by its pod. The database was not asked: {no_client(facts.spec)}"
    return GateResult(Opened(Reason.MIGRATED, message), status)


def compare_schemas(facts: RunObserved, status: MigrationRunStatus, after: SchemaReport) -> RunResult:
    """Compare the database before and after a migration that ended well; the record that goes on says that it did."""
    schema = SchemaStatus(version=after.schema_version, fingerprint=after.fingerprint)
    status = status.model_copy(update={"schema_after": schema})
    if not facts.spec.backup.asks_database:
        status = status.model_copy(update={"database_identity": after.identity})
    elif after.identity != facts.status.database_identity:
        return _fail_mismatch(facts, status, Reason.DATABASE_CHANGED, "the backup and the migration saw two databases")
    if facts.spec.operation is Operation.DOWN:
        return _judge_version(facts, status, schema)
    if schema == facts.status.schema_before and _was_pending(facts):
        return _judge_unchanged(facts, status, schema)
    return GateResult(Opened(Reason.MIGRATED, "The migration is complete"), status)


def _judge_version(facts: RunObserved, status: MigrationRunStatus, schema: SchemaStatus) -> RunResult:
    """Believe a Down only where the bookkeeping says again what the earlier run found, to the letter."""
    wanted = facts.status.down.version if facts.status.down is not None else ""
    if wanted and schema.version == wanted:
        return GateResult(Opened(Reason.WENT_DOWN, "The bookkeeping is as the earlier run found it"), status)
    why = f"the tool exited with 0, and its bookkeeping is {_shown(schema.version)} and not {_shown(wanted)}"
    return _fail_mismatch(facts, status, Reason.VERSION_MISMATCH, why)


def _shown(version: str) -> str:
    return one_line(version, _SHOWN) or "empty"


def _judge_unchanged(facts: RunObserved, status: MigrationRunStatus, schema: SchemaStatus) -> RunResult:
    """Judge a migration that left the schema as it was although something was pending."""
    if not bookkeeping_is_known(facts, schema):
        return ask_check_again(facts, status)
    return _fail_mismatch(facts, status, Reason.NO_EFFECT, "something was pending, and the database did not change")


def _was_pending(facts: RunObserved) -> bool:
    """Whether the check said so; one that failed since the database was away just then has said nothing."""
    backup = step_of(facts.status, StepType.BACKUP)
    if backup is not ABSENT and backup.unreachable:
        return False
    check = step_of(facts.status, StepType.CHECK)
    return check is not ABSENT and check.exit_code not in {None, 0}


def bookkeeping_is_known(facts: RunObserved, schema: SchemaStatus) -> bool:
    """Whether a migration must show in the database: one of an unknown tool may only move data."""
    return bool(schema.version) or facts.spec.migration.tool is not None


def _fail_mismatch(facts: RunObserved, status: MigrationRunStatus, reason: Reason, why: str) -> RunResult:
    return fail_run(status, failure(facts, FailedStep.MIGRATE, reason, why))


def _fail_unverified(facts: RunObserved, step: StepStatus, pods: tuple[PodFacts, ...], why: str) -> RunResult:
    name = pods[-1].name if pods else step.pod_name
    unverified = failure(facts, FailedStep.MIGRATE, Reason.OUTCOME_UNVERIFIED, why, pod=name)
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), unverified)


def _fail_interrupted(facts: RunObserved, step: StepStatus, pods: tuple[PodFacts, ...], why: str) -> RunResult:
    if executes(facts.spec):
        return stop_as_unknown(facts, step, why)
    name = pods[-1].name if pods else step.pod_name
    reason = Reason.INTERRUPTED
    interrupted = failure(facts, FailedStep.MIGRATE, reason, f"{why}{what_is_left(facts, reason)}", pod=name)
    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), interrupted)


def what_is_left(facts: RunObserved, reason: Reason) -> str:
    """Say what the tool leaves in the database when it ends so, or why we cannot know; empty for an unknown tool."""
    sessions = "" if facts.spec.backup.asks_database or reason in _BY_ITSELF else f". {UNSEEN_SESSIONS}"
    if client_of(facts.spec) is ABSENT:
        return f". What it left in the database is not known: {no_client(facts.spec)}{sessions}"
    left = leftovers(facts.spec, killed=reason not in _BY_ITSELF)
    return f"{f'. {left}' if left else ''}{sessions}"


def _what_is_missing(facts: RunObserved, pod: PodFacts, container: ContainerFacts) -> str:
    """Say what a migration lacks that exited with 0; empty where nothing is missing."""
    if container.image != migration_image(facts.spec):
        return f"its pod ran {container.image} and not {migration_image(facts.spec)}"
    if not container.ended_well:
        return "it exited with 0, but it is not known to have run to its end"
    if client_of(facts.spec) is ABSENT:
        return "it exited with 0, but its pod was stopped or failed" if pod.may_be_cut_short else ""
    report = pod.container(ContainerName.REPORT)
    if report is ABSENT or not report.ended_well:
        return f"it exited with 0, but the database could not be asked: {_complaint(pod)}"
    return ""


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
    return any(pod.started or pod.node_lost or pod.phase is PodPhase.SUCCEEDED for pod in pods)


def _reason_of(container: ContainerFacts, pod: PodFacts, job: JobFacts) -> Reason:
    if container.out_of_memory:
        return Reason.OUT_OF_MEMORY
    if job.failed_reason == "DeadlineExceeded":
        return Reason.DEADLINE_EXCEEDED
    if container.exit_code is None or pod.asked_to_stop or pod.node_lost:
        return Reason.INTERRUPTED
    return Reason.MIGRATION_FAILED


def _end_in_words(container: ContainerFacts) -> str:
    if container.exit_code is None:
        return "was interrupted"
    return f"exited with {container.exit_code}"
