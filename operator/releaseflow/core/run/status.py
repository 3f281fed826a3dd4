"""The whole status of a run, computed from where the evaluation of its gates ended."""

from collections.abc import Iterator
from dataclasses import replace

from releaseflow.api.v1alpha1.backup_status import NOT_TAKEN
from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.database import LeftBehind
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.operation import Operation
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.conditions import (
    SUCCEEDED,
    UndatedCondition,
    condition,
    false,
    not_ready,
    ready,
    reconciling,
    stalled,
    true,
    unknown,
    with_dates,
)
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.names import short_version
from releaseflow.core.outcomes import ENDED_BY_PEOPLE
from releaseflow.core.run.cleanup import database_after
from releaseflow.core.run.facts import DatabaseState, RunObserved
from releaseflow.core.run.gates import LOCKED, RunEvaluation, RunGate, gates
from releaseflow.core.run.record import Finished, RunVerdict, is_lock_given_back, step_of
from releaseflow.core.timestamps import duration, timestamp

_NOT_NEEDED = frozenset({Reason.NOTHING_PENDING, Reason.ALREADY_DOWN})
"""Ends that a gate before the last one finds."""
_GIVEN_BACK = "The lock is given back until a person has approved the migration: other runs may use the database"


def status_of(facts: RunObserved, evaluation: RunEvaluation) -> MigrationRunStatus:
    """Return the whole status that an evaluation of the gates leads to."""
    status, verdict = evaluation.result.status, evaluation.result.verdict
    over = isinstance(verdict, Stopped | Finished)
    conditions = (*_gate_conditions(facts, evaluation), *_summary(verdict))
    start, now = status.start_time or timestamp(facts.now), timestamp(facts.now)
    update = {
        "observed_generation": facts.generation,
        "conditions": with_dates(conditions, facts.status.conditions, facts.generation, facts.now),
        "version": short_version(facts.spec.image),
        "start_time": start,
        "outcome": verdict.reason if over else None,
        "completion_time": now if over else None,
        "duration": duration(start, now) if over else "",
        "backup_state": "Skipped" if status.backup == NOT_TAKEN else _state(step_of(status, StepType.BACKUP), verdict),
        "migration_state": _state(step_of(status, StepType.MIGRATE), verdict),
    }
    if facts.spec.operation is Operation.HOOK:
        update |= {"backup_state": "", "migration_state": ""}
    return _with_database_state(facts, status.model_copy(update=update))


def _with_database_state(facts: RunObserved, status: MigrationRunStatus) -> MigrationRunStatus:
    """Return the record in which the database is unknown where a migration may have changed it and did not succeed."""
    over = status.outcome is not None
    unknown = over and database_after(facts.with_status(status)) is not DatabaseState.CLEAN
    return status.model_copy(update={"database_state": LeftBehind.UNKNOWN}) if unknown else status


def _gate_conditions(facts: RunObserved, evaluation: RunEvaluation) -> Iterator[UndatedCondition]:
    """Report every gate: the open ones, the closed one, and those behind it as not reached."""
    opened = dict(evaluation.opened)
    for gate in gates(facts):
        if gate is LOCKED and is_lock_given_back(evaluation.result.status):
            yield false(gate.condition, Reason.AWAITING_APPROVAL, _GIVEN_BACK)
        elif gate.condition in opened:
            yield true(gate.condition, opened[gate.condition].reason, opened[gate.condition].message)
        elif gate.condition == evaluation.closed:
            yield _closed_gate(gate, evaluation.result.verdict)
        else:
            yield _unreached_gate(facts, gate, evaluation.result.verdict)


def _closed_gate(gate: RunGate, verdict: RunVerdict) -> UndatedCondition:
    if isinstance(verdict, Finished):
        return true(gate.condition, verdict.reason, verdict.message)
    return false(gate.condition, verdict.reason, verdict.message)


def _unreached_gate(facts: RunObserved, gate: RunGate, verdict: RunVerdict) -> UndatedCondition:
    """Report a gate that was not asked: as it stood, or as not reached."""
    old = condition(facts.status.conditions, gate.condition)
    if isinstance(verdict, Finished) and verdict.reason in _NOT_NEEDED:
        return unknown(gate.condition, verdict.reason, "Not needed")
    if old is not None and old.status is ConditionStatus.TRUE:
        return true(gate.condition, old.reason, old.message)
    return unknown(gate.condition, Reason.NOT_REACHED)


def _summary(verdict: RunVerdict) -> tuple[UndatedCondition, ...]:
    """Return whether the run succeeded, and the facts of kstatus: Ready says the same of an object with an end."""
    ready, *others = _kstatus(verdict)
    return (replace(ready, type=SUCCEEDED), ready, *others)


def _kstatus(verdict: RunVerdict) -> tuple[UndatedCondition, ...]:
    """Return the facts of kstatus."""
    match verdict:
        case Opened() | Finished():
            return ready(verdict.reason, verdict.message)
        case Waiting():
            return reconciling(verdict.reason, verdict.message)
        case Stopped():
            return (not_ready if verdict.reason in ENDED_BY_PEOPLE else stalled)(verdict.reason, verdict.message)


def _state(step: StepStatus | Absent, verdict: RunVerdict) -> str:
    """Return a step's state in one word, for the columns of kubectl get; empty where a run did not come so far."""
    over = isinstance(verdict, Stopped | Finished)
    if step is ABSENT:
        return "NotNeeded" if isinstance(verdict, Finished) else ""
    if step.outcome is None:
        return "Stopped" if over else "Running"
    return step.outcome.value
