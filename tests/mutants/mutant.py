"""What a mutant is: one rule, removed or inverted in a copy of the operator, and what must notice it."""

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """What must notice a mutant."""

    EXPLORER = "explorer"
    """tests/model: every state of a small world."""
    UNIT = "unit"
    """tests/unit: stories and tables of the core, the Jobs and the controllers."""
    FAULTS = "faults"
    """tests/faults: the real process, broken on a real API server."""


@dataclass(frozen=True)
class Mutant:
    """One rule, broken by replacing a piece of the source."""

    name: str
    rule: str
    """Rule of the protocol that it breaks, or what it is about."""
    path: str
    """File in operator/releaseflow."""
    before: str
    """Text that the file has exactly once."""
    after: str
    tier: Tier = Tier.EXPLORER
    killer: str = ""
    """What of the tier is known to kill it, and is tried first: a scenario, a file in tests/unit, or a plan."""


RUN, FLOW = "core/run", "core/flow"
