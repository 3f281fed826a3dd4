"""Releases of flows that want no backup: what is skipped, what the status says, and what the lock remembers."""

import pytest

from releaseflow.api.v1alpha1.backup_status import NOT_TAKEN
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.conditions import condition
from releaseflow.core.facts import ABSENT
from releaseflow.core.run.actions import CreateJob, StartMigration
from releaseflow.core.run.attempt import AttemptEnded
from releaseflow.core.run.facts import DatabaseState, LockFacts
from releaseflow.core.run.proven import proven_by
from tests.support import builders
from tests.support.builders import IDENTITY, NEW, NEWER, NO_BACKUP, OTHER_IDENTITY
from tests.support.pod_outcomes import NOTHING_PENDING, Fate, migrated, migration_failed
from tests.unit.core.world import World


@pytest.fixture
def world() -> World:
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow(backup=NO_BACKUP)
    return world


def said(world: World, kind: str) -> tuple[str, Reason, str]:
    found = condition(world.run.status.conditions, kind)
    assert found is not None
    return found.status.value, found.reason, found.message


def lock_of(world: World) -> LockFacts:
    return world.locks["shop-db/url"]


def test_it_is_migrated_and_promoted_and_the_status_says_that_no_backup_was_taken(world: World) -> None:
    world.play()
    made = [action.step for action in world.happened if isinstance(action, CreateJob)]
    assert made == [StepType.CHECK, StepType.MIGRATE]
    assert world.ready() == ("True", Reason.RELEASED)
    assert world.image() == NEW
    words = "No backup is taken: spec.backup.none acknowledges that data may be lost"
    assert said(world, "BackedUp") == ("True", Reason.BACKUP_SKIPPED, words)
    assert said(world, "BackupVerified") == ("True", Reason.BACKUP_SKIPPED, "There is no backup to verify")
    assert world.run.status.backup == NOT_TAKEN
    assert (world.run.status.backup_state, world.run.status.migration_state) == ("Skipped", "Succeeded")
    assert [step.type for step in world.run.status.steps] == [StepType.CHECK, StepType.MIGRATE]


def test_the_database_says_who_it_is_after_the_migration_and_the_lock_remembers_that(world: World) -> None:
    world.play()
    assert world.run.status.database_identity == lock_of(world).identity == IDENTITY
    assert world.run.status.schema_before is None
    assert world.run.status.schema_after is not None


def test_no_other_database_is_expected_where_none_was_seen_before(world: World) -> None:
    world.fates[StepType.MIGRATE] = [migrated(builders.schema_says(identity=OTHER_IDENTITY))]
    assert world.play().run.status.outcome is Reason.MIGRATED


def test_what_an_earlier_backup_saw_of_tables_is_kept(world: World) -> None:
    facts = {"had_tables": True, "tables_namespace_uid": "older-uid", "identity": OTHER_IDENTITY}
    world.locks["shop-db/url"] = builders.lock(holder_uid="", holder_name="", **facts)
    world.play()
    assert (lock_of(world).had_tables, lock_of(world).tables_namespace_uid) == (True, "older-uid")


def test_nothing_pending_needs_no_word_on_a_backup(world: World) -> None:
    world.fates[StepType.CHECK] = [NOTHING_PENDING]
    world.play()
    assert said(world, "BackedUp") == ("Unknown", Reason.NOTHING_PENDING, "Not needed")
    assert (world.run.status.backup, world.run.status.backup_state) == (None, "NotNeeded")


def test_a_failed_migration_leaves_a_database_that_only_a_person_can_release(world: World) -> None:
    world.fates[StepType.MIGRATE] = [migration_failed()]
    world.play()
    world.edit(image=NEWER)
    world.play()
    assert lock_of(world).database is DatabaseState.UNKNOWN
    assert world.count(StartMigration) == 1
    assert world.run.status.outcome is Reason.MIGRATION_FAILED


def test_who_approves_reads_that_there_is_no_backup(world: World) -> None:
    world.edit(approvals=["BeforeMigration"])
    world.play()
    assert said(world, "Approved")[2].startswith("No backup is taken. Approve the migration: kubectl annotate")


def test_a_run_without_a_backup_is_none_of_those_that_hold_one() -> None:
    assert not NO_BACKUP.is_taken
    with pytest.raises(ValueError, match="names no place for backups"):
        _ = NO_BACKUP.destination


@pytest.mark.parametrize(
    ("fate", "asks"),
    [
        (Fate((builders.container("migrate", None),), "BackoffLimitExceeded"), True),
        (Fate((builders.container("migrate", 143),), "DeadlineExceeded"), True),
        (migration_failed(), False),
    ],
    ids=["its pod is gone", "its time was over", "it ended by itself"],
)
def test_a_person_is_asked_to_check_for_sessions_of_a_migration_that_was_cut_off(
    world: World, fate: Fate, *, asks: bool
) -> None:
    world.fates[StepType.MIGRATE] = [fate]
    world.play()
    failure = world.run.status.failure
    assert failure is not None
    assert ("without a backup nothing looks for them" in failure.hint) is asks


def test_nothing_is_proven_where_no_backup_is_taken() -> None:
    spec = builders.run_spec(backup={"none": {"acknowledge": "DataMayBeLost"}})
    step = StepStatus(name="backup", type=StepType.BACKUP, job_name="job")
    assert proven_by(builders.run(spec=spec), AttemptEnded(step, builders.job(), ABSENT)) is ABSENT
