"""What the facts about a flow and the facts about a run have in common."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, Self, TypeVar

from releaseflow.core.facts import ABSENT, Absent, PendingCause

SpecT = TypeVar("SpecT")
StatusT = TypeVar("StatusT")


@dataclass(frozen=True, kw_only=True)
class Observed(Generic[SpecT, StatusT]):
    """An object that decisions are taken about, as it was read."""

    name: str
    namespace: str
    uid: str
    resource_version: str
    generation: int
    spec: SpecT
    status: StatusT
    now: datetime
    deleting: bool = False
    rejection: PendingCause | Absent = ABSENT
    """Why the API server rejected the last action, where it did."""

    def with_status(self, status: StatusT) -> Self:
        """Return the same facts with a status that was continued by a decision."""
        return replace(self, status=status)
