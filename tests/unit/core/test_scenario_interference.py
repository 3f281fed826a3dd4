"""Runs, Jobs and pods that others delete, replace, suspend or forge: nothing runs twice, nothing is guessed."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import JobFacts, PodPhase
from releaseflow.core.flow.actions import CreateRun
from releaseflow.core.run.actions import CreateJob, ReleaseLock, StartMigration
from releaseflow.core.run.facts import DatabaseState
from tests.support import builders
from tests.support.builders import NEW, OLD
from tests.unit.core.failures import NO_LOCK
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE


def migrating(world: World) -> World:
    """Release the new image up to a running migration."""
    world.stays[MIGRATE] = PodPhase.RUNNING
    world.edit(image=NEW)
    return world.play()


def unknown(world: World, reason: Reason = Reason.OUTCOME_UNKNOWN) -> None:
    """See that the migration counts as one of unknown outcome, and that nothing was promoted or repeated."""
    world.stays.clear()
    world.play()
    assert world.ready() == ("False", reason)
    assert world.image() == OLD
    asked = reason in {Reason.INTERRUPTED, Reason.MIGRATION_FAILED}
    assert world.locks["shop-db/url"].database is (DatabaseState.DIRTY if asked else DatabaseState.UNKNOWN)
    assert world.locks["shop-db/url"].holder_uid == ""
    assert max(world.migrations().values(), default=1) == 1
    world.edit(image="acme/shop:9")
    world.play()
    assert world.release.sequence == 2
    world.command(retry="go on")
    world.play()
    assert world.image() == "acme/shop:9"


def test_a_migration_job_deleted_under_way_leaves_the_outcome_unknown(released: World) -> None:
    migrating(released).delete_job(released.job(MIGRATE).name)
    unknown(released)


def test_a_migration_job_that_vanished_leaves_the_outcome_unknown_and_the_lock_with_its_living_pod(
    released: World,
) -> None:
    migrating(released).strip_job(released.job(MIGRATE).name)
    while released.reconcile_once():
        assert released.pod(MIGRATE).alive
    assert released.ready() == ("False", Reason.OUTCOME_UNKNOWN)
    assert released.locks["shop-db/url"].holder_uid == released.run.uid
    unknown(released)


def test_a_migration_job_that_was_replaced_leaves_the_outcome_unknown(released: World) -> None:
    name = migrating(released).job(MIGRATE).name
    for pod in [n for n, thing in released.pods.items() if thing.seen.step is MIGRATE]:
        del released.pods[pod]
    released.jobs[name] = MIGRATE, replace(released.job(MIGRATE), uid="another", suspended=True, edited=False)
    unknown(released)


def test_a_recorded_job_that_was_replaced_before_it_started_is_never_started(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(CreateJob) == 3 and bool(w.run.status.steps[-1].job_uid))
    name = released.job(MIGRATE).name
    released.jobs[name] = MIGRATE, replace(released.job(MIGRATE), uid="another")
    released.edit(image=OLD)
    released.play(until=lambda w: w.count(ReleaseLock) == 1)
    assert released.migrations().total() == 0
    assert released.locks["shop-db/url"].database is DatabaseState.UNKNOWN


def test_a_migration_that_somebody_suspends_counts_as_interrupted_and_cannot_be_resumed(released: World) -> None:
    migrating(released).suspend(released.job(MIGRATE).name)
    released.stays.clear()
    released.play()
    assert not any(step is MIGRATE for step, _ in released.jobs.values())
    unknown(released)


def test_a_job_that_somebody_resumes_before_its_uid_is_recorded_is_followed(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(CreateJob) == 3)
    name = released.job(MIGRATE).name
    released.jobs[name] = MIGRATE, replace(released.job(MIGRATE), suspended=False, edited=True)
    released.play()
    assert released.image() == NEW


def test_a_job_that_ran_and_vanished_before_its_uid_was_recorded_is_not_made_again(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(CreateJob) == 3)
    name = released.job(MIGRATE).name
    released.jobs[name] = MIGRATE, replace(released.job(MIGRATE), suspended=False, edited=True)
    while not any(pod.seen.step is MIGRATE for pod in released.pods.values()):
        assert released.controllers()
    released.strip_job(name)
    released.delete_pod(released.pod(MIGRATE).name)
    unknown(released)


def test_a_pod_of_a_job_that_was_not_started_is_not_believed(released: World) -> None:
    released.edit(image=NEW, approvals=["BeforeMigration"])
    released.play()
    released.command(approve=released.release.run)
    released.play(until=lambda w: w.count(CreateJob) == 4 and bool(w.run.status.steps[-1].job_uid))
    job = released.job(MIGRATE)
    forged = builders.pod(MIGRATE, PodPhase.SUCCEEDED, name="forged", job_uid=job.uid)
    released.add_pod(released.run.uid, forged)
    released.play(until=lambda w: w.run.status.outcome is not None)
    assert released.run.status.outcome is Reason.OUTCOME_UNKNOWN
    assert released.migrations().total() == 0


@pytest.mark.parametrize("step", [CHECK, BACKUP])
def test_a_check_or_backup_that_is_deleted_is_made_again(released: World, step: StepType) -> None:
    released.stays[step] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.delete_job(released.job(step).name)
    released.stays.clear()
    released.play()
    assert released.image() == NEW


@pytest.mark.parametrize("step", [CHECK, BACKUP, MIGRATE])
def test_a_job_of_somebody_else_under_our_name_is_not_adopted(released: World, step: StepType) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(CreateRun) == 1 and any(s.type is step for s in w.run.status.steps))
    name = next(s.job_name for s in released.run.status.steps if s.type is step)
    released.jobs[name] = step, JobFacts(name, "theirs", "1", "", 0, "", released.now, suspended=True)
    released.play()
    assert released.ready() == ("False", Reason.NAME_TAKEN)
    assert released.jobs[name][1].uid == "theirs"
    assert released.locks.get("shop-db/url", NO_LOCK).database is DatabaseState.CLEAN


def test_a_forged_complete_without_a_pod_is_not_believed(released: World) -> None:
    released.podless = True
    released.edit(image=NEW, migration={"tool": "Django", "check": {"policy": "Never"}})
    released.podless = False
    released.play(until=lambda w: w.count(StartMigration) == 1)
    released.jobs[released.job(MIGRATE).name] = MIGRATE, replace(released.job(MIGRATE), complete=True)
    unknown(released, Reason.OUTCOME_UNVERIFIED)


@pytest.mark.parametrize(
    ("forged", "reason"),
    [
        ({"image": "evil:1"}, Reason.OUTCOME_UNVERIFIED),
        ({"exit_code": None}, Reason.INTERRUPTED),
        ({"exit_code": 1}, Reason.MIGRATION_FAILED),
        ({"started": False}, Reason.OUTCOME_UNVERIFIED),
        ({"ended": False}, Reason.OUTCOME_UNVERIFIED),
        ({"name": "other"}, Reason.INTERRUPTED),
    ],
)
def test_a_complete_job_whose_pod_says_otherwise_is_not_believed(
    released: World, forged: dict[str, object], reason: Reason
) -> None:
    migrating(released)
    pod = released.pod(MIGRATE)
    wrong = replace(builders.container("migrate"), **forged)  # type: ignore[arg-type]
    report = builders.container("report", message=builders.schema_says())
    released.pods[pod.name].seen = replace(pod, phase=PodPhase.SUCCEEDED, containers=(wrong, report))
    released.jobs[released.job(MIGRATE).name] = MIGRATE, replace(released.job(MIGRATE), complete=True)
    unknown(released, reason)


@pytest.mark.parametrize("message", ["", "{}", builders.failure_says("ConnectionFailed")])
def test_a_complete_job_without_the_databases_own_word_is_not_believed(released: World, message: str) -> None:
    migrating(released)
    pod = released.pod(MIGRATE)
    containers = (builders.container("migrate"), builders.container("report", message=message))
    released.pods[pod.name].seen = replace(pod, phase=PodPhase.SUCCEEDED, containers=containers)
    released.jobs[released.job(MIGRATE).name] = MIGRATE, replace(released.job(MIGRATE), complete=True)
    unknown(released, Reason.OUTCOME_UNVERIFIED)


def test_a_complete_condition_does_not_end_the_wait_for_a_running_pod(released: World) -> None:
    migrating(released)
    released.jobs[released.job(MIGRATE).name] = MIGRATE, replace(released.job(MIGRATE), complete=True)
    released.play()
    assert released.run.status.outcome is None


def test_a_forged_complete_check_does_not_let_an_image_through(released: World) -> None:
    released.stays[CHECK] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    job = released.job(CHECK)
    released.delete_pod(released.pod(CHECK).name)
    released.jobs[job.name] = CHECK, replace(job, complete=True)
    released.stays.clear()
    released.play()
    released.wait(60)
    released.play()
    assert released.run.status.outcome is Reason.MIGRATED


def test_a_migration_pod_deleted_by_somebody_interrupts_the_migration(released: World) -> None:
    migrating(released).delete_pod(released.pod(MIGRATE).name)
    unknown(released, Reason.INTERRUPTED)


def test_a_backup_pod_that_vanished_unread_is_tried_again(released: World) -> None:
    released.stays[BACKUP] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    job = released.job(BACKUP)
    del released.pods[released.pod(BACKUP).name]
    released.jobs[job.name] = BACKUP, replace(job, failed=True, failed_reason="BackoffLimitExceeded")
    released.stays.clear()
    released.play()
    released.wait(60)
    released.play()
    assert released.image() == NEW


def test_a_migration_that_somebody_suspends_before_it_has_a_pod_is_not_started_again(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(StartMigration) == 1)
    released.suspend(released.job(MIGRATE).name)
    unknown(released)
