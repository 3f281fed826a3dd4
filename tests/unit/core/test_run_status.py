"""The status of a run: when it began and ended, and whether a person is needed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.conditions import condition
from releaseflow.core.decision import Stopped, Waiting
from releaseflow.core.gates import Evaluation, GateResult
from releaseflow.core.run.gates import CHECKED, RunEvaluation
from releaseflow.core.run.record import Finished, RunVerdict
from releaseflow.core.run.status import status_of
from releaseflow.core.timestamps import timestamp
from tests.support import builders
from tests.support.builders import LATER, NOW


def closed(verdict: RunVerdict, before: MigrationRunStatus) -> RunEvaluation:
    """Return an evaluation that came as far as the check."""
    return Evaluation((), CHECKED.condition, GateResult(verdict, before))


@pytest.mark.parametrize(
    ("verdict", "is_over"),
    [
        (Waiting(Reason.CHECKING, "it waits"), False),
        (Stopped(Reason.CHECK_FAILED, "it failed"), True),
        (Finished(Reason.NOTHING_PENDING, "it is done"), True),
    ],
)
def test_a_run_records_when_it_began_and_once_it_is_over_when_it_ended(verdict: RunVerdict, *, is_over: bool) -> None:
    first = status_of(builders.run(), closed(Waiting(Reason.CHECKING, "it waits"), MigrationRunStatus()))
    assert first.start_time == timestamp(NOW)
    seen = builders.run(status=first, now=LATER)
    last = status_of(seen, closed(verdict, first))
    assert last.start_time == timestamp(NOW)
    assert last.completion_time == (timestamp(LATER) if is_over else None)
    assert last.duration == ("1h0m" if is_over else "")


@pytest.mark.parametrize(
    ("reason", "is_stalled"), [(Reason.CHECK_FAILED, True), (Reason.ABORTED, False), (Reason.SUPERSEDED, False)]
)
def test_only_a_run_that_failed_is_stalled(reason: Reason, *, is_stalled: bool) -> None:
    status = status_of(builders.run(), closed(Stopped(reason, "it is over"), MigrationRunStatus()))
    stalled, ready = condition(status.conditions, "Stalled"), condition(status.conditions, "Ready")
    assert (stalled is not None) is is_stalled
    assert ready is not None
    assert (ready.status, ready.reason) == (ConditionStatus.FALSE, reason)


def test_a_duration_counts_from_the_first_decision() -> None:
    begun = MigrationRunStatus(start_time=timestamp(NOW - timedelta(seconds=90)))
    seen = replace(builders.run(status=begun), now=NOW)
    assert status_of(seen, closed(Finished(Reason.NOTHING_PENDING, "it is done"), begun)).duration == "1m30s"
