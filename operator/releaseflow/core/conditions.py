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
class UndatedCondition:
    """A condition without its date."""

    type: str
    status: ConditionStatus
    reason: Reason
    message: str = ""


def true(kind: str, reason: Reason, message: str = "") -> UndatedCondition:
    """Return a condition that holds."""
    return UndatedCondition(kind, ConditionStatus.TRUE, reason, message)


def false(kind: str, reason: Reason, message: str = "") -> UndatedCondition:
    """Return a condition that does not hold."""
    return UndatedCondition(kind, ConditionStatus.FALSE, reason, message)


def unknown(kind: str, reason: Reason, message: str = "") -> UndatedCondition:
    """Return a condition of which it is not yet known whether it holds."""
    return UndatedCondition(kind, ConditionStatus.UNKNOWN, reason, message)


def ready(reason: Reason, message: str) -> tuple[UndatedCondition, ...]:
    """Return the facts of kstatus for an object that is as it was asked for."""
    return (true(READY, reason, message),)


def reconciling(reason: Reason, message: str) -> tuple[UndatedCondition, ...]:
    """Return the facts of kstatus for an object that is on its way, or waits."""
    return (unknown(READY, reason, message), true(RECONCILING, reason, message))


def not_ready(reason: Reason, message: str) -> tuple[UndatedCondition, ...]:
    """Return the facts of kstatus for an object that ended without success, and needs no action."""
    return (false(READY, reason, message),)


def stalled(reason: Reason, message: str) -> tuple[UndatedCondition, ...]:
    """Return the facts of kstatus for an object that needs a person."""
    return (false(READY, reason, message), true(STALLED, reason, message))


def with_dates(
    conditions: Iterable[UndatedCondition], before: tuple[Condition, ...], generation: int, now: datetime
) -> tuple[Condition, ...]:
    """Return conditions, each dated from when its status last changed."""
    old = {condition.type: condition for condition in before}
    return tuple(_with_date(fact, old.get(fact.type), generation, now) for fact in conditions)


def condition(conditions: tuple[Condition, ...], kind: str) -> Condition | None:
    """Return the condition of a type."""
    return next((c for c in conditions if c.type == kind), None)


def _with_date(fact: UndatedCondition, old: Condition | None, generation: int, now: datetime) -> Condition:
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
