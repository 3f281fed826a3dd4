"""Two flows on one database, and runs that are made by hand: one at a time, in order, and never on a guess."""

from dataclasses import replace
from datetime import timedelta

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PendingCause, PodPhase
from releaseflow.core.run.actions import AddFinalizer, DeleteLock, StartMigration, TakeLock, TakeOverLock
from releaseflow.core.run.facts import DatabaseState, LockFacts
from tests.support import builders
from tests.support.builders import NEW
from tests.support.pod_outcomes import migration_failed
from tests.unit.core.failures import played
from tests.unit.core.objects import Run
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
KEY = "shop-db/url"


@pytest.fixture
def both(world: World) -> World:
    """Two flows on one database."""
    world.targets["wiki"] = builders.target(name="wiki", uid="wiki-uid")
    world.add_flow("wiki", targets=[{"name": "wiki"}])
    return world


def by_hand(world: World, **spec: object) -> Run:
    """Create a run by hand."""
    facts = builders.run_spec().model_dump(by_alias=True, exclude_none=True) | {"flowRef": None} | spec
    return world.add_run("by-hand", MigrationRunSpec.model_validate(facts))


def run_of(world: World, flow: str) -> Run:
    """Return the run of a flow's newest release."""
    release = world.flows[flow].status.release
    assert release is not None
    return world.runs[release.run]


def test_two_flows_on_one_database_go_one_after_the_other(both: World) -> None:
    both.stays[MIGRATE] = PodPhase.RUNNING
    both.play()
    assert both.count(StartMigration) == 1
    assert both.ready("wiki") == ("Unknown", Reason.LOCK_HELD)
    both.stays.clear()
    both.play()
    assert (both.image("shop"), both.image("wiki")) == (NEW, NEW)
    assert both.count(TakeLock) == 2


def test_a_run_that_is_suspended_in_line_lets_others_by_and_goes_on_afterwards(both: World) -> None:
    both.play(until=lambda w: len(w.runs) == 1)
    both.edit(suspend=True)
    both.play()
    assert (both.ready("shop")[1], both.image("wiki")) == (Reason.SUSPENDED, NEW)
    both.edit(suspend=False)
    both.play()
    assert both.image("shop") == NEW


def test_waiters_go_by_age(both: World) -> None:
    both.stays[MIGRATE] = PodPhase.RUNNING
    both.play()
    waiter = run_of(both, "wiki")
    waiter.created += timedelta(seconds=20)
    both.wait(10)
    older = by_hand(both)
    both.stays.clear()
    both.play(until=lambda w: w.count(TakeLock) == 2)
    assert both.locks[KEY].holder_uid == older.uid


def test_a_failed_migration_of_one_flow_stops_the_other(both: World) -> None:
    both.fates[MIGRATE] = [migration_failed()]
    both.play()
    assert both.ready("shop") == ("False", Reason.MIGRATION_FAILED)
    assert both.ready("wiki") == ("False", Reason.DATABASE_UNKNOWN)
    failure = both.flows["wiki"].status.failure
    assert failure is not None
    assert run_of(both, "shop").name in failure.hint
    both.edit("wiki", image="acme/wiki:9")
    both.play()
    assert both.migrations().total() == 1
    both.fates.clear()
    both.command("shop", retry="1")
    both.play()
    both.command("wiki", retry="1")
    both.play()
    assert both.image("wiki") == "acme/wiki:9"


def test_a_lock_whose_holder_vanished_waits_for_its_pods_and_then_for_a_person(both: World) -> None:
    both.stays[MIGRATE] = PodPhase.RUNNING
    both.play()
    del both.runs[run_of(both, "shop").name]
    del both.flows["shop"]
    both.play()
    assert both.ready("wiki") == ("Unknown", Reason.LOCK_HELD)
    pod = both.pod(MIGRATE).name
    both.pods[pod].seen = replace(both.pods[pod].seen, phase=PodPhase.FAILED)
    both.play()
    assert both.ready("wiki") == ("False", Reason.DATABASE_UNKNOWN)
    both.stays.clear()
    both.command("wiki", retry="1")
    both.play()
    assert both.image("wiki") == NEW
    assert [type(a) for a in both.happened if isinstance(a, TakeLock)] == [TakeLock, TakeOverLock]


