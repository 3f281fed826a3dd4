"""A run by hand takes the schema back to what an earlier run found, and believes only the database itself."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.database import LeftBehind, SchemaStatus
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import READY, condition
from releaseflow.core.run.actions import CreateJob, StartMigration, TakeLock
from releaseflow.core.run.facts import DatabaseState
from releaseflow.core.run.lock import is_queued
from tests.support import builders, pod_outcomes
from tests.support.builders import BEFORE, IDENTITY, NEWER, OTHER_IDENTITY
from tests.support.pod_outcomes import Fate
from tests.unit.core.objects import Run
from tests.unit.core.world import World

BACKUP, MIGRATE, REPORT = StepType.BACKUP, StepType.MIGRATE, StepType.REPORT
LOWEST, LOWER, HIGHER = "1 applied, last: 1", "2 applied, last: 2", "3 applied, last: 3"
DOWN: dict[str, Any] = {"operation": "Down", "down": {"runName": "earlier"}, "flowRef": None}
KEY = "shop-db/url"


def at(version: str, **facts: Any) -> Fate:
    return pod_outcomes.backed_up(builders.backup_says(schemaVersion=version, **facts))


def came_to(version: str, **facts: Any) -> Fate:
    return pod_outcomes.migrated(builders.schema_says(schemaVersion=version, **facts))


@pytest.fixture
def world() -> World:
    """A database at the higher version, a suspended flow, and a run that found the lower one and is over."""
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow(migration={"tool": "Rails"}, suspend=True)
    over(world)
    world.fates = {BACKUP: [at(HIGHER)], MIGRATE: [came_to(LOWER)]}
    return world


def over(world: World, version: str = LOWER, identity: str = IDENTITY, **spec: Any) -> Run:
    """Add the earlier run, or write it anew with another record."""
    facts = {"flowRef": None, "migration": {"tool": "Rails"}, **spec}
    if "earlier" in world.runs:
        del world.runs["earlier"]
    run = world.add_run("earlier", builders.run_spec(**facts))
    run.status = MigrationRunStatus(
        outcome=Reason.MIGRATED,
        schema_before=SchemaStatus(version=version, fingerprint=BEFORE) if version else None,
        database_identity=identity,
    )
    return run


def undo(world: World, **spec: Any) -> Run:
    """Go down by the newest image, and play that to its end."""
    facts = {"image": NEWER, "migration": {"tool": "Rails"}, **DOWN, **spec}
    run = world.add_run("undo", builders.run_spec(**facts))
    world.play()
    return run


def said(run: Run, gate: str = READY) -> tuple[ConditionStatus, Reason, str]:
    found = condition(run.status.conditions, gate)
    assert found is not None
    return found.status, found.reason, found.message


def hint(run: Run) -> str:
    assert run.status.failure is not None
    return run.status.failure.hint


def test_a_down_backs_up_goes_down_and_records_both_versions(world: World) -> None:
    run = undo(world)
    assert run.status.outcome is Reason.WENT_DOWN
    assert said(run)[:2] == (ConditionStatus.TRUE, Reason.WENT_DOWN)
    assert [step.type for step in run.status.steps] == [BACKUP, MIGRATE], "there is no check to ask"
    assert run.status.schema_before is not None
    assert run.status.schema_after is not None
    assert (run.status.schema_before.version, run.status.schema_after.version) == (HIGHER, LOWER)
    assert run.status.backup is not None
    assert (world.locks[KEY].database, world.locks[KEY].holder_uid) == (DatabaseState.CLEAN, "")
    assert [c.type for c in run.status.conditions][:7] == [
        "VersionFound", "FlowsSuspended", "Locked", "BackedUp", "BackupVerified", "DownNeeded", "Migrated",
    ]  # fmt: skip
    assert sum(world.migrations().values()) == 1


def test_what_the_earlier_run_found_is_recorded_before_anything_is_started(world: World) -> None:
    world.add_run("undo", builders.run_spec(image=NEWER, migration={"tool": "Rails"}, **DOWN))
    world.play(until=lambda w: w.count(CreateJob) == 1)
    target = world.runs["undo"].status.down
    assert target is not None
    assert (target.version, target.database_identity, target.run_uid) == (LOWER, IDENTITY, world.runs["earlier"].uid)
    del world.runs["earlier"]
    world.play()
    assert world.runs["undo"].status.outcome is Reason.WENT_DOWN, "it is not needed any more"


def test_a_database_that_is_there_already_is_left_alone(world: World) -> None:
    world.fates[BACKUP] = [at(LOWER)]
    run = undo(world)
    assert run.status.outcome is Reason.ALREADY_DOWN
    assert said(run, "Migrated")[:2] == (ConditionStatus.UNKNOWN, Reason.ALREADY_DOWN)
    assert world.count(StartMigration) == 0
    assert world.locks[KEY].database is DatabaseState.CLEAN


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"version": ""}, "recorded no version before it migrated"),
        ({"identity": ""}, "recorded no version before it migrated"),
        ({"version": "0 applied"}, "found 0 applied, and the tool's command cannot go there"),
        ({"migration": {"tool": "Django"}}, "migrated with Django, not with Rails"),
        ({"migration": {"command": ["make"], "tool": None}}, "migrated with a command, not with Rails"),
        ({"database": {"urlSecretRef": {"name": "x", "key": "url"}}}, "its lock is x/url, not shop-db/url"),
    ],
)
def test_a_run_that_leads_nowhere_is_refused_before_anything_is_started(
    world: World, record: dict[str, Any], why: str
) -> None:
    over(world, **record)
    run = undo(world)
    assert run.status.outcome is Reason.DOWN_REFUSED
    assert why in hint(run)
    assert "acceptUnknownDatabase" not in hint(run)
    assert (world.count(TakeLock), world.count(CreateJob)) == (0, 0)


@pytest.mark.parametrize(
    ("name", "why"), [("gone", "there is no MigrationRun gone"), ("undo", "is under way, or is this run itself")]
)
def test_a_run_that_is_not_there_or_not_over_is_refused(world: World, name: str, why: str) -> None:
    run = undo(world, down={"runName": name})
    assert run.status.outcome is Reason.DOWN_REFUSED
    assert why in hint(run)
    assert world.count(TakeLock) == 0


def test_another_database_is_refused_once_the_backup_has_seen_it(world: World) -> None:
    world.fates[BACKUP] = [at(HIGHER, identity=OTHER_IDENTITY)]
    run = undo(world)
    assert run.status.outcome is Reason.DOWN_REFUSED
    assert "another one than that of the earlier run" in hint(run)
    assert world.count(StartMigration) == 0
    assert world.locks[KEY].database is DatabaseState.CLEAN


@pytest.mark.parametrize("here", [LOWEST, "no schema", "2 applied, last: 1"])
def test_a_version_that_is_not_above_is_not_gone_up_from(world: World, here: str) -> None:
    world.fates[BACKUP] = [at(here)]
    run = undo(world)
    assert run.status.outcome is Reason.DOWN_REFUSED
    assert f"the database is at {here}, and no way from there leads down to {LOWER}" in hint(run)
    assert world.count(StartMigration) == 0


def test_a_version_that_is_not_on_record_any_more_is_not_gone_down_from(world: World) -> None:
    run = world.add_run("undo", builders.run_spec(image=NEWER, migration={"tool": "Rails"}, **DOWN))
    world.play(until=lambda _: run.status.schema_before is not None)
    run.status = run.status.model_copy(update={"schema_before": None})
    world.play()
    assert run.status.outcome is Reason.DOWN_REFUSED
    assert "the backup did not say which version the database is at" in hint(run)
    assert world.count(StartMigration) == 0


def test_a_tool_without_numbers_decides_itself_what_is_below(world: World) -> None:
    over(world, version="b2", migration={"tool": "Alembic"})
    world.fates = {BACKUP: [at("a1")], MIGRATE: [came_to("b2")]}
    assert undo(world, migration={"tool": "Alembic"}).status.outcome is Reason.WENT_DOWN


@pytest.mark.parametrize("there", [HIGHER, LOWEST, "", "2 applied, last: 2, dirty"])
def test_another_version_than_the_recorded_one_is_no_success(world: World, there: str) -> None:
    world.fates[MIGRATE] = [came_to(there)]
    run = undo(world)
    assert run.status.outcome is Reason.VERSION_MISMATCH
    assert f"its bookkeeping is {there or 'empty'} and not {LOWER}" in hint(run)
    assert run.status.database_state is LeftBehind.UNKNOWN
    assert world.locks[KEY].database is DatabaseState.UNKNOWN


def test_a_script_that_fails_leaves_what_the_database_says(world: World) -> None:
    world.fates |= {MIGRATE: [pod_outcomes.migration_failed()], REPORT: [pod_outcomes.CHANGED]}
    run = undo(world)
    assert run.status.outcome is Reason.MIGRATION_FAILED
    assert run.status.database_state is LeftBehind.DIRTY
    assert world.locks[KEY].database is DatabaseState.DIRTY
    assert "undone before the failed one stay undone" in hint(run), "what the tool leaves of a way down"
    assert "The image that serves may not work on what is there" in hint(run)
    assert "old version" not in hint(run)


def test_the_database_of_the_migration_has_to_be_the_one_that_was_backed_up(world: World) -> None:
    world.fates[MIGRATE] = [came_to(LOWER, identity=OTHER_IDENTITY)]
    assert undo(world).status.outcome is Reason.DATABASE_CHANGED


def test_an_unknown_database_needs_a_persons_word_as_always(world: World) -> None:
    world.locks[KEY] = builders.lock(holder_uid="", holder_name="", database=DatabaseState.UNKNOWN)
    assert undo(world).status.outcome is Reason.DATABASE_UNKNOWN
    again = world.add_run("again", MigrationRunSpec.model_validate(
        world.runs["undo"].spec.model_dump(by_alias=True, exclude_none=True) | {"acceptUnknownDatabase": True}
    ))  # fmt: skip
    world.play()
    assert again.status.outcome is Reason.WENT_DOWN


def test_a_flow_that_is_not_suspended_is_waited_for_and_passes(world: World) -> None:
    world.edit(suspend=False)
    run = undo(world)
    status, reason, message = said(run)
    assert (status, reason) == (ConditionStatus.UNKNOWN, Reason.FLOW_NOT_SUSPENDED)
    assert 'kubectl patch rflow shop -n team --type merge -p \'{"spec":{"suspend":true}}\'' in message
    assert not is_queued(run.spec, run.status), "the flow's own runs do not wait for it"
    assert run.status.down is not None
    assert [step.type for step in run.status.steps] == []
    world.edit(suspend=True)
    world.play()
    assert run.status.outcome is Reason.WENT_DOWN


def test_a_flow_that_is_resumed_under_way_waits_for_the_lock(world: World) -> None:
    run = world.add_run("undo", builders.run_spec(image=NEWER, migration={"tool": "Rails"}, **DOWN))
    world.play(until=lambda w: w.count(TakeLock) == 1)
    world.edit(suspend=False)
    world.play(until=lambda w: w.runs["undo"].status.outcome is not None)
    assert run.status.outcome is Reason.WENT_DOWN


def test_a_flow_of_another_database_is_not_asked(world: World) -> None:
    world.edit(suspend=False, database={"urlSecretRef": {"name": "other", "key": "url"}})
    assert undo(world).status.outcome is Reason.WENT_DOWN


def test_a_down_may_wait_for_an_approval_on_the_run_itself(world: World) -> None:
    run = undo(world, approvalRequired=True)
    status, reason, message = said(run)
    assert (status, reason) == (ConditionStatus.UNKNOWN, Reason.AWAITING_APPROVAL)
    assert "kubectl annotate mrun undo -n team --overwrite releaseflow.dev/approve=undo" in message
    assert KEY not in world.locks, "the lock is given back"
    world.approve_run("undo", "another-run")
    world.play()
    assert run.status.outcome is None
    world.approve_run("undo", "undo")
    world.play()
    assert run.status.outcome is Reason.WENT_DOWN


def test_the_flows_annotation_does_not_approve_a_run_by_hand(world: World) -> None:
    run = undo(world, approvalRequired=True)
    world.command(approve="undo")
    world.play()
    assert run.status.outcome is None


def test_a_run_of_a_flow_is_not_approved_by_its_own_annotation(world: World) -> None:
    world.edit(suspend=False, approvals=["BeforeMigration"], migration={"tool": "Django"})
    world.fates.clear()
    world.play()
    world.approve_run(world.release.run, world.release.run)
    world.play()
    assert world.run.status.outcome is None
