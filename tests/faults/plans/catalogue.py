"""Everything that can go wrong, where it can, and what it may lead to."""

import zlib
from dataclasses import dataclass

from tests.faults.plans.plan import At, Fault, Plan
from tests.faults.simulator.users import ACTS


@dataclass(frozen=True)
class Kind:
    """A kind of fault."""

    what: str
    at: tuple[At, ...]
    amounts: tuple[float, ...] = (0.0,)
    """Seconds, or for late requests the writes that overtake them."""
    seconds: float = 0.0
    """How much longer a plan takes by it; those that only wait are cheap, but keep others waiting in a quick run."""
    every: int = 1
    """Of so many places only one is taken for `all`: another for each kind, so that together they take every one."""
    by_people: bool = False
    """Whether somebody else did something: then a status that says what a person must do is an end as well."""
    standby: bool = False
    """Whether a second operator stands by from the beginning."""
    ends_operator: bool = False
    """Whether the operator may end itself, to be started again with nothing in its mind."""
    alone: bool = False
    """Whether it happens to the whole control plane, so that each plan needs one of its own."""

    def faults(self, at: At, number: int) -> list[Fault]:
        """Return the faults of this kind at one place."""
        return [Fault(self.what, at, number, amount) for amount in self.amounts] if at in self.at else []

    def takes(self, at: At, number: int, scenario: str) -> bool:
        """Whether the place is one of those that this kind takes for `all`."""
        every = self.every * (2 if self.by_people and at is At.OBSERVATION else 1)
        return (number + zlib.crc32(f"{self.what} {self.amounts} {scenario}".encode())) % every == 0


_WRITE, _READ, _SEEN, _WAIT = (At.WRITE,), (At.READ,), (At.OBSERVATION,), (At.WAIT,)
_REQUEST = (At.WRITE, At.READ)
_ANYWHERE = (At.WRITE, At.OBSERVATION, At.WAIT)
INVALID = 422
STATUSES = (401, 403, INVALID, 429, 500, 503, 504)

TECHNICAL = (
    Kind("crash-before", _WRITE),
    Kind("crash-after", _WRITE),
    Kind("crash", (At.OBSERVATION, At.WAIT)),
    Kind("lost", _WRITE),
    Kind("lost", _READ, every=4),
    Kind("answer-lost", _WRITE),
    Kind("late", _WRITE, amounts=(1, 3)),
    Kind("late-after-crash", _WRITE, amounts=(2,)),
    Kind("twice", _WRITE),
    Kind("conflict", _WRITE),
    Kind("slow", _WRITE, amounts=(2,), seconds=2, every=4),
    Kind("slow", _WRITE, amounts=(9,), seconds=9, every=4),
    Kind("silent", _REQUEST, seconds=11, every=4),
    Kind("silent-but-done", _WRITE, seconds=11, every=4),
    *(Kind(f"status-{status}", _WRITE, every=4) for status in STATUSES),
    # kopf asks once what is served; it ends where that is invalid, and is begun anew.
    *(Kind(f"status-{status}", _READ, every=4, ends_operator=status == INVALID) for status in STATUSES),
    Kind("status-404", _WRITE, every=4),
    Kind("delayed", _SEEN, amounts=(1,), seconds=1, every=3),
    Kind("dropped", _SEEN, seconds=335, every=10),
    Kind("doubled", _SEEN, every=3),
    Kind("overtaken", _SEEN, seconds=1.5, every=3),
    Kind("expired-event", _SEEN, every=3),
    Kind("expired-answer", _SEEN, every=3),
    Kind("not-served", _SEEN, every=3, ends_operator=True),
    Kind("error-event", _SEEN, every=3),
    Kind("closed", _SEEN, every=3),
    Kind("stalled", _SEEN, seconds=80, every=10),
    Kind("away", _ANYWHERE, amounts=(1,), seconds=1, every=3),
    Kind("away", _WAIT, amounts=(30, 120), seconds=150, every=10, ends_operator=True),
    Kind("frozen", (At.WRITE, At.WAIT), amounts=(17,), seconds=20, every=3, standby=True),
    Kind("restored", _WRITE, amounts=(1, 4), seconds=40, every=6, by_people=True, ends_operator=True, alone=True),
    Kind("usurped", _ANYWHERE, seconds=2, every=3, standby=True),
)
_NOT_AT_ANY_TIME = frozenset({"usurped"})
_TAKES_SECONDS = {"suspend-job": 100.0}
"""What waits until a pod has had its time to start."""
BY_PEOPLE = tuple(
    Kind(act, _ANYWHERE, every=3, seconds=_TAKES_SECONDS.get(act, 0.0), by_people=not act.startswith("touch-"))
    for act in ACTS
    if act not in _NOT_AT_ANY_TIME
)
OF_LEADERSHIP = (
    Kind("blocked", (At.WRITE, At.WAIT), amounts=(20,), seconds=24, every=3, standby=True),
    Kind("renewals-refused", (At.WRITE, At.WAIT), amounts=(22,), seconds=26, every=3, standby=True),
)
"""A leader whose work does not go on for longer than its Lease lasts keeps it; one that cannot renew it gives it up."""
KINDS = (*TECHNICAL, *BY_PEOPLE, *OF_LEADERSHIP)
"""A dropped event is made good by the next listing, at most 330 s later; a silent watch by its end, after 70 s."""
BY_NAME = {kind.what: kind for kind in reversed(KINDS)}


def kind_of(fault: Fault) -> Kind:
    """Return the kind of a fault."""
    own = (kind for kind in KINDS if kind.what == fault.what and fault.at in kind.at and fault.amount in kind.amounts)
    return next(own, None) or BY_NAME[fault.what]


def is_alone(plan: Plan) -> bool:
    """Whether a plan needs a control plane of its own."""
    return any(kind_of(fault).alone for fault in plan.faults)


def is_by_people(plan: Plan) -> bool:
    """Whether somebody interferes with the release."""
    return any(kind_of(fault).by_people for fault in plan.faults)
