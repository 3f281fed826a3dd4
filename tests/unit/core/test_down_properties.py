"""What holds for a run that goes down, whatever is observed of it."""

from hypothesis import given

from releaseflow.api.v1alpha1.operation import Operation
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.facts import ABSENT
from releaseflow.core.run.actions import StartMigration, TakeLock
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.tools import way_down
from tests.unit.core import recorded_states
from tests.unit.core.strategies import MANY, observed_runs

WELL = {Reason.WENT_DOWN, Reason.ALREADY_DOWN}


def goes_down(seen: RunObserved) -> bool:
    return seen.spec.operation is Operation.DOWN


def test_a_story_goes_down() -> None:
    assert any(goes_down(seen) for seen in recorded_states.runs(StartMigration))


@MANY
@given(observed_runs(StartMigration))
def test_it_starts_only_from_a_higher_version_of_the_database_that_the_earlier_run_saw(seen: RunObserved) -> None:
    decided = decide(seen)
    if not goes_down(seen) or not isinstance(decided.action, StartMigration):
        return
    target, before = decided.status.down, decided.status.schema_before
    assert target is not None
    assert before is not None
    way = way_down(seen.spec.migration)
    assert way is not ABSENT
    assert int(way.version_of(before.version)) > int(way.version_of(target.version))


@MANY
@given(observed_runs(TakeLock))
def test_it_takes_no_lock_beside_a_flow_that_is_not_suspended(seen: RunObserved) -> None:
    decided = decide(seen)
    if goes_down(seen) and isinstance(decided.action, TakeLock):
        assert all(flow.suspended for flow in seen.flows_of_database)
        assert seen.earlier is not ABSENT or seen.status.down is not None


@MANY
@given(observed_runs())
def test_only_the_recorded_version_is_a_success(seen: RunObserved) -> None:
    decided = decide(seen).status
    if seen.status.outcome is not None or decided.outcome not in {*WELL, Reason.MIGRATED}:
        return
    assert goes_down(seen) is (decided.outcome in WELL)
    if decided.outcome in WELL:
        there = decided.schema_after if decided.outcome is Reason.WENT_DOWN else decided.schema_before
        assert decided.down is not None
        assert there is not None
        assert there.version == decided.down.version
