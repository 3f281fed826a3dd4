"""Gates open in order, and only the first closed one gives the result: nothing behind it can act."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.decision import ActionT, Decision, Opened, StatusT, Stopped, Waiting, with_rejection
from releaseflow.core.observed import Observed


class End(Protocol):
    """What a gate says when nothing is left to do."""

    @property
    def requires_live_read(self) -> bool:
        """Whether the end may only be recorded when live reads lead to it."""

    @property
    def reason(self) -> Reason:
        """Why, as one word."""

    @property
    def message(self) -> str:
        """The same in words."""


EndT = TypeVar("EndT", bound=End)
FactsT = TypeVar("FactsT", bound=Observed[Any, Any])
Verdict: TypeAlias = Opened | Waiting[ActionT] | Stopped | EndT


@dataclass(frozen=True)
class GateResult(Generic[StatusT, ActionT, EndT]):
    """A gate's verdict, and the status that goes with it."""

    verdict: Verdict[ActionT, EndT]
    status: StatusT


@dataclass(frozen=True)
class Gate(Generic[FactsT, StatusT, ActionT, EndT]):
    """A check, and the status condition that it reports."""

    condition: str
    check: Callable[[FactsT], GateResult[StatusT, ActionT, EndT]]


@dataclass(frozen=True)
class Evaluation(Generic[StatusT, ActionT, EndT]):
    """The conditions of the gates that were found open, that of the first closed one, and its result."""

    opened: tuple[tuple[str, Opened], ...]
    closed: str
    """Empty where no gate is closed, or none was asked."""
    result: GateResult[StatusT, ActionT, EndT]


def evaluate(
    facts: FactsT,
    gates: Iterable[Gate[FactsT, StatusT, ActionT, EndT]],
    end: Callable[[FactsT], GateResult[StatusT, ActionT, EndT]],
) -> Evaluation[StatusT, ActionT, EndT]:
    """Ask the gates in order, each with the status that the one before it left.

    Args:
        facts: What the gates depend on.
        gates: The gates, in order.
        end: What follows once all of them are open.
    """
    opened: list[tuple[str, Opened]] = []
    for gate in gates:
        result = gate.check(facts)
        if not isinstance(result.verdict, Opened):
            return Evaluation(tuple(opened), gate.condition, result)
        facts = facts.with_status(result.status)
        opened.append((gate.condition, result.verdict))
    return Evaluation(tuple(opened), "", end(facts))


def decision_of(
    facts: FactsT,
    evaluation: Evaluation[StatusT, ActionT, EndT],
    status_of: Callable[[FactsT, Evaluation[StatusT, ActionT, EndT]], StatusT],
) -> Decision[StatusT, ActionT]:
    """Return what an evaluation leads to: a status to report, and an action to take."""
    result = evaluation.result
    verdict = with_rejection(result.verdict, facts.rejection)
    status = status_of(facts, replace(evaluation, result=replace(result, verdict=verdict)))
    if isinstance(verdict, Waiting):
        return Decision(status, verdict.action, verdict.requires_live_read, verdict.requeue_after)
    return Decision(status, requires_live_read=verdict.requires_live_read)
