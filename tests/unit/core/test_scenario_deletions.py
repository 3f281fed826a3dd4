"""Runs, flows and workloads that somebody deletes: what runs is never lost, what has not begun ends."""

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from releaseflow.core.flow.actions import CreateRun, SetImage
from releaseflow.core.run.actions import (
    AddFinalizer,
    CreateReportJob,
    ReleaseLock,
    RemoveFinalizer,
    RemovePodFinalizer,
    TakeLock,
)
from tests.support.builders import NEW, OLD
from tests.support.pod_outcomes import migration_failed
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE


def migrating(world: World) -> World:
    """Release the new image up to a running migration."""
    world.stays[MIGRATE] = PodPhase.RUNNING
    world.edit(image=NEW)
    return world.play()


@pytest.mark.parametrize("step", [CHECK, BACKUP])
def test_a_run_deleted_before_its_migration_ends_cleanly_and_is_released(released: World, step: StepType) -> None:
    released.stays[step] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    name = released.run.name
    released.delete_run(name)
    released.stays.clear()
    released.play()
    assert name not in released.runs
    assert released.migrations().total() == 0
    assert released.ready()[0] == "False"
    assert not released.locks
    released.command(retry="1")
    released.play()
    assert released.image() == NEW


def test_a_run_deleted_before_it_took_the_lock_is_made_again(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(CreateRun) == 1)
    del released.runs[released.run.name]
    released.play()
    assert released.count(CreateRun) == 2
    assert released.image() == NEW


def test_a_run_that_vanished_after_it_took_the_lock_is_not_repeated(released: World) -> None:
    migrating(released)
    del released.runs[released.run.name]
    released.stays.clear()
    released.play()
    assert released.ready() == ("False", Reason.OUTCOME_UNKNOWN)
    assert released.migrations().total() == 1
    assert released.image() == OLD


def test_a_run_deleted_during_its_migration_stays_until_the_outcome_is_recorded(released: World) -> None:
    name = migrating(released).run.name
    released.delete_run(name)
    released.play()
    assert name in released.runs
    assert released.pod(MIGRATE).alive
    released.stays.clear()
    released.play()
    assert name not in released.runs
    assert released.image() == NEW


def test_a_run_whose_finalizer_was_taken_off_gets_it_back(released: World) -> None:
    migrating(released).run.has_finalizer = False
    released.play()
    assert released.count(AddFinalizer) == 1
    assert released.run.has_finalizer


def test_a_flow_deleted_before_the_migration_ends_the_run(released: World) -> None:
    released.stays[BACKUP] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    run = released.run
    released.flows.clear()
    released.play()
    assert run.status.outcome is Reason.FLOW_DELETED
    assert run.name not in released.runs
    assert not any(job for step, job in released.jobs.values() if step is BACKUP)


@pytest.mark.parametrize("deleted", ["flow", "run"])
def test_what_is_deleted_while_the_run_waits_for_a_person_ends_it_with_nothing_held(world: World, deleted: str) -> None:
    world.edit(approvals=["BeforeMigration"])
    run = world.play().run
    assert world.ready() == ("Unknown", Reason.AWAITING_APPROVAL)
    if deleted == "flow":
        del world.flows["shop"]
    else:
        world.delete_run(run.name)
    world.play()
    assert run.status.outcome is (Reason.FLOW_DELETED if deleted == "flow" else Reason.RUN_DELETED)
    assert run.name not in world.runs
    assert (len(world.locks), world.migrations().total(), world.image()) == (0, 0, OLD)


def test_a_flow_deleted_during_the_migration_lets_it_finish(released: World) -> None:
    run = migrating(released).run
    released.flows.clear()
    released.play()
    assert run.status.outcome is None
    released.stays.clear()
    released.play()
    assert run.status.outcome is Reason.MIGRATED
    assert released.count(SetImage) == 0


def test_the_pods_of_a_failed_migration_are_released_before_the_database_is_asked(released: World) -> None:
    """A namespace that is being deleted takes no new Job, and waits for its pods before it deletes the run."""
    released.fates[MIGRATE] = [migration_failed()]
    released.edit(image=NEW)
    released.play()
    order = [type(action) for action in released.happened if isinstance(action, RemovePodFinalizer | CreateReportJob)]
    assert order[:2] == [RemovePodFinalizer, CreateReportJob]


def test_clean_up_follows_the_record_and_removes_finalizers_in_order(released: World) -> None:
    released.edit(image=NEW)
    released.play()
    recorded = released.writes.index(f"{released.run.name}: ReleaseLock")
    assert released.writes[recorded:] == [
        f"{released.run.name}: ReleaseLock",
        f"{released.run.name}: RemovePodFinalizer",
        f"{released.run.name}: RemoveJobFinalizer",
        f"{released.run.name}: RemoveFinalizer",
        "shop: status",
    ]
    assert released.count(TakeLock) == released.count(ReleaseLock) == released.count(RemoveFinalizer) == 1


def test_a_target_that_vanished_before_a_job_was_made_is_waited_for_and_then_given_up(released: World) -> None:
    released.stays[CHECK] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    here = released.targets.pop("shop")
    released.stays.clear()
    released.play()
    assert released.run.status.outcome is None
    released.wait(400)
    released.play()
    assert released.run.status.outcome is Reason.TARGET_NOT_FOUND
    released.targets["shop"] = here
    released.play()
    assert released.ready() == ("False", Reason.TARGET_NOT_FOUND)
