"""The row of gates of a release, and the walk along it."""

from collections.abc import Callable
from dataclasses import dataclass

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.core.decision import Opened
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.history import Over, Turn, all_good, with_record
from releaseflow.core.flow.rollback import images_are_put_back, is_turning_back
from releaseflow.core.flow.rollout import last_target_is_rolled_out, promotion_is_approved, targets_are_promoted
from releaseflow.core.flow.run import run_is_successful
from releaseflow.core.flow.targets import targets_are_found


@dataclass(frozen=True)
class Gate:
    """A check, and the status condition that it reports."""

    condition: str
    check: Callable[[FlowObserved, Release], Turn]


@dataclass(frozen=True)
class Walk:
    """The gates that were found open, and the turn at the first closed one."""

    opened: tuple[tuple[Gate, Opened], ...]
    closed: Gate | None
    turn: Turn


def _found(seen: FlowObserved, _release: Release) -> Turn:
    return targets_are_found(seen)


TARGETS_FOUND = Gate("TargetsFound", _found)
RUN_SUCCEEDED = Gate("RunSucceeded", run_is_successful)
APPROVED = Gate("Approved", promotion_is_approved)
PROMOTED = Gate("Promoted", targets_are_promoted)
ROLLED_OUT = Gate("RolledOut", last_target_is_rolled_out)
GATES = (TARGETS_FOUND, RUN_SUCCEEDED, APPROVED, PROMOTED, ROLLED_OUT)


def walk(seen: FlowObserved, release: Release) -> Walk:
    """Return how far the release under way comes, and the result of its first closed gate."""
    if is_turning_back(seen):
        return Walk((), ROLLED_OUT, images_are_put_back(seen, release))
    opened: list[tuple[Gate, Opened]] = []
    for gate in GATES:
        release = seen.status.release or release
        turn = gate.check(seen, release)
        if not isinstance(turn.verdict, Opened):
            return Walk(tuple(opened), gate, turn)
        seen = with_record(seen, turn.record)
        opened.append((gate, turn.verdict))
    done = Over(Outcome.RELEASED, Reason.RELEASED, f"{release.image} is released")
    return Walk(tuple(opened), None, Turn(done, all_good(seen.status, release.image)))
