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
from releaseflow.core.run.check import CheckAnswered, ask_check
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.record import RunResult, fail_run, step_of, with_another_question

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
    answer = ask_check(facts)
    return answer if isinstance(answer, GateResult) else _read_answer(facts, answer)


def _read_answer(facts: RunObserved, answer: CheckAnswered) -> RunResult:
    if answer.exit_code == 0:
        opened = Opened(Reason.MIGRATED, f"{_NOTHING_CHANGED}, and nothing is pending any more")
        return GateResult(opened, answer.status)
    why = f"the migration exited with 0 and changed no schema, and the check still exits with {answer.exit_code}"
    return fail_run(answer.status, failure(facts, FailedStep.MIGRATE, Reason.STILL_PENDING, why))
