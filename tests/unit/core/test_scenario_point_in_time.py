"""Releases of flows whose provider restores to any second: what is recorded, and the words to restore to."""

import pytest

from releaseflow.api.v1alpha1.backup import PointInTime
from releaseflow.api.v1alpha1.backup_status import POINT_IN_TIME, BackupStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import condition
from releaseflow.core.run.actions import CreateJob, StartMigration
from tests.support import builders
from tests.support.builders import IDENTITY, NEW, OTHER_IDENTITY
from tests.support.pod_outcomes import Fate, migrated, migration_failed, not_recorded, recorded
from tests.unit.core.world import World

WORDS = "2026-03-01T11:59:59Z, LSN 0/1A2B3C"
RESTORE = f"To undo what it did, restore to {WORDS}. "


@pytest.fixture
def world() -> World:
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow(backup=builders.POINT_IN_TIME)
    return world


def said(world: World, kind: str) -> tuple[str, Reason, str]:
    found = condition(world.run.status.conditions, kind)
    assert found is not None
    return found.status.value, found.reason, found.message


def backup_of(world: World) -> BackupStatus:
    assert world.run.status.backup is not None
    return world.run.status.backup


def hint(world: World) -> str:
    assert world.run.status.failure is not None
    return world.run.status.failure.hint


def test_the_point_is_recorded_before_the_migration_and_nothing_is_copied(world: World) -> None:
    world.play()
    made = [action.step for action in world.happened if isinstance(action, CreateJob)]
    assert made == [StepType.CHECK, StepType.BACKUP, StepType.MIGRATE]
    assert (world.ready(), world.image()) == (("True", Reason.RELEASED), NEW)
    backup = backup_of(world)
    assert (backup.method, backup.location, backup.sha256, backup.restore_command) == (POINT_IN_TIME, "", "", "")
    assert (backup.recovery_time, backup.recovery_lsn) == ("2026-03-01T11:59:59Z", "0/1A2B3C")
    assert (backup.tables, backup.server_version, backup.client_version) == (7, "18.1", "18.1")
    assert backup.proof == "the database answered, and the point was recorded"
    assert backup.completion_time is not None


def test_who_reads_the_status_sees_what_was_not_tested(world: World) -> None:
    world.play()
    status, reason, message = said(world, "BackupVerified")
    assert (status, reason) == ("True", Reason.OPENED)
    assert message == (
        f"Nothing was copied. The database can be restored to {WORDS}, if spec.backup.pointInTime is right: "
        "RDS, 7 days, restore tested 2026-10-02. ReleaseFlow does not test that restore"
    )


def test_a_statement_of_many_lines_is_one_line_of_a_message(world: World) -> None:
    world.edit(backup={"pointInTime": {"statement": "RDS\nseven days,\trestored"}})
    world.play()
    assert "is right: RDS seven days, restored. " in said(world, "BackupVerified")[2]


def test_a_server_that_gives_no_position_leaves_the_second(world: World) -> None:
    world.fates[StepType.BACKUP] = [recorded(builders.point_says(recoveryLSN=""))]
    world.fates[StepType.MIGRATE] = [migration_failed()]
    world.play()
    assert "To undo what it did, restore to 2026-03-01T11:59:59Z. " in hint(world)


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        (migration_failed(), Reason.MIGRATION_FAILED),
        (Fate((builders.container("migrate", None),), "BackoffLimitExceeded"), Reason.INTERRUPTED),
        (Fate((builders.container("migrate", 143),), "DeadlineExceeded"), Reason.DEADLINE_EXCEEDED),
        (
            Fate((builders.container("migrate", 137, ended_by="OOMKilled"),), "BackoffLimitExceeded"),
            Reason.OUT_OF_MEMORY,
        ),
        (migrated("no report"), Reason.OUTCOME_UNVERIFIED),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
def test_a_migration_that_failed_says_what_to_restore_to(world: World, fate: Fate, reason: Reason) -> None:
    world.fates[StepType.MIGRATE] = [fate]
    world.play()
    assert world.run.status.outcome is reason
    assert RESTORE in hint(world)
    assert "without a backup nothing looks for them" not in hint(world), "the database was asked for sessions"


