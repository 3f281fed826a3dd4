"""What holds for the status of a flow and for that of a run."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from releaseflow.api.v1alpha1.conditions import Condition
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.decision import Decision

MOST_CHARACTERS = 1024


def assert_it_can_be_read_back(status: ReleaseFlowStatus | MigrationRunStatus) -> None:
    """What is written comes back the same, within the bounds of the API."""
    assert type(status).model_validate(status.model_dump(mode="json", by_alias=True)) == status
    assert all(len(condition.message) <= MOST_CHARACTERS for condition in status.conditions)
    assert all(condition.reason in set(Reason) for condition in status.conditions)


def before_a_deadline(now: datetime, decided: Decision[Any, Any]) -> datetime:
    """Return a time at which a decision still holds: a day later, or half way to its next look."""
    return now + (timedelta(days=1) if decided.requeue_after is None else timedelta(seconds=decided.requeue_after / 2))


def assert_dated_anew_only_with_its_status(first: Sequence[Condition], second: Sequence[Condition]) -> None:
    """A condition has a new date if, and only if, it holds where it did not, or the other way round."""
    before = {condition.type: condition for condition in first}
    for condition in second:
        old = before.get(condition.type)
        same = old is not None and old.status is condition.status
        assert old is None or same == (old.last_transition_time == condition.last_transition_time)
