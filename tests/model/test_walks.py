"""Random walks through worlds too large to explore: three flows on two databases, two operators, much trouble."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.model.liveness import Rests
from tests.model.scenario import Scenario
from tests.model.search import Move, moves
from tests.model.troubles import EVERYTHING
from tests.support.examples import examples

LARGE = Scenario(
    "large",
    "three flows on two databases",
    tuple((trouble, 2) for trouble in EVERYTHING),
    at_most=8,
    operators=2,
    flows=3,
    databases=2,
    late_at_once=3,
)
RESTS = Rests(LARGE.flows)


class Walk(RuleBasedStateMachine):
    """Takes one of the moves that are possible, and now and then lets all come to rest."""

    def __init__(self) -> None:
        super().__init__()
        self.state = LARGE.begin()

    @rule(choice=st.integers(0, 10_000), steps=st.integers(1, 12))
    def goes_on(self, choice: int, steps: int) -> None:
        for _ in range(steps):
            possible = [move for move in moves(self.state, LARGE) if not move.change.trouble]
            if not possible:
                return
            self._take(possible[choice % len(possible)])

    @precondition(lambda self: any(move.change.trouble for move in moves(self.state, LARGE)))
    @rule(choice=st.integers(0, 10_000))
    def meets_trouble(self, choice: int) -> None:
        trouble = [move for move in moves(self.state, LARGE) if move.change.trouble]
        self._take(trouble[choice % len(trouble)])

    @rule()
    def could_come_to_rest(self) -> None:
        assert not RESTS.trouble_from(self.state.cluster)

    def _take(self, move: Move) -> None:
        assert not move.change.broken, f"{move.change.who}: {move.change.what}: {move.change.broken}"
        self.state = move.after


TestWalks = Walk.TestCase
TestWalks.settings = settings(
    max_examples=examples(40), stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
