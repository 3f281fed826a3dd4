"""What a flow says of a failed release follows what its run says of the same failure by now, and of no other."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.facts import FlowObserved, RunForFlow
from releaseflow.core.flow.history import with_late_finding
from releaseflow.core.run.findings import not_known, with_finding
from releaseflow.core.timestamps import timestamp
from tests.support import builders
from tests.support.builders import FLOW_UID, NEW

FIRST = Failure(step=FailedStep.MIGRATE, reason=Reason.MIGRATION_FAILED, hint="it failed")
LATER = FIRST.model_copy(update={"hint": "nothing was changed; it failed"})
RUN = RunForFlow("shop-1-abc", "run-uid", "1", NEW, FLOW_UID, 1, failure=LATER)
RELEASE = Release(
    sequence=1,
    image=NEW,
    trigger=Trigger.FIRST_SIGHT,
    run=RUN.name,
    start_time=timestamp(builders.NOW),
    outcome=Outcome.FAILED,
)
FAILED = builders.flow(status=ReleaseFlowStatus(sequence=1, release=RELEASE, failure=FIRST), run=RUN)


def with_status(**fields: object) -> FlowObserved:
    """Return the failed flow with another record."""
    return FAILED.with_status(FAILED.status.model_copy(update=fields))


def test_what_the_run_found_since_is_taken_over() -> None:
    assert with_late_finding(FAILED, FAILED.status).failure == LATER


@pytest.mark.parametrize(
    "seen",
    [
        with_status(failure=None),
        with_status(release=None),
        replace(FAILED, run=ABSENT),
        replace(FAILED, run=replace(RUN, failure=ABSENT)),
        replace(FAILED, run=replace(RUN, flow_uid="another")),
        replace(FAILED, run=replace(RUN, sequence=2)),
        with_status(release=RELEASE.model_copy(update={"outcome": Outcome.RELEASED})),
        with_status(failure=FIRST.model_copy(update={"step": FailedStep.ROLL_OUT})),
        with_status(failure=FIRST.model_copy(update={"reason": Reason.GATE_BYPASSED})),
    ],
)
def test_nothing_else_is(seen: FlowObserved) -> None:
    assert with_late_finding(seen, seen.status) == seen.status


def test_a_run_without_a_failure_has_no_hint_to_begin_with_it() -> None:
    status = with_finding(builders.run(), MigrationRunStatus(), not_known("it did not answer"))
    assert (status.failure, status.database_message) == (None, "it did not answer")
