"""From an observation to a write: the production core decides, unchanged, once for each thing that can be seen."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from releaseflow.core.decision import Act, Decision, Requeue, WriteStatus, next_effect
from releaseflow.core.flow.decide import decide as decide_flow
from releaseflow.core.run.decide import decide as decide_run
from tests.model import facts, interning, writes
from tests.model.objects import (
    FlowBody,
    RunBody,
)
from tests.model.observe import FlowObservation, RunObservation
from tests.model.state import Write


class Decided(NamedTuple):
    """What a sight leads to, by the rules of the controllers."""

    live: bool
    """Whether it may only be followed when live reads lead to it."""
    write: Write | None
    waits: bool
    """Whether time alone may change it."""


@cache
def of_flow(observation: FlowObservation) -> Decided:
    """Decide about a flow."""
    body = observation.flow.body
    assert isinstance(body, FlowBody)
    decision = decide_flow(facts.flow_observed(observation))
    report = writes.write_of_status(observation.flow, decision.status)
    recorded = interning.FLOW_STATUSES[body.status]
    return _followed(decision, recorded, report, lambda action: writes.write_of_flow(observation, action))


@cache
def of_run(observation: RunObservation) -> Decided:
    """Decide about a run."""
    body = observation.run.body
    assert isinstance(body, RunBody)
    decision = decide_run(facts.run_observed(observation))
    report = writes.write_of_status(observation.run, decision.status)
    recorded = interning.RUN_STATUSES[body.status]
    return _followed(decision, recorded, report, lambda action: writes.write_of_run(observation, action))


def _followed(
    decision: Decision[Any, Any], recorded: object, report: Write, written: Callable[[Any], Write]
) -> Decided:
    """Say what the reconciler does about a decision: act, or report, or rest."""
    waits = decision.requeue_after is not None
    effect = next_effect(decision, recorded)
    match effect:
        case Act(action):
            return Decided(effect.requires_live_read, written(action), waits)
        case WriteStatus():
            return Decided(effect.requires_live_read, report, waits)
        case Requeue():
            return Decided(live=False, write=None, waits=waits)