@pytest.mark.parametrize(
    "changes", [{"identity": OTHER_IDENTITY}, {"fingerprint": builders.BEFORE, "schemaVersion": "shop.0001"}]
)
def test_what_did_nothing_to_this_database_is_not_restored(world: World, changes: dict[str, str]) -> None:
    world.fates[StepType.MIGRATE] = [migrated(builders.schema_says(**changes))]
    world.play()
    assert world.run.status.outcome in {Reason.DATABASE_CHANGED, Reason.NO_EFFECT}
    assert "restore to" not in hint(world)


def test_a_database_that_was_dumped_has_no_second_to_restore_to(world: World) -> None:
    world.edit(backup={"persistentVolumeClaim": {"claimName": "shop-backups"}, "pointInTime": None})
    world.fates[StepType.MIGRATE] = [migration_failed()]
    world.play()
    assert "restore to" not in hint(world)


def test_the_database_is_held_to_what_the_lock_remembers(world: World) -> None:
    world.locks["shop-db/url"] = builders.lock(
        holder_uid="", holder_name="", had_tables=True, tables_namespace_uid="namespace-uid", identity=IDENTITY
    )
    world.fates[StepType.BACKUP] = [recorded(builders.point_says(tables=0))]
    world.play()
    assert world.run.status.outcome is Reason.DATABASE_EMPTY
    assert world.count(StartMigration) == 0


def test_tables_that_were_seen_are_remembered(world: World) -> None:
    world.play()
    lock = world.locks["shop-db/url"]
    assert (lock.identity, lock.had_tables) == (IDENTITY, True)


@pytest.mark.parametrize(
    "message",
    [
        builders.point_says(recoveryTime=""),
        builders.point_says(recoveryTime="2026-03-01 11:59:59+00"),
        builders.point_says(recoveryTime="yesterday"),
        builders.point_says(identity="another"),
        builders.point_says(fingerprint=""),
        builders.point_says(tables=-1),
        "",
        "{}",
    ],
)
def test_nothing_is_migrated_without_a_point(world: World, message: str) -> None:
    world.fates[StepType.BACKUP] = [recorded(message) if message else Fate((builders.container("point"),))]
    for _ in range(3):
        world.play()
        world.wait(20)
    assert world.play().run.status.outcome is Reason.BACKUP_FAILED
    assert hint(world).startswith("the database's answer has no point in time. ")
    assert world.count(StartMigration) == 0


@pytest.mark.parametrize("lsn", ["0/1a2b3c", "1A2B3C", "0/1A2B3C; rm", "012345678/1"])
def test_a_position_that_is_none_is_left_out(world: World, lsn: str) -> None:
    world.fates[StepType.BACKUP] = [recorded(builders.point_says(recoveryLSN=lsn))]
    world.play()
    assert backup_of(world).recovery_lsn == ""


def test_a_database_that_refuses_to_answer_is_asked_again_and_then_stops_the_run(world: World) -> None:
    world.fates[StepType.BACKUP] = [not_recorded("BackupFailed")]
    for _ in range(3):
        world.play()
        world.wait(20)
    assert world.play().run.status.outcome is Reason.BACKUP_FAILED
    assert sum(isinstance(a, CreateJob) and a.step is StepType.BACKUP for a in world.happened) == 3
    assert world.count(StartMigration) == 0


def test_a_person_who_follows_the_job_reads_its_container(world: World) -> None:
    world.play(until=lambda w: w.count(CreateJob) == 2)
    assert said(world, "BackedUp")[2].endswith("-c point")


def test_a_run_that_records_a_point_has_no_place_for_backups() -> None:
    assert isinstance(builders.POINT_IN_TIME.member, PointInTime)
    assert builders.POINT_IN_TIME.asks_database
    assert not builders.POINT_IN_TIME.is_taken
    with pytest.raises(ValueError, match="names no place"):
        _ = builders.POINT_IN_TIME.destination
