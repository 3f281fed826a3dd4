"""The row of gates of a release, and the walk along it."""

from collections.abc import Callable
from dataclasses import dataclass

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.core.decision import Opened
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.history import GateResult, ReleaseEnded, with_good_image, with_status
from releaseflow.core.flow.rollback import images_are_put_back, is_rolling_back
from releaseflow.core.flow.rollout import last_target_is_rolled_out, promotion_is_approved, targets_are_promoted
from releaseflow.core.flow.run import run_is_successful
from releaseflow.core.flow.targets import targets_are_found


@dataclass(frozen=True)
class Gate:
    """A check, and the status condition that it reports."""

    condition: str
    check: Callable[[FlowObserved, Release], GateResult]


@dataclass(frozen=True)
class Evaluation:
    """The gates that were found open, and the turn at the first closed one."""

    opened: tuple[tuple[Gate, Opened], ...]
    closed: Gate | None
    result: GateResult


def _found(facts: FlowObserved, _release: Release) -> GateResult:
    return targets_are_found(facts)


TARGETS_FOUND = Gate("TargetsFound", _found)
RUN_SUCCEEDED = Gate("RunSucceeded", run_is_successful)
APPROVED = Gate("Approved", promotion_is_approved)
PROMOTED = Gate("Promoted", targets_are_promoted)
ROLLED_OUT = Gate("RolledOut", last_target_is_rolled_out)
GATES = (TARGETS_FOUND, RUN_SUCCEEDED, APPROVED, PROMOTED, ROLLED_OUT)


def evaluate(facts: FlowObserved, release: Release) -> Evaluation:
    """Return how far the release under way comes, and the result of its first closed gate."""
    if is_rolling_back(facts):
        return Evaluation((), ROLLED_OUT, images_are_put_back(facts, release))
    opened: list[tuple[Gate, Opened]] = []
    for gate in GATES:
        release = facts.status.release or release
        result = gate.check(facts, release)
        if not isinstance(result.verdict, Opened):
            return Evaluation(tuple(opened), gate, result)
        facts = with_status(facts, result.status)
        opened.append((gate, result.verdict))
    done = ReleaseEnded(Outcome.RELEASED, Reason.RELEASED, f"{release.image} is released")
    return Evaluation(tuple(opened), None, GateResult(done, with_good_image(facts.status, release.image)))
