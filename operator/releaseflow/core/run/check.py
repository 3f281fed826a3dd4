"""Gate Checked: a release with nothing pending costs one Job, and no backup."""

from dataclasses import dataclass

from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepType
from releaseflow.core.containers import ContainerName
from releaseflow.core.decision import Opened
from releaseflow.core.engines import client_image
from releaseflow.core.facts import ABSENT, Absent, ContainerFacts, JobFacts, PodFacts
from releaseflow.core.gates import GateResult
from releaseflow.core.redaction import tail
from releaseflow.core.run.attempt import follow_attempt, try_again
from releaseflow.core.run.executed import Lost, NotBegun, end_of_command, executes_check
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.record import Finished, RunResult, step_of, with_step_outcome
from releaseflow.core.tools import files_check, has_check, migration_image, pending_codes

NO_ANSWER = range(126, 193)
"""Exit codes of a command that could not be run (126 to 128), or that a signal ended (128 and its number)."""


def nothing_is_pending(facts: RunObserved) -> RunResult:
    """Finish the run where the tool says that nothing is pending; open for everything else."""
    if not has_check(facts.spec):
        return GateResult(
            Opened(Reason.NOT_CHECKED, "No check is configured: backing up and migrating always"), facts.status
        )
    step = step_of(facts.status, StepType.CHECK)
    if step is not ABSENT and step.outcome is not None:
        return _read_answer(facts.status, step.exit_code)
    answer = ask_check(facts)
    return answer if isinstance(answer, GateResult) else _read_answer(answer.status, answer.exit_code)


@dataclass(frozen=True)
class CheckAnswered:
    """The check has ended with an answer, which the status records."""

    status: MigrationRunStatus
    exit_code: int


def ask_check(facts: RunObserved) -> RunResult | CheckAnswered:
    """Bring the recorded attempt at the check to its answer; one that gives none is tried again."""
    over = follow_attempt(facts, StepType.CHECK, Reason.CHECKING)
    if isinstance(over, GateResult):
        return over
    code = _exit_code(facts, over.job, over.pod)
    if code is None:
        return try_again(facts, over.step, Reason.CHECKING, _no_answer_failure(facts, over.job, over.pod))
    status = with_step_outcome(facts, over.step, StepOutcome.SUCCEEDED, exit_code=code, job_uid=over.job.uid)
    return CheckAnswered(status, code)


def _exit_code(facts: RunObserved, job: JobFacts, pod: PodFacts | Absent) -> int | None:
    """Return the exit code that a check answered with; None where it gave no answer.

    That nothing is pending lets an image through, so only the container's own end says so. Where the pod is gone, the
    code that a pod failure policy left in the Job is enough to go on: something is pending.
    """
    if pod is ABSENT:
        code = job.failed_exit_code
        return code if code != 0 and _says_pending(facts, code) else None
    container = _ended_container(facts, pod)
    if not isinstance(container, ContainerFacts) or not container.ended or pod.asked_to_stop:
        return None
    if container.exit_code == 0:
        return 0 if container.image == _checking_image(facts) and not pod.may_be_cut_short else None
    return container.exit_code if _says_pending(facts, container.exit_code) else None


def _checking_image(facts: RunObserved) -> str:
    """Return the image of the container that answers: the released one, unless ours reads the names of its files."""
    by_files = files_check(facts.spec) is not ABSENT
    return client_image(facts.spec, facts.client_image) if by_files else migration_image(facts.spec)


def _says_pending(facts: RunObserved, code: int | None) -> bool:
    """Whether the code is an answer: of a tool's own check its own codes are, of a user's check all but a few."""
    codes = pending_codes(facts.spec)
    return code in codes if codes else code not in NO_ANSWER


def _ended_container(facts: RunObserved, pod: PodFacts | Absent) -> ContainerFacts | NotBegun | Lost | Absent:
    """Return the container of the check; where it was executed in another one, as if it had ended with the command."""
    container = ABSENT if pod is ABSENT else pod.container(ContainerName.CHECK)
    if container is ABSENT or not executes_check(facts.spec):
        return container
    return end_of_command(container)


def _read_answer(status: MigrationRunStatus, code: int | None) -> RunResult:
    """Read the answer of a check: 0 is nothing pending, any other answer is something pending."""
    if code == 0:
        return GateResult(Finished(Reason.NOTHING_PENDING, "Nothing is pending: no backup, no migration"), status)
    return GateResult(
        Opened(Reason.MIGRATION_PENDING, f"The check exited with {code}, which counts as pending"), status
    )


def _no_answer_failure(facts: RunObserved, job: JobFacts, pod: PodFacts | Absent) -> Failure:
    container = _ended_container(facts, pod)
    where = "" if pod is ABSENT else pod.name
    if isinstance(container, NotBegun | Lost):
        begun = isinstance(container, Lost)
        reason = Reason.CHECK_FAILED if begun else Reason.NOT_EXECUTED
        return failure(facts, FailedStep.CHECK, reason, f"the check gave no answer: {container.why}", pod=where)
    reason = Reason.OUT_OF_MEMORY if container is not ABSENT and container.out_of_memory else Reason.CHECK_FAILED
    code = job.failed_exit_code if container is ABSENT else container.exit_code
    return failure(
        facts,
        FailedStep.CHECK,
        reason,
        f"the check gave no answer ({_end(job, code)})",
        exit_code=code,
        pod=where,
        log_tail="" if container is ABSENT else tail(container.message),
    )


def _end(job: JobFacts, code: int | None) -> str:
    """Say how a check ended that gave no answer."""
    if code and job.failed_reason != "DeadlineExceeded":
        return f"exit code {code}"
    return job.failed_reason or "its pod does not say how it ended"
