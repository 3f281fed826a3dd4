"""How migrations end that run as the first target starts: what is a failure, what a success, what is unknown."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.database import LeftBehind
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Startup
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.decision import Stopped, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import StartTarget
from releaseflow.core.run.facts import DatabaseState, RunObserved
from releaseflow.core.run.record import step_of
from releaseflow.core.run.startup import migration_has_started_up
from releaseflow.core.run.startup_facts import StartingPod, StartingTarget
from releaseflow.workloads.workload import Rollout
from tests.model.objects import FAILED, WAITING
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import AS_BEFORE, NOTHING_PENDING, not_answered
from tests.unit.core.startups import AT_STARTUP, alone, ended, jobs_made, opened, started
from tests.unit.core.world import World


@pytest.fixture
def world() -> World:
    """A flow that wants the new image, over a Deployment that never runs two pods at once."""
    return alone()


def test_an_error_is_a_failure_at_once_and_says_what_is_known(world: World) -> None:
    world.startups = [FAILED]
    world.play()
    hint = ended(world, Reason.STARTUP_FAILED, DatabaseState.DIRTY)
    failure = world.run.status.failure
    assert failure is not None
    assert (failure.exit_code, failure.pod, failure.log_tail) == (1, "shop-1", "column exists already")
    assert "the migration exited with 1 in pod shop-1. Kubernetes starts it again by itself" in hint
    assert "keeps serving" not in hint
    assert world.run.status.database_state is LeftBehind.DIRTY


def test_after_a_failure_nothing_starts_without_a_retry_and_then_the_pods_are_replaced(world: World) -> None:
    world.startups = [FAILED]
    world.play()
    world.edit(image=NEWER)
    world.play()
    assert (world.count(StartTarget), world.image()) == (1, NEW)
    world.command(retry="now")
    world.play()
    assert (world.count(StartTarget), world.image(), world.ready()) == (2, NEWER, ("True", Reason.RELEASED))
    assert world.targets["shop"].migrates_for == world.run.name


def test_the_same_image_is_started_again_by_a_retry(world: World) -> None:
    world.startups = [FAILED]
    world.play()
    world.command(retry="now")
    world.play()
    assert (world.count(StartTarget), world.image(), world.ready()) == (2, NEW, ("True", Reason.RELEASED))


def test_what_kubernetes_repeats_well_is_found_by_the_check_of_a_retry(world: World) -> None:
    world.startups, world.restarts = [FAILED], True
    world.play()
    assert world.run.status.outcome is Reason.STARTUP_FAILED
    world.fates[StepType.CHECK] = [NOTHING_PENDING]
    world.command(retry="now")
    world.play()
    assert (world.count(StartTarget), world.ready()) == (1, ("True", Reason.RELEASED))


def test_pods_that_do_not_come_up_are_a_failure_once_the_rollout_is_over(world: World) -> None:
    world.startups, world.fates[StepType.REPORT] = [WAITING], [AS_BEFORE]
    opened(world, "Started")
    world.play()
    assert world.run.status.outcome is None
    world.wait(601)
    world.play()
    hint = ended(world, Reason.STARTUP_FAILED, DatabaseState.UNKNOWN)
    assert "schema and bookkeeping were as before the release, and Kubernetes starts the migration again" in hint
    assert "its pods did not come up in time. Kubernetes starts it again by itself" in hint


def test_a_migration_that_succeeded_is_one_though_its_pods_do_not_come_up(world: World) -> None:
    world.broken.add(("shop", NEW))
    world.play()
    assert (world.run.status.outcome, world.ready()) == (Reason.MIGRATED, ("False", Reason.ROLLOUT_FAILED))
    assert world.locks["shop-db/url"].database is DatabaseState.CLEAN


def test_a_rollback_takes_the_migration_away(world: World) -> None:
    world.edit(migration=AT_STARTUP | {"compatibility": "Additive"}, promotion={"onRolloutFailure": "Rollback"})
    world.broken.add(("shop", NEW))
    world.play()
    assert (world.image(), world.targets["shop"].migrates_for) == (OLD, "")
    assert world.release.outcome is Outcome.ROLLED_BACK


def test_a_database_that_did_not_change_is_no_success(world: World) -> None:
    world.fates[StepType.REPORT] = [AS_BEFORE]
    world.play()
    ended(world, Reason.NO_EFFECT, DatabaseState.UNKNOWN)


def test_a_database_that_does_not_answer_is_asked_three_times_and_then_unverified(world: World) -> None:
    world.fates[StepType.REPORT] = [not_answered()]
    while not world.play().run.status.outcome:
        world.wait(20)
    assert jobs_made(world).count(StepType.REPORT) == 3
    ended(world, Reason.OUTCOME_UNVERIFIED, DatabaseState.UNKNOWN)


def test_an_image_that_somebody_put_back_at_once_is_not_written_again(world: World) -> None:
    started(world)
    world.set_image(OLD)
    world.play()
    assert (world.ready(), world.count(StartTarget)) == (("False", Reason.IMAGE_CHANGED_OUTSIDE), 1)
    assert world.run.status.outcome is Reason.MIGRATED


def test_a_run_that_lost_its_record_while_it_was_written_is_unknown(world: World) -> None:
    world.play(until=lambda w: bool(w.runs) and w.release.startup is Startup.BEGUN)
    world.run.status = MigrationRunStatus()
    world.play()
    ended(world, Reason.OUTCOME_UNKNOWN, DatabaseState.UNKNOWN)
    assert world.count(StartTarget) == 0


def test_a_target_whose_pods_were_changed_by_somebody_is_unknown(world: World) -> None:
    opened(world, "Started")
    world.targets["shop"] = replace(world.targets["shop"], migrates_for="", images=(("web", OLD),))
    world.play()
    hint = ended(world, Reason.OUTCOME_UNKNOWN, DatabaseState.UNKNOWN)
    assert "the target does not carry it out any more" in hint


def test_a_migration_at_work_is_neither_replaced_nor_given_up_before_its_deadline(world: World) -> None:
    world.startups = ["never"]
    world.play()
    assert world.run.status.outcome is None
    world.wait(21_000)
    world.play()
    assert world.run.status.outcome is None
    world.wait(700)
    world.play()
    assert world.run.status.outcome is Reason.OUTCOME_UNKNOWN
    assert world.locks["shop-db/url"].holder_uid == world.run.uid
    world.command(retry="now")
    world.play()
    assert (world.ready(), world.count(StartTarget)) == (("Unknown", Reason.LOCK_HELD), 1)


def run_at_startup(starting: StartingTarget, *steps: StepStatus) -> RunObserved:
    """Return a run whose only gate left is the last one."""
    spec = builders.run_spec(migration=AT_STARTUP)
    return builders.run(spec=spec, status=MigrationRunStatus(steps=steps), starting=starting)


def test_a_pod_in_which_an_earlier_migration_is_at_work_is_not_replaced() -> None:
    pod = StartingPod("shop-0", "shop-0-of-before", running=True)
    busy = StartingTarget("shop-0-of-before", Rollout.PROGRESSING, pods=(pod,))
    said = migration_has_started_up(run_at_startup(busy))
    assert isinstance(said.verdict, Waiting)
    assert said.verdict.message == "Pod shop-0 is still carrying out the migration of run shop-0-of-before"
    assert step_of(said.status, StepType.MIGRATE) is ABSENT


def test_a_rollout_in_which_no_pod_migrated_is_no_success() -> None:
    begun = StepStatus(name="migrate", type=StepType.MIGRATE)
    pod = StartingPod("shop-1", "shop-1-abc")
    said = migration_has_started_up(run_at_startup(StartingTarget("shop-1-abc", Rollout.COMPLETE, pods=(pod,)), begun))
    assert isinstance(said.verdict, Stopped)
    assert said.verdict.reason is Reason.OUTCOME_UNKNOWN
    assert "the target is rolled out, and no pod of it says that it migrated" in said.verdict.message
