"""A run that is over is kept until its flow knows how it ended."""

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.run.actions import RemoveFinalizer
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import FlowForRun
from tests.support import builders

OVER = MigrationRunStatus(outcome=Reason.MIGRATED)


@pytest.mark.parametrize("deleting", [False, True])
def test_a_run_is_kept_while_its_flow_has_not_taken_over_how_it_ended(*, deleting: bool) -> None:
    waits = FlowForRun(builders.NEW, 1, awaits_outcome=True)

    assert decide(builders.run(status=OVER, lock=ABSENT, flow=waits, deleting=deleting)).action is ABSENT


@pytest.mark.parametrize("flow", [FlowForRun(builders.NEW, 1), FlowForRun(builders.NEW, 2), ABSENT])
def test_a_run_is_released_once_its_flow_has_its_outcome(flow: FlowForRun | Absent) -> None:
    assert decide(builders.run(status=OVER, lock=ABSENT, flow=flow)).action == RemoveFinalizer()
