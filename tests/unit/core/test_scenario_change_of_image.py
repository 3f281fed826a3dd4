"""Newer images, older images, suspension and abortion, before and after the point of no return."""

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Trigger
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from releaseflow.core.flow.actions import CreateRun, FenceTarget, SetImage
from releaseflow.core.run.actions import CreateJob, DeleteJob, StartMigration, SuspendJob, TakeLock
from releaseflow.core.run.facts import DatabaseState
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import NOTHING_PENDING, migration_failed
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE


@pytest.mark.parametrize("held", [CHECK, BACKUP])
@pytest.mark.parametrize("phase", [PodPhase.PENDING, PodPhase.RUNNING])
def test_a_newer_image_before_the_migration_ends_the_run_and_its_jobs(
    released: World, held: StepType, phase: PodPhase
) -> None:
    released.stays[held] = phase
    released.edit(image=NEW)
    released.play()
    first = released.run
    released.edit(image=NEWER)
    released.stays.clear()
    released.play()
    assert first.status.outcome is Reason.SUPERSEDED
    assert released.count(DeleteJob) == 1
    assert released.migrations().total() == 1
    assert (released.release.sequence, released.image()) == (3, NEWER)
    assert released.flow.status.history[0].outcome is Outcome.SUPERSEDED


@pytest.mark.parametrize("moment", [FenceTarget, CreateRun, TakeLock, CreateJob])
def test_the_newest_image_wins_at_whatever_moment_it_comes(released: World, moment: type) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(moment) == 1)
    released.edit(image=NEWER)
    released.play()
    assert released.image() == NEWER
    assert released.migrations().total() == 1
    assert released.locks["shop-db/url"].database is DatabaseState.CLEAN


def test_a_migration_that_was_created_but_never_started_is_deleted_and_leaves_the_database_clean(
    released: World,
) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(CreateJob) == 3)
    job = released.job(MIGRATE).name
    released.edit(image=NEWER)
    released.play(until=lambda w: w.release.sequence == 3 and w.count(TakeLock) == 2)
    assert job not in released.jobs
    released.play()
    assert released.migrations().total() == 1
    assert released.image() == NEWER


