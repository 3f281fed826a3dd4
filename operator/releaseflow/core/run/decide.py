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
    Fact,
    condition,
    dated,
    ended,
    false,
    stalled,
    succeeded,
    true,
    unknown,
    working,
)
from releaseflow.core.decision import Decision, Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.names import short_version
from releaseflow.core.rejection import with_refusal
from releaseflow.core.run.actions import HoldRun, RunAction
from releaseflow.core.run.backup import backup_is_taken, backup_is_verified
from releaseflow.core.run.check import nothing_is_pending
from releaseflow.core.run.cleanup import next_clean_up
from releaseflow.core.run.early_end import held_while_suspended, reason_to_end
from releaseflow.core.run.facts import FlowOfRun, RunObserved
from releaseflow.core.run.lock import database_is_locked
from releaseflow.core.run.migration import has_started, migration_is_done
from releaseflow.core.run.record import Finished, RunVerdict, Turn, step_of, with_record
from releaseflow.core.timestamps import duration, timestamp

ENDED_BY_PEOPLE = frozenset({Reason.SUPERSEDED, Reason.ABORTED, Reason.FLOW_DELETED, Reason.RUN_DELETED})
"""Outcomes after which no person has to act."""


@dataclass(frozen=True)
class Gate:
    """A check, and the status condition that it reports."""

    condition: str
    check: Callable[[RunObserved], Turn]


def decide(seen: RunObserved) -> Decision[MigrationRunStatus, RunAction]:
    """Return the status of a run, and the one action to take."""
    if seen.status.outcome is not None:
        return Decision(seen.status, next_clean_up(seen))
    if not seen.held:
        return Decision(seen.status, ABSENT if seen.deleting else HoldRun())
    if has_started(seen):
        return _decision(seen, _walk(seen, (MIGRATED,)))
    walk = _walk(seen, gates(seen))
    end = reason_to_end(seen)
    if isinstance(end, Stopped):
        walk = replace(walk, turn=Turn(end, seen.status))
    return _decision(seen, replace(walk, turn=held_while_suspended(seen, walk.turn)))


def gates(seen: RunObserved) -> tuple[Gate, ...]:
    """Return a run's row of gates."""
    return GATES_WITH_APPROVAL if seen.spec.approval_required else GATES


def migration_is_approved(seen: RunObserved) -> Turn:
    """Wait for a person, where the flow says so; the approval names the run and holds for it alone."""
    ref, flow = seen.spec.flow_ref, seen.flow
    if isinstance(flow, FlowOfRun) and flow.approved:
        return Turn(Opened(), seen.status)
    name = ref.name if isinstance(ref, FlowRef) else "FLOW"
    command = commands.approve(seen.namespace, name, seen.name)
    return Turn(Waiting(Reason.AWAITING_APPROVAL, f"The backup is good. Approve the migration: {command}"), seen.status)


LOCKED = Gate("Locked", database_is_locked)
CHECKED = Gate("Checked", nothing_is_pending)
BACKED_UP = Gate("BackedUp", backup_is_taken)
VERIFIED = Gate("BackupVerified", backup_is_verified)
APPROVED = Gate("Approved", migration_is_approved)
MIGRATED = Gate("Migrated", migration_is_done)
GATES = (LOCKED, CHECKED, BACKED_UP, VERIFIED, MIGRATED)
GATES_WITH_APPROVAL = (LOCKED, CHECKED, BACKED_UP, VERIFIED, APPROVED, MIGRATED)


@dataclass(frozen=True)
class Walk:
    """The gates that were found open, and the turn at the first closed one."""

    opened: tuple[tuple[Gate, Opened], ...]
    closed: Gate | None
    turn: Turn


def _walk(seen: RunObserved, row: tuple[Gate, ...]) -> Walk:
    opened: list[tuple[Gate, Opened]] = []
    record = seen.status
    for gate in row:
        turn = gate.check(with_record(seen, record))
        if not isinstance(turn.verdict, Opened):
            return Walk(tuple(opened), gate, turn)
        record = turn.record
        opened.append((gate, turn.verdict))
    done = Finished(Reason.MIGRATED, f"The schema is migrated by {seen.spec.image}")
    return Walk(tuple(opened), None, Turn(done, record))