def test_a_lock_that_says_in_use_without_a_holder_is_not_trusted(world: World) -> None:
    world.locks[KEY] = LockFacts(KEY, "lock-uid", "1", database=DatabaseState.IN_USE)
    world.play()
    assert world.ready() == ("False", Reason.DATABASE_UNKNOWN)


def test_a_run_by_hand_is_held_migrates_and_promotes_nothing(world: World) -> None:
    world.flows.clear()
    run = by_hand(world)
    world.play()
    assert run.status.outcome is Reason.MIGRATED
    assert isinstance(world.happened[0], AddFinalizer)
    assert not run.has_finalizer
    assert world.image() == builders.OLD


def test_a_run_by_hand_on_an_unknown_database_says_how_to_go_on(world: World) -> None:
    world.flows.clear()
    world.locks[KEY] = LockFacts(KEY, "lock-uid", "1", database=DatabaseState.UNKNOWN, last_name="before")
    run = by_hand(world)
    world.play()
    assert run.status.outcome is Reason.DATABASE_UNKNOWN
    assert run.status.failure is not None
    assert "MigrationRun before left" in run.status.failure.hint
    assert "acceptUnknownDatabase: true" in run.status.failure.hint


def test_a_run_by_hand_deleted_before_it_is_held_is_left_alone(world: World) -> None:
    world.flows.clear()
    run = by_hand(world)
    run.deleting = True
    world.play()
    assert world.writes == []


def test_a_run_by_hand_for_a_workload_that_does_not_exist_takes_no_lock_and_gives_up_in_time(world: World) -> None:
    world.flows.clear()
    run = by_hand(world, migration={"tool": "Django", "workloadRef": {"name": "nobody"}})
    world.play()
    assert run.status.conditions[0].reason is Reason.TARGET_NOT_FOUND
    world.wait(400)
    world.play()
    assert run.status.outcome is Reason.TARGET_NOT_FOUND
    assert world.count(TakeLock) == 0


def test_other_locks_are_other_databases(both: World) -> None:
    both.edit("wiki", database={"urlSecretRef": {"name": "wiki-db", "key": "url"}})
    both.stays[MIGRATE] = PodPhase.RUNNING
    both.play()
    assert both.count(StartMigration) == 2


def test_the_lock_of_a_key_that_there_is_not_goes_with_the_release(world: World) -> None:
    world.edit(database={"urlSecretRef": {"name": "shop-db", "key": "uri"}})
    world.stays[CHECK] = PodPhase.PENDING
    world.pending_causes[CHECK] = PendingCause(Reason.CONFIG_MISSING, "couldn't find key uri in Secret team/shop-db")
    played(world)
    assert world.ready() == ("False", Reason.CONFIG_MISSING)
    assert not world.locks
    world.stays.clear()
    world.pending_causes.clear()
    world.edit(database={"urlSecretRef": {"name": "shop-db", "key": "url"}})
    world.command(retry="1")
    world.play()
    assert world.image() == NEW
    assert set(world.locks) == {KEY}


def test_who_waits_for_a_lock_that_goes_takes_it_all_the_same(both: World) -> None:
    both.stays[CHECK] = PodPhase.RUNNING
    both.play()
    assert both.ready("wiki") == ("Unknown", Reason.LOCK_HELD)
    both.edit("shop", image="acme/shop:9", suspend=True)
    both.stays.clear()
    both.play()
    assert (both.count(DeleteLock), both.image("wiki")) == (1, NEW)
    assert both.locks[KEY].last_name == run_of(both, "wiki").name
