"""What holds for the status of a run whatever is observed."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.core.conditions import READY, SUCCEEDED, condition
from releaseflow.core.outcomes import HOOKS_SUCCESSFUL, WELL
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import RunObserved
from tests.unit.core.status_assertions import (
    assert_dated_anew_only_with_its_status,
    assert_it_can_be_read_back,
)
from tests.unit.core.strategies import MANY, observed_runs

LATER = timedelta(minutes=1, seconds=7)


@MANY
@given(observed_runs())
def test_every_status_can_be_written_and_read_back(seen: RunObserved) -> None:
    assert_it_can_be_read_back(decide(seen).status)


@MANY
@given(observed_runs())
def test_a_run_says_by_two_conditions_whether_it_succeeded(seen: RunObserved) -> None:
    status = decide(seen).status
    if status.conditions == seen.status.conditions:
        return
    succeeded, ready = (condition(status.conditions, kind) for kind in (SUCCEEDED, READY))
    assert succeeded is not None
    assert ready is not None
    assert (succeeded.status, succeeded.reason, succeeded.message) == (ready.status, ready.reason, ready.message)
    assert (succeeded.status is ConditionStatus.UNKNOWN) == (status.outcome is None)
    assert (succeeded.status is ConditionStatus.TRUE) == (status.outcome in WELL | HOOKS_SUCCESSFUL)


@MANY
@given(observed_runs())
def test_last_transition_time_changes_only_with_the_status_of_a_condition(seen: RunObserved) -> None:
    first = decide(seen).status
    second = decide(replace(seen, status=first, now=seen.now + LATER)).status
    assert_dated_anew_only_with_its_status(first.conditions, second.conditions)