def _decision(seen: RunObserved, walk: Walk) -> Decision[MigrationRunStatus, RunAction]:
    verdict = with_refusal(walk.turn.verdict, seen.refused)
    status = _status(seen, replace(walk, turn=replace(walk.turn, verdict=verdict)))
    if isinstance(verdict, Waiting):
        return Decision(status, verdict.action, look_again=verdict.look_again)
    return Decision(status, requires_live_read=verdict.requires_live_read)


def _status(seen: RunObserved, walk: Walk) -> MigrationRunStatus:
    """Return the whole status that a walk along the gates leads to."""
    record, verdict = walk.turn.record, walk.turn.verdict
    over = isinstance(verdict, Stopped | Finished)
    facts = (*_gate_facts(seen, walk), *_summary(verdict))
    start, now = record.start_time or timestamp(seen.now), timestamp(seen.now)
    update = {
        "observed_generation": seen.generation,
        "conditions": dated(facts, seen.status.conditions, seen.generation, seen.now),
        "version": short_version(seen.spec.image),
        "start_time": start,
        "outcome": verdict.reason if over else None,
        "completion_time": now if over else None,
        "duration": duration(start, now) if over else "",
        "backup_state": _state(step_of(record, StepType.BACKUP), verdict),
        "migration_state": _state(step_of(record, StepType.MIGRATE), verdict),
    }
    return record.model_copy(update=update)


def _gate_facts(seen: RunObserved, walk: Walk) -> Iterator[Fact]:
    """Report every gate: the open ones, the closed one, and those behind it as not reached."""
    opened = {gate.condition: verdict for gate, verdict in walk.opened}
    for gate in gates(seen):
        if gate.condition in opened:
            yield true(gate.condition, opened[gate.condition].reason, opened[gate.condition].message)
        elif gate is walk.closed:
            yield _closed(gate, walk.turn.verdict)
        else:
            yield _unheard(seen, gate, walk.turn.verdict)


def _closed(gate: Gate, verdict: RunVerdict) -> Fact:
    if isinstance(verdict, Finished):
        return true(gate.condition, verdict.reason, verdict.message)
    return false(gate.condition, verdict.reason, verdict.message)


def _unheard(seen: RunObserved, gate: Gate, verdict: RunVerdict) -> Fact:
    """Report a gate that was not asked: as it stood, or as not reached."""
    old = condition(seen.status.conditions, gate.condition)
    if isinstance(verdict, Finished) and verdict.reason is Reason.NOTHING_PENDING:
        return unknown(gate.condition, Reason.NOTHING_PENDING, "Not needed")
    if old is not None and old.status is ConditionStatus.TRUE:
        return true(gate.condition, old.reason, old.message)
    return unknown(gate.condition, Reason.NOT_REACHED)


def _summary(verdict: RunVerdict) -> tuple[Fact, ...]:
    """Return whether the run succeeded, and the facts of kstatus: Ready says the same of an object with an end."""
    ready, *others = _kstatus(verdict)
    return (replace(ready, type=SUCCEEDED), ready, *others)


def _kstatus(verdict: RunVerdict) -> tuple[Fact, ...]:
    """Return the facts of kstatus."""
    match verdict:
        case Opened() | Finished():
            return succeeded(verdict.reason, verdict.message)
        case Waiting():
            return working(verdict.reason, verdict.message)
        case Stopped():
            return (ended if verdict.reason in ENDED_BY_PEOPLE else stalled)(verdict.reason, verdict.message)


def _state(step: StepStatus | Absent, verdict: RunVerdict) -> str:
    """Return a step's state in one word, for the columns of kubectl get; empty where a run did not come so far."""
    over = isinstance(verdict, Stopped | Finished)
    if step is ABSENT:
        return "NotNeeded" if isinstance(verdict, Finished) else ""
    if step.outcome is None:
        return "Stopped" if over else "Running"
    return step.outcome.value
