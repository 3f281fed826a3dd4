"""Which plans are played: all single faults, a selection of them, or seeded pairs."""

import random
from collections.abc import Iterable, Mapping

from tests.protocol.faults.plans.catalogue import KINDS, Kind, kind_of
from tests.protocol.faults.plans.plan import At, Fault, Plan

Places = Mapping[At, int]
"""How many writes, reads, observations and waits a release without faults has."""
LONG_SECONDS = 5.0
"""From here on a plan mostly waits."""
LONGEST_OF_QUICK = 20.0
"""What waits longer has no place in a quick run."""


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


def quick(plans: Iterable[Plan], count: int, seed: int = 0) -> list[Plan]:
    """Return a selection that has each kind of fault in it as often as any, spread over places and scenarios."""
    by_kind: dict[str, list[Plan]] = {}
    chance = random.Random(seed)  # noqa: S311  # plans, no secrets
    for plan in (plan for plan in plans if extra_seconds(plan) <= LONGEST_OF_QUICK):
        by_kind.setdefault(plan.faults[0].what, []).append(plan)
    for found in by_kind.values():
        chance.shuffle(found)
    chosen: list[Plan] = []
    while len(chosen) < count and any(by_kind.values()):
        chosen += [found.pop() for found in by_kind.values() if found]
    return chosen[:count]


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
