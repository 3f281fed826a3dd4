"""Decide the next step of a MigrationRun.

A run is a row of gates, and they open in order:

    Locked -> Checked -> BackedUp -> BackupVerified -> (Approved) -> Migrated

Only the first closed gate gives the result, so nothing behind it can act. A gate passes the record on, so that an
outcome and the next intent are written together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from releaseflow.api import commands
from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.migration_run import FlowRef, MigrationRunStatus
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
from releaseflow.core.decision import Decision, Opened, Stopped, Waiting, with_rejection
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.names import short_version
from releaseflow.core.outcomes import ENDED_BY_PEOPLE
from releaseflow.core.run.actions import AddFinalizer, RunAction
from releaseflow.core.run.backup import backup_is_taken, backup_is_verified
from releaseflow.core.run.check import nothing_is_pending
from releaseflow.core.run.cleanup import next_clean_up
from releaseflow.core.run.early_end import reason_to_end, wait_while_suspended
from releaseflow.core.run.facts import FlowForRun, RunObserved
from releaseflow.core.run.lock import database_is_locked
from releaseflow.core.run.migration import has_started, migration_is_done
from releaseflow.core.run.record import Finished, GateResult, RunVerdict, step_of, with_status
from releaseflow.core.timestamps import duration, timestamp


@dataclass(frozen=True)
class Gate:
    """A check, and the status condition that it reports."""

    condition: str
    check: Callable[[RunObserved], GateResult]


def decide(facts: RunObserved) -> Decision[MigrationRunStatus, RunAction]:
    """Return the status of a run, and the one action to take."""
    if facts.status.outcome is not None:
        return Decision(facts.status, next_clean_up(facts))
    if not facts.has_finalizer:
        return Decision(facts.status, ABSENT if facts.deleting else AddFinalizer())
    if has_started(facts):
        return _decision(facts, _evaluate(facts, (MIGRATED,)))
    evaluation = _evaluate(facts, gates(facts))
    end = reason_to_end(facts)
    if isinstance(end, Stopped):
        evaluation = replace(evaluation, result=GateResult(end, facts.status))
    return _decision(facts, replace(evaluation, result=wait_while_suspended(facts, evaluation.result)))


def gates(facts: RunObserved) -> tuple[Gate, ...]:
    """Return a run's row of gates."""
    return GATES_WITH_APPROVAL if facts.spec.approval_required else GATES


def migration_is_approved(facts: RunObserved) -> GateResult:
    """Wait for a person, where the flow says so; the approval names the run and holds for it alone."""
    ref, flow = facts.spec.flow_ref, facts.flow
    if isinstance(flow, FlowForRun) and flow.approved:
        return GateResult(Opened(), facts.status)
    name = ref.name if isinstance(ref, FlowRef) else "FLOW"
    command = commands.approve(facts.namespace, name, facts.name)
    return GateResult(
        Waiting(Reason.AWAITING_APPROVAL, f"The backup is good. Approve the migration: {command}"), facts.status
    )


LOCKED = Gate("Locked", database_is_locked)
CHECKED = Gate("Checked", nothing_is_pending)
BACKED_UP = Gate("BackedUp", backup_is_taken)
VERIFIED = Gate("BackupVerified", backup_is_verified)
APPROVED = Gate("Approved", migration_is_approved)
MIGRATED = Gate("Migrated", migration_is_done)
GATES = (LOCKED, CHECKED, BACKED_UP, VERIFIED, MIGRATED)
GATES_WITH_APPROVAL = (LOCKED, CHECKED, BACKED_UP, VERIFIED, APPROVED, MIGRATED)


@dataclass(frozen=True)
class Evaluation:
    """The gates that were found open, and the turn at the first closed one."""

    opened: tuple[tuple[Gate, Opened], ...]
    closed: Gate | None
    result: GateResult


def _evaluate(facts: RunObserved, row: tuple[Gate, ...]) -> Evaluation:
    opened: list[tuple[Gate, Opened]] = []
    status = facts.status
    for gate in row:
        result = gate.check(with_status(facts, status))
        if not isinstance(result.verdict, Opened):
            return Evaluation(tuple(opened), gate, result)
        status = result.status
        opened.append((gate, result.verdict))
    done = Finished(Reason.MIGRATED, f"The schema is migrated by {facts.spec.image}")
    return Evaluation(tuple(opened), None, GateResult(done, status))


def _decision(facts: RunObserved, evaluation: Evaluation) -> Decision[MigrationRunStatus, RunAction]:
    verdict = with_rejection(evaluation.result.verdict, facts.rejection)
    status = _status(facts, replace(evaluation, result=replace(evaluation.result, verdict=verdict)))
    if isinstance(verdict, Waiting):
        return Decision(status, verdict.action, requeue_after=verdict.requeue_after)
    return Decision(status, requires_live_read=verdict.requires_live_read)


def _status(facts: RunObserved, evaluation: Evaluation) -> MigrationRunStatus:
    """Return the whole status that a walk along the gates leads to."""
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
        "backup_state": _state(step_of(status, StepType.BACKUP), verdict),
        "migration_state": _state(step_of(status, StepType.MIGRATE), verdict),
    }
    return status.model_copy(update=update)


def _gate_conditions(facts: RunObserved, evaluation: Evaluation) -> Iterator[UndatedCondition]:
    """Report every gate: the open ones, the closed one, and those behind it as not reached."""
    opened = {gate.condition: verdict for gate, verdict in evaluation.opened}
    for gate in gates(facts):
        if gate.condition in opened:
            yield true(gate.condition, opened[gate.condition].reason, opened[gate.condition].message)
        elif gate is evaluation.closed:
            yield _closed_gate(gate, evaluation.result.verdict)
        else:
            yield _unreached_gate(facts, gate, evaluation.result.verdict)


def _closed_gate(gate: Gate, verdict: RunVerdict) -> UndatedCondition:
    if isinstance(verdict, Finished):
        return true(gate.condition, verdict.reason, verdict.message)
    return false(gate.condition, verdict.reason, verdict.message)


def _unreached_gate(facts: RunObserved, gate: Gate, verdict: RunVerdict) -> UndatedCondition:
    """Report a gate that was not asked: as it stood, or as not reached."""
    old = condition(facts.status.conditions, gate.condition)
    if isinstance(verdict, Finished) and verdict.reason is Reason.NOTHING_PENDING:
        return unknown(gate.condition, Reason.NOTHING_PENDING, "Not needed")
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
