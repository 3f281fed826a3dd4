"""Migration Jobs and pods that are not as they should be: deleted too early, twice there, kept alive, relabelled."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from releaseflow.core.run.actions import CreateJob
from releaseflow.core.run.facts import DatabaseState
from tests.support import builders
from tests.support.builders import NEW, OLD
from tests.support.pod_outcomes import MIGRATED, NOTHING_PENDING, Fate
from tests.unit.core.world import World

MIGRATE = StepType.MIGRATE
KEY = "shop-db/url"


def made(world: World, *, recorded: bool) -> str:
    """Release the new image up to a suspended migration Job, and return its name."""
    world.edit(image=NEW)
    world.play(until=lambda w: w.count(CreateJob) == 3 and bool(w.run.status.steps[-1].job_uid) is recorded)
    return world.job(MIGRATE).name


def migrating(world: World) -> World:
    """Release the new image up to a running migration."""
    world.stays[MIGRATE] = PodPhase.RUNNING
    world.edit(image=NEW)
    return world.play()


def held_back(world: World, reason: Reason) -> None:
    """See that nothing was promoted or repeated, and that a person is asked."""
    world.stays.clear()
    world.play()
    assert (world.ready(), world.image()) == (("False", reason), OLD)
    assert world.locks[KEY].database is DatabaseState.UNKNOWN
    assert world.migrations().total() <= 1


def test_a_suspended_job_that_is_torn_away_before_it_was_recorded_is_made_again(released: World) -> None:
    released.strip_job(made(released, recorded=False))
    released.play()
    assert released.image() == NEW
    assert (released.count(CreateJob), released.migrations().total()) == (4, 1)


@pytest.mark.parametrize("recorded", [True, False])
def test_a_suspended_job_that_is_being_deleted_is_never_started(released: World, *, recorded: bool) -> None:
    released.delete_job(made(released, recorded=recorded))
    held_back(released, Reason.OUTCOME_UNKNOWN)
    assert released.migrations().total() == 0


def test_a_recorded_suspended_job_that_is_torn_away_is_not_made_again(released: World) -> None:
    released.strip_job(made(released, recorded=True))
    held_back(released, Reason.OUTCOME_UNKNOWN)
    assert released.count(CreateJob) == 3


def test_a_second_pod_is_waited_for_and_then_nothing_is_believed(released: World) -> None:
    first = migrating(released).pod(MIGRATE)
    second = replace(first, name="second", uid=released.uid("pod"), phase=PodPhase.UNKNOWN)
    released.add_pod(released.run.uid, second)
    released.stays.clear()
    released.play()
    assert (released.run.status.outcome, released.image()) == (None, OLD)

    ended = MIGRATED.ended(NEW)
    released.pods["second"].seen = replace(second, phase=PodPhase.SUCCEEDED, containers=ended)
    held_back(released, Reason.OUTCOME_UNVERIFIED)


def test_a_sidecar_that_keeps_the_pod_alive_is_waited_for_and_the_deadline_that_ends_it_changes_nothing(
    released: World,
) -> None:
    pod = migrating(released).pod(MIGRATE)
    sidecar = builders.container("istio-proxy", None)
    released.pods[pod.name].seen = replace(pod, containers=(*MIGRATED.ended(NEW), sidecar))
    released.play()
    assert (released.run.status.outcome, released.image()) == (None, OLD)

    killed = builders.container("istio-proxy", 137)
    released.fates[MIGRATE] = [Fate((*MIGRATED.containers, killed), "DeadlineExceeded")]
    released.stays.clear()
    released.play()
    assert (released.run.status.outcome, released.image()) == (Reason.MIGRATED, NEW)
    assert released.locks[KEY].database is DatabaseState.CLEAN


@pytest.mark.parametrize("wrong", [{"run_uid": "another"}, {"run_uid": ""}, {"attempt": 7}, {"template_hash": "beef"}])
def test_a_running_job_whose_marks_were_changed_is_not_followed_any_more(
    released: World, wrong: dict[str, object]
) -> None:
    name = migrating(released).job(MIGRATE).name
    released.jobs[name] = MIGRATE, replace(released.job(MIGRATE), **wrong)  # type: ignore[arg-type]
    released.play()
    assert released.ready() == ("False", Reason.OUTCOME_UNKNOWN)
    assert released.image() == OLD
    assert released.locks[KEY].holder_uid == released.run.uid, "its pod is still alive"


def test_a_pod_that_names_another_job_proves_nothing(released: World) -> None:
    pod = migrating(released).pod(MIGRATE)
    ended = replace(pod, phase=PodPhase.SUCCEEDED, containers=MIGRATED.ended(NEW), job_uid="another")
    released.pods[pod.name].seen = ended
    released.jobs[released.job(MIGRATE).name] = MIGRATE, replace(released.job(MIGRATE), complete=True)
    held_back(released, Reason.OUTCOME_UNVERIFIED)


def test_a_run_whose_status_was_wiped_in_mid_migration_repeats_and_believes_nothing(released: World) -> None:
    migrating(released).run.status = MigrationRunStatus()
    held_back(released, Reason.OUTCOME_UNKNOWN)
    assert (released.count(CreateJob), released.migrations().total()) == (3, 1)


def test_a_check_that_finds_nothing_pending_since_the_migration_runs_lets_nothing_through(
    released: World,
) -> None:
    migrating(released).run.status = MigrationRunStatus()
    released.strip_job(released.job(StepType.CHECK).name)
    released.fates[StepType.CHECK] = [NOTHING_PENDING]
    held_back(released, Reason.OUTCOME_UNKNOWN)


@pytest.mark.parametrize("recorded", [True, False])
def test_a_job_that_kubernetes_might_repeat_is_never_started(released: World, *, recorded: bool) -> None:
    name = made(released, recorded=recorded)
    released.jobs[name] = MIGRATE, replace(released.job(MIGRATE), altered=("backoffLimit",))
    released.play()
    assert (released.ready(), released.image()) == (("False", Reason.JOB_ALTERED), OLD)
    assert released.migrations().total() == 0
    assert released.locks[KEY].database is DatabaseState.CLEAN
