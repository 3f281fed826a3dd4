"""The actions that the API server rejected: why, in one line, and when to try again."""

from collections.abc import Callable
from dataclasses import dataclass, field

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.core.facts import ABSENT, Absent, PendingCause
from releaseflow.core.flow.actions import FlowAction, SetImage
from releaseflow.core.redaction import one_line
from releaseflow.core.run.actions import RunAction
from releaseflow.kube.errors import ApiError

LONGEST = 700
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
"""Seconds before a rejected action is tried again: doubled each time."""


@dataclass(frozen=True)
class Rejection:
    """A rejected action."""

    action: str
    cause: PendingCause
    pause: float
    until: float


@dataclass(frozen=True)
class Rejections:
    """Remembers, for each flow and run, the action that was rejected last."""

    monotonic: Callable[[], float]
    _known: dict[ReconcileRequest, Rejection] = field(default_factory=dict)

    def cause(self, key: ReconcileRequest) -> PendingCause | Absent:
        """Return why the last action was rejected, where it was."""
        known = self._known.get(key)
        return ABSENT if known is None else known.cause

    def add(self, key: ReconcileRequest, action: FlowAction | RunAction, error: ApiError) -> None:
        """Remember a rejection."""
        before = self._known.get(key)
        pause = min(before.pause * 2, LONGEST_PAUSE) if before else FIRST_PAUSE
        self._known[key] = Rejection(
            type(action).__name__, rejection_cause(action, error), pause, self.monotonic() + pause
        )

    def clear(self, key: ReconcileRequest) -> None:
        """Forget a rejection: something was done, or nothing is left to do."""
        self._known.pop(key, None)

    def pause(self, key: ReconcileRequest, action: FlowAction | RunAction) -> float:
        """Return the seconds that an action must wait, since it was rejected a moment ago."""
        known = self._known.get(key)
        if known is None or known.action != type(action).__name__:
            return 0.0
        return max(0.0, known.until - self.monotonic())


def rejection_cause(action: FlowAction | RunAction, error: ApiError) -> PendingCause:
    """Return a rejection as one reason and one line that does not change by itself."""
    if isinstance(action, SetImage):
        reason = Reason.PROMOTION_REFUSED
    elif "exceeded quota" in error.message:
        reason = Reason.QUOTA_EXCEEDED
    else:
        reason = Reason.FORBIDDEN
    # Behind it, the message of a quota counts what others use at the moment.
    said = error.message.split(", used:", maxsplit=1)[0]
    return PendingCause(reason, one_line(f"The API server refused {error.request}: {said}", LONGEST))
