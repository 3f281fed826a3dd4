"""Which plans are played: all single faults, a selection of them, or seeded pairs."""

import random
from collections.abc import Iterable, Mapping, Sequence

from tests.faults.plans.catalogue import KINDS, OF_LEADERSHIP, Kind, kind_of
from tests.faults.plans.plan import At, Fault, Plan

Places = Mapping[At, int]
"""How many writes, reads, observations and waits a release without faults has."""


def _places(*counts: int) -> Places:
    return dict(zip((At.WRITE, At.READ, At.OBSERVATION, At.WAIT), counts, strict=True))


LONG_SECONDS = 5.0
"""From here on a plan mostly waits."""
LONGEST_OF_QUICK = 20.0
"""What waits longer is played once in a quick run, and only where nothing shorter is of its kind."""
USUAL: Mapping[str, Places] = {
    "good": _places(20, 22, 52, 7),
    "nothing-pending": _places(12, 13, 27, 3),
    "backup-fails": _places(12, 19, 29, 5),
    "migration-fails": _places(23, 48, 61, 9),
    "newer-image": _places(42, 36, 99, 13),
    "statefulset": _places(20, 22, 52, 7),
    "without-client": _places(16, 18, 42, 6),
    "migrate-only": _places(17, 20, 44, 5),
    "gate": _places(20, 26, 52, 7),
    "rollout-fails": _places(20, 24, 49, 8),
}
"""How many places there usually are: what a quick run plays does not depend on how one release happened to go."""
AT_EVERY_WRITE = ("crash-before", "crash-after", "answer-lost")
"""What a quick run plays at every write of the good scenario."""
AT_EVERY_WRITE_OF_GATE = "crash-after"
"""What it plays at every write of a release that admission holds."""
IN_MID_RELEASE = 8
"""The write at which a quick run plays what happens to a leader."""


def singles(scenario: str, places: Places, kinds: Iterable[Kind] = KINDS, *, sparse: bool = False) -> list[Plan]:
    """Return a plan for each kind of fault at each place; or, sparse, only at those that the catalogue says."""
    return [
        Plan(scenario, (fault,))
        for kind in kinds
        for at in kind.at
        for number in range(1, places.get(at, 0) + 1)
        if not sparse or kind.takes(at, number, scenario)
        for fault in kind.faults(at, number)
    ]


def quick(scenarios: Sequence[str], count: int, seed: int = 1) -> list[Plan]:
    """Return the same selection every time: the good scenario and the gated one at every write, then each kind in turn.

    What happens to a leader is played once each, in the middle of the good scenario.

    Each kind is played in another scenario each time, somewhere in it, until there are as many plans as were asked for.
    """
    chance = random.Random(seed)  # noqa: S311  # plans, no secrets
    sharp = [kind for kind in KINDS if kind.what in AT_EVERY_WRITE]
    chosen = singles("good", USUAL["good"], sharp) if "good" in scenarios else []
    if "gate" in scenarios:
        chosen += singles("gate", USUAL["gate"], [kind for kind in KINDS if kind.what == AT_EVERY_WRITE_OF_GATE])
    of_leadership = [Plan("good", tuple(kind.faults(At.WRITE, IN_MID_RELEASE))) for kind in OF_LEADERSHIP]
    count -= len(of_leadership)
    for turn in range(count):
        for number, kind in enumerate(_quick_kinds(turn)):
            scenario = scenarios[(number + turn) % len(scenarios)]
            chosen.append(Plan(scenario, (_somewhere(chance, [kind], USUAL[scenario]),)))
        if len(chosen) >= count:
            break
    return [*chosen[:count], *of_leadership]


def _quick_kinds(turn: int) -> list[Kind]:
    """Return the kinds of one turn: each that is short, and in the first turn the shortest of what is left."""
    kinds = [kind for kind in KINDS if kind not in OF_LEADERSHIP]
    short = [kind for kind in kinds if kind.seconds <= LONGEST_OF_QUICK]
    known = {kind.what for kind in short}
    long = {kind.what: kind for kind in kinds if kind.what not in known}
    return [*short, *long.values()] if turn == 0 else short


def extra_seconds(plan: Plan) -> float:
    """Return how much longer a plan takes by its faults."""
    return sum(kind_of(fault).seconds for fault in plan.faults)


def doubles(places: Mapping[str, Places], count: int, seed: int) -> list[Plan]:
    """Return seeded pairs of faults, none of which takes long."""
    chance = random.Random(seed)  # noqa: S311  # plans, no secrets
    short = [kind for kind in KINDS if kind.seconds < LONG_SECONDS]
    found = []
    for _ in range(count):
        scenario = chance.choice(sorted(places))
        pair = sorted(_somewhere(chance, short, places[scenario]) for _ in range(2))
        found.append(Plan(scenario, tuple(pair)))
    return found


def _somewhere(chance: random.Random, kinds: list[Kind], places: Places) -> Fault:
    kind = chance.choice(kinds)
    at = chance.choice(kind.at)
    number = chance.randint(1, max(places.get(at, 1), 1))
    return Fault(kind.what, at, number, chance.choice(kind.amounts))
