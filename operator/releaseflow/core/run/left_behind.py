"""What a failed migration left in the database: a Job of its own asks, once nothing of the run is at work any more.

The outcome is recorded by then, and nothing here changes it: where the database does not answer, its state stays
Unknown. Whatever is found, a person lets the next run begin.
"""

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.containers import ContainerName
from releaseflow.core.decision import Decision, Waiting
from releaseflow.core.facts import ABSENT, JobFacts, PodFacts
from releaseflow.core.run.actions import RunAction
from releaseflow.core.run.attempt import create_job, is_ours
from releaseflow.core.run.evidence import step_is_over
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.findings import Finding, compare, not_known, with_finding
from releaseflow.core.run.record import step_of, with_attempt, with_step_outcome
from releaseflow.core.run.reports import FailureReport, SchemaReport, schema_report
from releaseflow.core.run.start import pods_of_job, start_deadline
from releaseflow.core.timestamps import moment

ASKED_AFTER = frozenset(
    {
        Reason.MIGRATION_FAILED,
        Reason.STARTUP_FAILED,
        Reason.OUT_OF_MEMORY,
        Reason.DEADLINE_EXCEEDED,
        Reason.INTERRUPTED,
    }
)
"""How a migration ends after which the database is asked: nothing but the migration itself may have touched it."""
REPORT = StepType.REPORT
RunDecision = Decision[MigrationRunStatus, RunAction]


def may_be_asked(spec: MigrationRunSpec, status: MigrationRunStatus) -> bool:
    """Whether the database is still to be asked what a migration left, as far as the run itself says."""
    migrate, report = step_of(status, StepType.MIGRATE), step_of(status, REPORT)
    failed = migrate is not ABSENT and migrate.outcome is StepOutcome.FAILED and status.outcome in ASKED_AFTER
    comparable = spec.backup.asks_database and status.schema_before is not None
    return failed and comparable and (report is ABSENT or report.outcome is None)


def is_to_be_asked(facts: RunObserved) -> bool:
    """Whether the database is asked next: under the run's own lock, and not for a run that somebody deletes."""
    held = facts.lock is not ABSENT and facts.lock.holder_uid == facts.uid
    return held and not facts.deleting and may_be_asked(facts.spec, facts.status)


def ask_what_is_left(facts: RunObserved) -> RunDecision:
    """Record the intent, create the Job, wait for it, and record what the database says."""
    step = step_of(facts.status, REPORT)
    if step is ABSENT:
        return Decision(with_attempt(facts, REPORT))
    job = facts.job(REPORT)
    if job is ABSENT:
        return _create(facts, step)
    if not is_ours(facts, step, job):
        return _record(facts, step, not_known(f"Job {job.name} was not made by this run"))
    pods = pods_of_job(facts, REPORT, job)
    if step_is_over(pods, job):
        return _record(facts, step, _read(facts, pods))
    return _wait_for_start(facts, step, job, pods)


def _create(facts: RunObserved, step: StepStatus) -> RunDecision:
    """Create the Job; one that cannot be made for as long as a pod may take to start is done without."""
    result, patience = create_job(facts, step, Reason.STOPPING), _seconds_of_patience(facts, step)
    refused = facts.rejection is not ABSENT
    if not isinstance(result.verdict, Waiting) or (refused and patience <= 0):
        return _record(facts, step, not_known("its Job could not be made"))
    again = patience if refused else result.verdict.requeue_after
    return Decision(result.status, result.verdict.action, requeue_after=again)


def _seconds_of_patience(facts: RunObserved, step: StepStatus) -> float:
    since = moment(step.start_time) if step.start_time else facts.now
    return (since - facts.now).total_seconds() + facts.spec.jobs.start_deadline_seconds


def _wait_for_start(facts: RunObserved, step: StepStatus, job: JobFacts, pods: tuple[PodFacts, ...]) -> RunDecision:
    """Wait for the pod, and do without its answer where it does not start in time."""
    if any(pod.started for pod in pods):
        return Decision(facts.status)
    deadline = start_deadline(facts, step, job)
    if facts.now < deadline:
        return Decision(facts.status, requeue_after=(deadline - facts.now).total_seconds())
    return _record(facts, step, not_known("the pod that asks did not start"))


def _read(facts: RunObserved, pods: tuple[PodFacts, ...]) -> Finding:
    """Read what the one pod says; nothing but a report of the very database that was backed up counts."""
    container = pods[0].container(ContainerName.STATE) if len(pods) == 1 else ABSENT
    if container is ABSENT:
        return not_known("the pod that asked does not say how it ended")
    said = schema_report(container.message)
    if isinstance(said, FailureReport):
        return not_known(said.detail or said.reason)
    if not isinstance(said, SchemaReport) or not container.ended_well:
        return not_known("the pod that asked left no report")
    return compare(facts, said)


def _record(facts: RunObserved, step: StepStatus, finding: Finding) -> RunDecision:
    """Record what was found; from live reads, since a pod that is not seen yet could still change it."""
    outcome = StepOutcome.FAILED if finding.schema is ABSENT else StepOutcome.SUCCEEDED
    status = with_finding(facts, with_step_outcome(facts, step, outcome), finding)
    return Decision(status, requires_live_read=True)
