"""One Event for each reason: Ready repeats the reason of the closed gate in other words."""

from dataclasses import replace

from releaseflow.api.v1alpha1.conditions import Condition, ConditionStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.reporting.events import ObjectReference
from releaseflow.reporting.transitions import transitions

RUN = ObjectReference("releaseflow.dev/v1alpha1", "MigrationRun", "team", "shop-1", "u")
FLOW, TARGET = replace(RUN, kind="ReleaseFlow", name="shop"), replace(RUN, kind="Deployment", name="shop")


def true(kind: str, reason: Reason, message: str) -> Condition:
    return false(kind, reason, message).model_copy(update={"status": ConditionStatus.TRUE})


def false(kind: str, reason: Reason, message: str) -> Condition:
    return Condition(
        type=kind,
        status=ConditionStatus.FALSE,
        reason=reason,
        message=message,
        last_transition_time="2026-01-01T00:00:00Z",
    )


def test_a_failure_is_recorded_once_and_as_a_warning() -> None:
    after = (
        false("Migrated", Reason.MIGRATION_FAILED, "it exited with 1"),
        false("Ready", Reason.MIGRATION_FAILED, "Migrate failed: it exited with 1"),
        false("Stalled", Reason.MIGRATION_FAILED, "Migrate failed: it exited with 1"),
    )

    (event,) = transitions(RUN, (), after)

    assert (event.reason, event.warning, event.note) == ("MigrationFailed", True, "Migrate failed: it exited with 1")


def test_what_was_recorded_before_is_not_recorded_again() -> None:
    known = (false("Ready", Reason.MIGRATION_FAILED, "Migrate failed"),)

    assert transitions(RUN, known, known) == []


def test_what_a_person_has_to_fix_is_a_warning_while_it_is_waited_for() -> None:
    waits = (
        true("BackedUp", Reason.CONFIG_MISSING, "couldn't find key uri"),
        true("Ready", Reason.CONFIG_MISSING, "couldn't find key uri"),
        true("Reconciling", Reason.CONFIG_MISSING, "couldn't find key uri"),
    )
    goes_on = (true("Ready", Reason.BACKING_UP, "Waiting for Job x"),)

    assert [event.warning for event in transitions(RUN, (), waits)] == [True]
    assert [event.warning for event in transitions(RUN, waits, goes_on)] == [False]


def test_a_target_has_the_flows_ready_alone_and_with_its_name() -> None:
    waits = (
        false("RunSucceeded", Reason.RUN_IN_PROGRESS, "the run is under way"),
        false("Ready", Reason.STARTING, "another"),
    )
    found = transitions(FLOW, (), waits, [TARGET])

    assert [(event.about, event.note) for event in found if event.about == TARGET] == [
        (TARGET, "ReleaseFlow shop: another")
    ]
    assert len(found) == 3
