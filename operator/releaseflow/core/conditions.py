"""The state of an object, in the conditions that kubectl wait and kstatus understand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from releaseflow.api.v1alpha1.conditions import Condition, ConditionStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.timestamps import timestamp

READY = "Ready"
RECONCILING = "Reconciling"
STALLED = "Stalled"
SUCCEEDED = "Succeeded"
LONGEST_MESSAGE = 1024


@dataclass(frozen=True)
class Fact:
    """A condition without its date."""

    type: str
    status: ConditionStatus
    reason: Reason
    message: str = ""


def true(kind: str, reason: Reason, message: str = "") -> Fact:
    """Return a condition that holds."""
    return Fact(kind, ConditionStatus.TRUE, reason, message)


def false(kind: str, reason: Reason, message: str = "") -> Fact:
    """Return a condition that does not hold."""
    return Fact(kind, ConditionStatus.FALSE, reason, message)


def unknown(kind: str, reason: Reason, message: str = "") -> Fact:
    """Return a condition of which it is not yet known whether it holds."""
    return Fact(kind, ConditionStatus.UNKNOWN, reason, message)


def succeeded(reason: Reason, message: str) -> tuple[Fact, ...]:
    """Return the facts of kstatus for an object that is as it was asked for."""
    return (true(READY, reason, message),)


def working(reason: Reason, message: str) -> tuple[Fact, ...]:
    """Return the facts of kstatus for an object that is on its way, or waits."""
    return (unknown(READY, reason, message), true(RECONCILING, reason, message))


def ended(reason: Reason, message: str) -> tuple[Fact, ...]:
    """Return the facts of kstatus for an object that ended without success, and needs no action."""
    return (false(READY, reason, message),)


def stalled(reason: Reason, message: str) -> tuple[Fact, ...]:
    """Return the facts of kstatus for an object that needs a person."""
    return (false(READY, reason, message), true(STALLED, reason, message))


def dated(
    facts: Iterable[Fact], before: tuple[Condition, ...], generation: int, now: datetime
) -> tuple[Condition, ...]:
    """Return conditions, each dated from when its status last changed."""
    old = {condition.type: condition for condition in before}
    return tuple(_dated(fact, old.get(fact.type), generation, now) for fact in facts)


def condition(conditions: tuple[Condition, ...], kind: str) -> Condition | None:
    """Return the condition of a type."""
    return next((c for c in conditions if c.type == kind), None)


def _dated(fact: Fact, old: Condition | None, generation: int, now: datetime) -> Condition:
    same = old is not None and old.status is fact.status
    since = old.last_transition_time if old is not None and same else timestamp(now)
    return Condition(
        type=fact.type,
        status=fact.status,
        reason=fact.reason,
        message=fact.message[:LONGEST_MESSAGE],
        observed_generation=generation,
        last_transition_time=since,
    )
