"""What a decision says: the verdict of the first closed gate, the status it leads to, and one thing to do."""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from releaseflow.api.reasons import Reason
from releaseflow.core.observed import ABSENT, Absent

ActionT = TypeVar("ActionT")
StatusT = TypeVar("StatusT")


@dataclass(frozen=True)
class Opened:
    """The gate's condition holds."""

    reason: Reason = Reason.OPENED
    message: str = ""


@dataclass(frozen=True)
class Waiting(Generic[ActionT]):
    """Not yet: this action, or an event, or time will open it."""

    reason: Reason
    message: str
    action: ActionT | Absent = ABSENT
    look_again: float | None = None
    """Seconds after which time itself may have changed the verdict."""


@dataclass(frozen=True)
class Stopped:
    """Nothing but a person will open it."""

    reason: Reason
    message: str


@dataclass(frozen=True)
class Decision(Generic[StatusT, ActionT]):
    """What to report and what to do, in this order.

    The shell writes `status` where it differs from the one observed, and decides again from the answer;
    only a status that stands is acted on. An action with `before_status` needs no record of its own
    (the objects themselves name it), and is done first.
    """

    status: StatusT
    action: ActionT | Absent = ABSENT
    before_status: bool = False
    live: bool = False
    """Whether the action may only be taken when live reads lead to the very same one."""
    look_again: float | None = None
    """Seconds after which to look again even if nothing is heard."""


AnyVerdict: TypeAlias = Opened | Waiting[ActionT] | Stopped
