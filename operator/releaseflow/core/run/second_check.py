"""The second question: where nothing shows that a migration did something, its check says whether anything is pending.

A migration that only moves data changes no schema, and a tool whose bookkeeping is not known leaves no other trace. So
the check is asked once more, in a Job of its own and under the same lock: its 0 is believed, and nothing else.
"""

from releaseflow.api.v1alpha1.failure import FailedStep
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.gates import GateResult
from releaseflow.core.run.attempt import AttemptEnded, follow_attempt, try_again
from releaseflow.core.run.check import exit_code, no_answer_failure
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.record import RunResult, fail_run, step_of, with_another_question, with_step_outcome

_NOTHING_CHANGED = "The migration changed no schema"


def ask_check_again(facts: RunObserved, status: MigrationRunStatus) -> RunResult:
    """Record that the check is asked once more, after a migration that ended well and changed nothing to be seen."""
    again = with_another_question(facts.with_status(status), StepType.CHECK)
    message = f"{_NOTHING_CHANGED}: asking the check whether anything is still pending"
    return GateResult(Waiting(Reason.CHECKING, message), again)


def is_asked_again(status: MigrationRunStatus, migrate: StepStatus) -> bool:
    """Whether the check of a run is under way after its migration ended well."""
    check = step_of(status, StepType.CHECK)
    return migrate.outcome is StepOutcome.SUCCEEDED and check is not ABSENT and check.outcome is None


def nothing_is_pending_any_more(facts: RunObserved) -> RunResult:
    """Open where the check that is asked again exits with 0; for any other answer the database is unknown."""
    over = follow_attempt(facts, StepType.CHECK, Reason.CHECKING)
    if isinstance(over, GateResult):
        return over
    code = exit_code(facts, over.job, over.pod)
    if code is None:
        return try_again(facts, over.step, Reason.CHECKING, no_answer_failure(facts, over.job, over.pod))
    return _read_answer(facts, over, code)


def _read_answer(facts: RunObserved, over: AttemptEnded, code: int) -> RunResult:
    status = with_step_outcome(facts, over.step, StepOutcome.SUCCEEDED, exit_code=code, job_uid=over.job.uid)
    if code == 0:
        return GateResult(Opened(Reason.MIGRATED, f"{_NOTHING_CHANGED}, and nothing is pending any more"), status)
    why = f"the migration exited with 0 and changed no schema, and the check still exits with {code}"
    return fail_run(status, failure(facts, FailedStep.MIGRATE, Reason.STILL_PENDING, why))
