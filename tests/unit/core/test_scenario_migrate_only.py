"""Flows without targets: they migrate, and something else puts the image into the workloads once they are Ready."""

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import READY, condition
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import FenceTarget, SetImage
from releaseflow.core.run.actions import StartMigration
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import NOTHING_PENDING, migration_failed
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE


@pytest.fixture
def only() -> World:
    """A flow without targets in a namespace without workloads."""
    world = World()
    world.add_flow(targets=ABSENT)
    return world


def said(world: World) -> str:
    found = condition(world.flow.status.conditions, READY)
    return "" if found is None else found.message


def test_it_is_ready_once_its_run_has_succeeded_and_reports_nothing_of_a_promotion(only: World) -> None:
    only.play(until=lambda w: w.count(StartMigration) == 1)
    assert only.ready() == ("Unknown", Reason.RUN_IN_PROGRESS)
    assert only.flow.status.gate == "RunSucceeded"
    only.play()
    assert only.ready() == ("True", Reason.RELEASED)
    assert said(only) == f"The database is ready for {NEW}"
    assert [c.type for c in only.flow.status.conditions] == ["RunSucceeded", "Ready"]
    assert (only.flow.status.target_summary, only.flow.status.wanted_version) == ("none", "2")
    assert (only.flow.status.live_version, only.flow.status.targets) == ("", ())
    assert not only.run.spec.inherits
    assert only.count(SetImage) == only.count(FenceTarget) == 0


def test_nothing_pending_makes_it_ready_and_the_next_image_is_checked_again(only: World) -> None:
    only.fates[CHECK] = [NOTHING_PENDING]
    only.play()
    assert only.gate("RunSucceeded") == ("True", Reason.NOTHING_PENDING)
    only.fates.clear()
    only.edit(image=NEWER)
    only.play()
    assert (only.release.sequence, said(only)) == (2, f"The database is ready for {NEWER}")


def test_a_failed_migration_is_not_ready_until_a_retry_succeeds(only: World) -> None:
    only.fates[MIGRATE] = [migration_failed()]
    only.play()
    assert only.ready() == ("False", Reason.MIGRATION_FAILED)
    only.edit(image=NEWER)
    only.play()
    assert only.ready() == ("False", Reason.MIGRATION_FAILED), "a newer image alone starts nothing"
    only.fates.clear()
    only.command(retry="1")
    only.play()
    assert only.ready() == ("True", Reason.RELEASED)


def test_an_older_image_waits_for_a_person_after_a_breaking_migration(only: World) -> None:
    only.edit(image=OLD)
    only.play()
    only.edit(image=NEW)
    only.play()
    only.edit(image=OLD)
    only.play()
    assert only.ready() == ("False", Reason.SCHEMA_AHEAD)
    only.command(approve=only.release.run)
    only.play()
    assert only.ready() == ("True", Reason.RELEASED)


def test_an_abort_ends_its_run_before_the_migration_and_comes_too_late_after_that(only: World) -> None:
    only.play(until=lambda w: any(step is BACKUP for step, _ in w.jobs.values()))
    only.command(abort="1")
    only.play()
    assert (only.release.outcome, only.count(StartMigration)) == (Outcome.ABORTED, 0)
    only.command(retry="1")
    only.play(until=lambda w: w.count(StartMigration) == 1)
    only.command(abort="2")
    only.play()
    assert only.ready() == ("True", Reason.RELEASED)
    assert said(only) == f"The database is ready for {NEW}; its migration had begun when the release was aborted"


def test_a_suspended_flow_that_has_migrated_has_nothing_to_hold_back(only: World) -> None:
    only.play(until=lambda w: w.count(StartMigration) == 1)
    only.edit(suspend=True)
    only.play()
    assert only.ready() == ("True", Reason.RELEASED)
    only.edit(image=NEWER)
    only.play()
    assert only.ready() == ("Unknown", Reason.SUSPENDED)


def test_the_workload_that_it_names_is_waited_for_and_inherited_from(only: World) -> None:
    only.edit(migration={"tool": "Django", "workloadRef": {"name": "shop"}})
    only.play()
    assert only.ready() == ("Unknown", Reason.TARGET_NOT_FOUND)
    assert not only.jobs
    only.targets["shop"] = builders.target()
    only.play()
    assert only.ready() == ("True", Reason.RELEASED)
    assert only.run.spec.workload_ref.name == "shop"
    assert only.targets["shop"] == builders.target(), "a workload that is only inherited from is never touched"


def test_targets_that_are_taken_out_of_a_flow_leave_their_conditions_with_them(released: World) -> None:
    released.edit(targets=ABSENT)
    released.play()
    assert [c.type for c in released.flow.status.conditions] == ["RunSucceeded", "Ready"]
    assert said(released) == f"The database is ready for {OLD}"
    released.edit(targets=[{"name": "shop"}], image=NEW)
    released.play()
    assert released.image() == NEW


def test_a_run_by_hand_needs_no_workload(only: World) -> None:
    only.flows.clear()
    facts = builders.run_spec(migration={"tool": "Django", "workloadRef": None}, flowRef=None)
    only.add_run("by-hand", MigrationRunSpec.model_validate(facts.model_dump(by_alias=True)))
    only.play()
    assert only.runs["by-hand"].status.outcome is Reason.MIGRATED
    assert not facts.inherits
    with pytest.raises(ValueError, match="inherit from no workload"):
        _ = facts.workload_ref
