"""The whole status of a flow, computed from where its walk ended."""

from collections.abc import Iterator

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.conditions import Fact, condition, dated, false, stalled, succeeded, true, unknown, working
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.flow.containers import images_that_run
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.gates import GATES, Gate, Walk
from releaseflow.core.flow.history import FlowVerdict, Over, how_it_ended, with_release
from releaseflow.core.names import short_version
from releaseflow.core.timestamps import timestamp


def status_of(seen: FlowObserved, walk: Walk) -> ReleaseFlowStatus:
    """Return the whole status that a walk leads to."""
    record, verdict = walk.turn.record, walk.turn.verdict
    if isinstance(verdict, Over):
        record = with_release(
            record,
            outcome=verdict.outcome,
            outcome_reason=verdict.reason,
            completion_time=timestamp(seen.now),
        )
    row = tuple(_gate_facts(seen, walk))
    facts = (*row, *_summary(verdict, how_it_ended(seen, record)))
    live = images_that_run(seen)
    update = {
        "observed_generation": seen.generation,
        "gate": next((fact.type for fact in row if fact.status is ConditionStatus.FALSE), ""),
        "target_summary": ",".join(target.name for target in seen.spec.targets)[:256],
        "wanted_version": short_version(seen.spec.image),
        "live_version": ",".join(dict.fromkeys(short_version(image) for image in live))[:256],
        "live_image": ",".join(live)[:256],
        "conditions": dated(facts, seen.status.conditions, seen.generation, seen.now),
    }
    return record.model_copy(update=update)


def _gate_facts(seen: FlowObserved, walk: Walk) -> Iterator[Fact]:
    """Report every gate: the open ones, the closed one, and those behind it."""
    opened = {gate.condition: verdict for gate, verdict in walk.opened}
    verdict = walk.turn.verdict
    for gate in GATES:
        if gate.condition in opened:
            yield _kept(seen, gate, opened[gate.condition])
        elif gate is walk.closed:
            yield false(gate.condition, verdict.reason, verdict.message)
        else:
            yield _unheard(seen, gate, walk)


def _kept(seen: FlowObserved, gate: Gate, verdict: Opened) -> Fact:
    """Report an open gate; between releases, with what it said when it opened."""
    old = condition(seen.status.conditions, gate.condition)
    if verdict == Opened() and old is not None and old.status is ConditionStatus.TRUE:
        return true(gate.condition, old.reason, old.message)
    return true(gate.condition, verdict.reason, verdict.message)


def _unheard(seen: FlowObserved, gate: Gate, walk: Walk) -> Fact:
    """Report a gate that was not asked: not reached or, between releases, as it stood."""
    old = condition(seen.status.conditions, gate.condition)
    if walk.closed is None and old is not None:
        return Fact(gate.condition, old.status, old.reason, old.message)
    return unknown(gate.condition, Reason.NOT_REACHED)


def _summary(verdict: FlowVerdict, end: str) -> tuple[Fact, ...]:
    """Return the facts of kstatus."""
    match verdict:
        case Opened():
            return succeeded(verdict.reason, verdict.message)
        case Waiting() if verdict.reason is Reason.RELEASED:
            return succeeded(verdict.reason, verdict.message)
        case Waiting():
            return working(verdict.reason, verdict.message)
        case Stopped():
            return stalled(verdict.reason, verdict.message)
        case Over():
            return _ended(verdict, end)


def _ended(verdict: Over, end: str) -> tuple[Fact, ...]:
    """Return the facts of a release that just ended, in their final words."""
    match verdict.outcome:
        case Outcome.RELEASED:
            return succeeded(verdict.reason, verdict.message)
        case Outcome.SUPERSEDED:
            return working(verdict.reason, end)
        case Outcome.FAILED | Outcome.ROLLED_BACK | Outcome.ABORTED:
            return stalled(verdict.reason, end)
