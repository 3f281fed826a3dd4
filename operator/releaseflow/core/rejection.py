"""Say so in the status when the API server refused the last thing that was asked of it."""

from dataclasses import replace
from typing import TypeVar

from releaseflow.core.decision import Waiting
from releaseflow.core.facts import Absent, Stuck

VerdictT = TypeVar("VerdictT")


def with_refusal(verdict: VerdictT, refused: Stuck | Absent) -> VerdictT:
    """Return the verdict with the refusal in place of its own words; the action is tried again."""
    if not isinstance(verdict, Waiting) or isinstance(verdict.action, Absent) or isinstance(refused, Absent):
        return verdict
    return replace(verdict, reason=refused.reason, message=refused.message)