def test_a_newer_image_during_the_migration_lets_it_finish_promotes_it_not_and_follows(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    first = released.run
    released.edit(image=NEWER)
    released.play()
    assert first.status.completion_time is None
    assert released.count(DeleteJob) == released.count(SuspendJob) == 0
    released.stays.clear()
    released.play(until=lambda w: w.release.sequence == 3)
    assert (first.status.outcome, released.image()) == (Reason.MIGRATED, OLD)
    assert released.flow.status.history[0].migrated
    released.play()
    assert released.image() == NEWER
    assert [action.images for action in released.happened if isinstance(action, SetImage)] == [(("web", NEWER),)]


def test_a_failed_migration_of_a_superseded_image_stops_the_newer_one_too(released: World) -> None:
    released.fates[MIGRATE] = [migration_failed()]
    released.stays[MIGRATE] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.edit(image=NEWER)
    released.stays.clear()
    released.play()
    assert released.ready() == ("False", Reason.MIGRATION_FAILED)
    assert released.release.sequence == 2


def test_back_to_the_first_image_is_released_again_without_touching_the_pods(released: World) -> None:
    released.stays[BACKUP] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.fates[CHECK] = [NOTHING_PENDING]
    released.edit(image=OLD)
    released.play()
    assert (released.release.sequence, released.release.image) == (3, OLD)
    assert released.count(SetImage) == 0
    assert released.ready() == ("True", Reason.RELEASED)


def test_an_older_image_after_a_breaking_migration_waits_for_approval(released: World) -> None:
    released.edit(image=NEW)
    released.play()
    released.fates[CHECK] = [NOTHING_PENDING]
    released.edit(image=OLD)
    released.play()
    assert released.ready() == ("False", Reason.SCHEMA_AHEAD)
    assert released.release.run not in released.runs
    released.command(approve=released.release.run)
    released.play()
    assert released.image() == OLD


def test_an_older_image_after_an_additive_migration_is_released(released: World) -> None:
    released.edit(image=NEW, migration={"tool": "Django", "compatibility": "Additive"})
    released.play()
    released.fates[CHECK] = [NOTHING_PENDING]
    released.edit(image=OLD)
    released.play()
    assert released.image() == OLD


def test_a_schema_that_is_ahead_does_not_stop_a_newer_image(released: World) -> None:
    released.edit(image=NEW)
    released.play()
    released.edit(image=OLD)
    released.play()
    released.edit(image=NEWER)
    released.play()
    assert released.image() == NEWER


def test_a_breaking_migration_of_a_superseded_release_counts_too(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.edit(image=OLD)
    released.stays.clear()
    released.play()
    assert released.ready() == ("False", Reason.SCHEMA_AHEAD)
    assert released.image() == OLD


@pytest.mark.parametrize("moment", [FenceTarget, CreateRun, TakeLock, CreateJob])
def test_nothing_new_is_started_while_suspended_and_all_goes_on_afterwards(released: World, moment: type) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(moment) == 1)
    released.edit(suspend=True)
    released.play()
    assert released.ready() == ("Unknown", Reason.SUSPENDED)
    assert released.count(StartMigration) == 0
    released.wait(7200)
    released.edit(suspend=False)
    released.play()
    assert released.image() == NEW


def test_a_migration_that_waited_suspended_for_long_still_has_its_whole_time_to_start(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(CreateJob) == 3)
    released.edit(suspend=True)
    released.play()
    assert released.migrations().total() == 0
    released.wait(7200)
    released.edit(suspend=False)
    released.play()
    assert released.count(SuspendJob) == 0
    assert released.migrations().total() == 1
    assert released.image() == NEW


def test_a_running_migration_finishes_while_suspended_and_is_not_promoted(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.edit(suspend=True)
    released.stays.clear()
    released.play()
    assert released.run.status.outcome is Reason.MIGRATED
    assert (released.image(), released.ready()) == (OLD, ("Unknown", Reason.SUSPENDED))
    released.edit(suspend=False)
    released.play()
    assert released.image() == NEW


def test_a_new_suspended_flow_begins_nothing(world: World) -> None:
    world.edit(suspend=True)
    world.play()
    assert world.flow.status.release is None
    assert world.ready() == ("Unknown", Reason.SUSPENDED)
    assert world.flow.status.gate == ""
    world.edit(suspend=False)
    world.play()
    assert world.image() == NEW


def test_a_suspended_flow_begins_no_new_image_and_does_not_use_up_a_retry(released: World) -> None:
    released.fates[MIGRATE] = [migration_failed()]
    released.edit(image=NEW)
    released.play()
    released.edit(suspend=True)
    released.command(retry="1")
    released.play()
    assert released.ready() == ("False", Reason.MIGRATION_FAILED)
    released.edit(image=OLD)
    released.play()
    assert released.release.sequence == 2


def test_a_suspended_flow_at_rest_says_that_an_image_waits(released: World) -> None:
    released.edit(image=NEW, suspend=True)
    released.play()
    assert released.ready() == ("Unknown", Reason.SUSPENDED)
    assert released.writes == ["shop: status"]


def test_abort_before_the_migration_ends_the_run_and_needs_a_retry(released: World) -> None:
    released.stays[BACKUP] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.command(abort="1")
    released.stays.clear()
    released.play()
    assert released.run.status.outcome is Reason.ABORTED
    assert released.ready() == ("False", Reason.ABORTED)
    assert not released.locks
    released.command(retry="1")
    released.play()
    assert released.release.trigger is Trigger.RETRY
    assert released.image() == NEW


def test_abort_before_the_run_exists_ends_the_release(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(FenceTarget) == 1)
    released.command(abort="1")
    released.play()
    assert released.release.outcome is Outcome.ABORTED
    assert released.count(CreateRun) == 0


def test_abort_after_the_migration_withholds_the_promotion(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.command(abort="1")
    released.play()
    assert released.ready() == ("Unknown", Reason.RUN_IN_PROGRESS)
    released.stays.clear()
    released.play()
    assert released.run.status.outcome is Reason.MIGRATED
    assert (released.release.outcome, released.image()) == (Outcome.ABORTED, OLD)


def test_abort_after_the_promotion_comes_too_late(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.flow.status.gate == "RolledOut")
    released.command(abort="1")
    released.play()
    assert released.release.outcome is Outcome.RELEASED


def test_a_retry_that_was_superseded_before_it_began_counts_for_the_newer_image(released: World) -> None:
    released.fates[MIGRATE] = [migration_failed()]
    released.edit(image=NEW)
    released.play()
    released.fates.clear()
    released.command(retry="1")
    released.play(until=lambda w: w.release.sequence == 3)
    released.edit(image=NEWER)
    released.play()
    assert (released.release.trigger, released.image()) == (Trigger.RETRY, NEWER)


def test_a_newer_image_in_mid_rollout_is_released_at_once(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.flow.status.gate == "RolledOut")
    released.edit(image=NEWER)
    released.play()
    assert released.image() == NEWER
    assert released.flow.status.targets[0].containers[0].good_image == NEWER
    assert released.flow.status.history[0].image == builders.NEW
