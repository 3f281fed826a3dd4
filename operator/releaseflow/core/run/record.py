"""How a run's record is read and continued; nothing here decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Stopped
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.gates import GateResult, Verdict
from releaseflow.core.names import job_name, step_name
from releaseflow.core.run.actions import RunAction
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.timestamps import timestamp

NONE_BEFORE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Finished:
    """The run has nothing left to do, and succeeded."""

    requires_live_read: ClassVar[bool] = False
    reason: Reason
    message: str


RunVerdict: TypeAlias = Verdict[RunAction, Finished]
RunResult: TypeAlias = GateResult[MigrationRunStatus, RunAction, Finished]


def step_of(status: MigrationRunStatus, kind: StepType) -> StepStatus | Absent:
    """Return what is recorded of a step."""
    return next((step for step in status.steps if step.type is kind), ABSENT)


def is_lock_given_back(status: MigrationRunStatus) -> bool:
    """Whether it is recorded that the run waits for a person: it gives its lock back, and asks no other gate."""
    return status.approval_request_time is not None and status.approval_time is None


def with_step(status: MigrationRunStatus, step: StepStatus) -> MigrationRunStatus:
    """Return the record with this step in place of what was recorded of it."""
    others = tuple(old for old in status.steps if old.name != step.name)
    order = list(StepType)
    steps = tuple(sorted((*others, step), key=lambda s: order.index(s.type)))
    return status.model_copy(update={"steps": steps})


def with_attempt(
    facts: RunObserved,
    kind: StepType,
    attempt: int = 1,
    at: datetime | None = None,
    before: Mapping[str, int] = NONE_BEFORE,
) -> MigrationRunStatus:
    """Return the record with the intent of an attempt, to be written before its Job exists.

    Args:
        facts: What the run depends on.
        kind: The step.
        attempt: Its number.
        at: When it may begin; now where it is left out.
        before: How many attempts before it were `unreachable` or `expired`, or were `asked_before`.
    """
    step = StepStatus(
        name=step_name(kind),
        type=kind,
        attempt=attempt,
        **before,
        job_name=job_name(facts.name, facts.uid, kind, attempt),
        template_hash=facts.template_hash(kind),
        start_time=timestamp(at or facts.now),
    )
    return with_step(facts.status, step)


def with_another_question(facts: RunObserved, kind: StepType) -> MigrationRunStatus:
    """Return the record in which an answered step is asked again, in another Job; without one nothing changes."""
    old = step_of(facts.status, kind)
    if old is ABSENT:
        return facts.status
    return with_attempt(facts, kind, old.attempt + 1, before={"asked_before": old.attempt})


def with_step_outcome(facts: RunObserved, step: StepStatus, outcome: StepOutcome, **fields: Any) -> MigrationRunStatus:
    """Return the record with a step's outcome."""
    update = {"outcome": outcome, "completion_time": timestamp(facts.now), **fields}
    return with_step(facts.status, step.model_copy(update=update))


def fail_run(status: MigrationRunStatus, failure: Failure) -> RunResult:
    """Stop the run with everything that a reader needs to know of its failure."""
    verdict = Stopped(failure.reason, failure_message(failure))
    return GateResult(verdict, status.model_copy(update={"failure": failure}))


def failure_message(failure: Failure) -> str:
    """Say what failed, and what to do next."""
    return f"{failure.step} failed: {failure.hint}"[:LONGEST_MESSAGE]
