"""What a decision says, and what it leads to next: a status that is written, an action that is taken, or rest."""

from dataclasses import dataclass, replace
from typing import ClassVar, Generic, TypeVar

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.facts import ABSENT, Absent, PendingCause


class Action:
    """One thing that a decision asks of the controller."""

    requires_live_read: ClassVar[bool] = False
    """Whether it may only be taken when live reads lead to the very same action."""
    before_status: ClassVar[bool] = False
    """Whether it needs no record of its own, since the objects themselves name it: it is taken before the status."""


ActionT = TypeVar("ActionT", bound=Action)
StatusT = TypeVar("StatusT")
VerdictT = TypeVar("VerdictT")


@dataclass(frozen=True)
class Opened:
    """The gate's condition holds."""

    requires_live_read: ClassVar[bool] = False
    reason: Reason = Reason.OPENED
    message: str = ""


@dataclass(frozen=True)
class Waiting(Generic[ActionT]):
    """Not yet: this action, or an event, or time will open it."""

    reason: Reason
    message: str
    action: ActionT | Absent = ABSENT
    requeue_after: float | None = None
    """Seconds after which time itself may have changed the verdict."""
    requires_live_read: bool = False
    """Whether the status may only be written when live reads lead to it."""


@dataclass(frozen=True)
class Stopped:
    """Nothing but a person will open it: recorded only when live reads lead to it."""

    requires_live_read: ClassVar[bool] = True
    reason: Reason
    message: str


def with_rejection(verdict: VerdictT, rejection: PendingCause | Absent) -> VerdictT:
    """Return the verdict with the API server's rejection of its action in place of its own words."""
    if not isinstance(verdict, Waiting) or verdict.action is ABSENT or rejection is ABSENT:
        return verdict
    return replace(verdict, reason=rejection.reason, message=rejection.message)


@dataclass(frozen=True)
class Decision(Generic[StatusT, ActionT]):
    """What to report, and what to do."""

    status: StatusT
    action: ActionT | Absent = ABSENT
    requires_live_read: bool = False
    """Whether the status may only be written when live reads lead to it."""
    requeue_after: float | None = None
    """Seconds after which to decide again even if no object has changed."""


@dataclass(frozen=True)
class WriteStatus(Generic[StatusT]):
    """Write this status, and decide again from the answer."""

    status: StatusT
    requires_live_read: bool


@dataclass(frozen=True)
class Act(Generic[ActionT]):
    """Take this action, and decide again."""

    action: ActionT

    @property
    def requires_live_read(self) -> bool:
        """Whether the action may only be taken when live reads lead to it."""
        return self.action.requires_live_read


@dataclass(frozen=True)
class Requeue:
    """Nothing is left to do until an object changes, or time has passed."""

    requires_live_read: ClassVar[bool] = False
    after: float | None
    """Seconds after which to decide again even if no object has changed."""


def next_effect(
    decision: Decision[StatusT, ActionT], recorded: object, *, is_held_back: bool = False
) -> WriteStatus[StatusT] | Act[ActionT] | Requeue:
    """Return what a decision leads to: its status is recorded before its action, but for one that needs no record.

    Args:
        decision: What was decided.
        recorded: The status that the object has.
        is_held_back: Whether the action waits, since the API server rejected it a moment ago.
    """
    action, differs = decision.action, decision.status != recorded
    if action is not ABSENT and not is_held_back and (action.before_status or not differs):
        return Act(action)
    if differs:
        return WriteStatus(decision.status, decision.requires_live_read)
    return Requeue(decision.requeue_after)
