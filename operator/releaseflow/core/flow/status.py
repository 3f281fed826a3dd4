"""The whole status of a flow, computed from where the evaluation of its gates ended."""

from collections.abc import Iterator

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import Target
from releaseflow.core.conditions import (
    LONGEST_MESSAGE,
    UndatedCondition,
    condition,
    false,
    ready,
    reconciling,
    stalled,
    true,
    unknown,
    with_dates,
)
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.flow.containers import images_that_run
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.failure_hooks import with_intended_failure_hooks
from releaseflow.core.flow.follow import wanted_image
from releaseflow.core.flow.gates import FlowEvaluation, FlowGate, gates_of
from releaseflow.core.flow.history import FlowVerdict, ReleaseEnded, end_message, with_release
from releaseflow.core.names import short_version
from releaseflow.core.timestamps import timestamp
from releaseflow.workloads.registry import DEFAULT_KIND

_NO_TARGETS = "none"
"""The targets of a flow that only migrates, in their column."""


def status_of(facts: FlowObserved, evaluation: FlowEvaluation) -> ReleaseFlowStatus:
    """Return the whole status that an evaluation leads to."""
    status, verdict = evaluation.result.status, evaluation.result.verdict
    if isinstance(verdict, ReleaseEnded):
        status = with_release(
            status,
            outcome=verdict.outcome,
            outcome_reason=verdict.reason,
            completion_time=timestamp(facts.now),
        )
        status = with_intended_failure_hooks(facts, status)
    row = tuple(_gate_conditions(facts, evaluation))
    live, wanted = images_that_run(facts), wanted_image(facts.with_status(status))
    conditions = (*row, *(_wanted_next(status, verdict, wanted) or _summary(verdict, end_message(facts, status))))
    update = {
        "observed_generation": facts.generation,
        "gate": next((gate.type for gate in row if gate.status is ConditionStatus.FALSE), ""),
        "target_summary": ",".join(_column(spec) for spec in facts.spec.targets)[:256] or _NO_TARGETS,
        "wanted_image": wanted,
        "wanted_version": short_version(wanted) if wanted else "",
        "live_version": ",".join(dict.fromkeys(short_version(image) for image in live))[:256],
        "live_image": ",".join(live)[:256],
        "conditions": with_dates(conditions, facts.status.conditions, facts.generation, facts.now),
    }
    return status.model_copy(update=update)


def _wanted_next(status: ReleaseFlowStatus, verdict: FlowVerdict, wanted: str) -> tuple[UndatedCondition, ...]:
    """Return what to say of a release that went well while a target asks for another image already."""
    release = status.release
    went_well = isinstance(verdict, ReleaseEnded) and verdict.outcome is Outcome.RELEASED
    if release is None or not went_well or release.image == wanted:
        return ()
    return reconciling(Reason.SUPERSEDED, f"{verdict.message}; {wanted} is wanted next"[:LONGEST_MESSAGE])


def _gate_conditions(facts: FlowObserved, evaluation: FlowEvaluation) -> Iterator[UndatedCondition]:
    """Report every gate: the open ones, the closed one, and those behind it."""
    opened = dict(evaluation.opened)
    verdict = evaluation.result.verdict
    for gate in gates_of(facts.with_status(evaluation.result.status)):
        if gate.condition in opened:
            yield _open_gate(facts, gate, opened[gate.condition])
        elif gate.condition == evaluation.closed:
            yield false(gate.condition, verdict.reason, verdict.message)
        else:
            yield _unreached_gate(facts, gate, evaluation)


def _open_gate(facts: FlowObserved, gate: FlowGate, verdict: Opened) -> UndatedCondition:
    """Report an open gate; between releases, with what it said when it opened."""
    old = condition(facts.status.conditions, gate.condition)
    if verdict == Opened() and old is not None and old.status is ConditionStatus.TRUE:
        return true(gate.condition, old.reason, old.message)
    return true(gate.condition, verdict.reason, verdict.message)


def _unreached_gate(facts: FlowObserved, gate: FlowGate, evaluation: FlowEvaluation) -> UndatedCondition:
    """Report a gate that was not asked: not reached or, between releases, as it stood."""
    old = condition(facts.status.conditions, gate.condition)
    if not evaluation.closed and old is not None:
        return UndatedCondition(gate.condition, old.status, old.reason, old.message)
    return unknown(gate.condition, Reason.NOT_REACHED)


def _column(target: Target) -> str:
    return target.name if target.kind == DEFAULT_KIND else f"{target.kind.lower()}/{target.name}"


def _summary(verdict: FlowVerdict, end: str) -> tuple[UndatedCondition, ...]:
    """Return the facts of kstatus."""
    match verdict:
        case Opened():
            return ready(verdict.reason, verdict.message)
        case Waiting() if verdict.reason is Reason.RELEASED:
            return ready(verdict.reason, verdict.message)
        case Waiting():
            return reconciling(verdict.reason, verdict.message)
        case Stopped():
            return stalled(verdict.reason, verdict.message)
        case ReleaseEnded():
            return _end_conditions(verdict, end)


def _end_conditions(verdict: ReleaseEnded, end: str) -> tuple[UndatedCondition, ...]:
    """Return the facts of a release that just ended, in their final words."""
    match verdict.outcome:
        case Outcome.RELEASED:
            return ready(verdict.reason, verdict.message)
        case Outcome.SUPERSEDED:
            return reconciling(verdict.reason, end)
        case Outcome.FAILED | Outcome.ROLLED_BACK | Outcome.ABORTED:
            return stalled(verdict.reason, end)
