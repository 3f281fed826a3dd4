"""A fault plan: plain data that says what goes wrong, and where."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from typing_extensions import override


class At(StrEnum):
    """What the number of a fault counts."""

    WRITE = "write"
    """Writes of the operator; without Events and the leader's Lease, whose number depends on the time."""
    READ = "read"
    """Its gets and lists."""
    OBSERVATION = "observation"
    """Events of its watches."""
    WAIT = "wait"
    """Moments at which it has nothing to do but to wait."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that goes wrong, once."""

    what: str
    """Name in the catalogue."""
    at: At
    number: int
    """Before which write, read, observation or wait, counted from 1."""
    amount: float = 0.0
    """Seconds, or writes, where the catalogue says so."""

    @override
    def __str__(self) -> str:
        amount = f" ({self.amount:g})" if self.amount else ""
        return f"{self.what}{amount} at {self.at} {self.number}"


@dataclass(frozen=True, order=True)
class Plan:
    """A scenario, and what goes wrong in it."""

    scenario: str
    faults: tuple[Fault, ...] = ()

    def as_json(self) -> str:
        """Return the plan as the command line takes it."""
        return json.dumps({"scenario": self.scenario, "faults": [_short(fault) for fault in self.faults]})

    @override
    def __str__(self) -> str:
        return f"{self.scenario}: {', '.join(map(str, self.faults)) or 'no fault'}"


def plan_from_json(text: str) -> Plan:
    """Read a plan.

    Raises:
        ValueError: The text is no plan.
    """
    try:
        found = json.loads(text)
        faults = tuple(_fault(fault) for fault in found.get("faults", []))
        return Plan(found["scenario"], faults)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f'not a plan ({error!r}): write {{"scenario": "good", "faults": [...]}}') from error


def _fault(found: dict[str, Any]) -> Fault:
    return Fault(found["what"], At(found["at"]), int(found["number"]), float(found.get("amount", 0)))


def _short(fault: Fault) -> dict[str, Any]:
    return {key: value for key, value in asdict(fault).items() if value or key != "amount"}
