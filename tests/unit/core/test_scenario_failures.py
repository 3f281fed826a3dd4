"""Backups and migrations that go wrong: the old image keeps serving, and the status says what to do."""

from datetime import timedelta
from typing import Any

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Trigger
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import condition
from releaseflow.core.facts import ContainerFacts, PendingCause
from releaseflow.core.run.actions import CreateJob
from releaseflow.core.run.attempt import UNREACHABLE_ATTEMPTS
from releaseflow.core.run.facts import DatabaseState
from releaseflow.presets.registry import PRESETS
from tests.support import builders
from tests.support.builders import NEW, NEWER
from tests.support.pod_outcomes import BACKED_UP, Fate, backed_up, backup_failed, migrated, migration_failed
from tests.unit.core.failures import played, stalled
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
PULL = PendingCause(Reason.IMAGE_PULL_FAILED, "Back-off pulling image")


def test_a_backup_that_fails_in_passing_is_tried_three_times(released: World) -> None:
    released.fates[BACKUP] = [backup_failed("BackupFailed")]
    played(released)
    stalled(released, Reason.BACKUP_FAILED)
    assert released.count(CreateJob) == 4
    assert released.run.status.backup_state == "Failed"
    assert not released.run.status.migration_state


def played_in_small_steps(world: World) -> None:
    """Release the new image, and let five seconds go by whenever everything rests."""
    world.edit(image=NEW)
    for _ in range(240):
        world.play()
        if world.run.status.outcome is not None:
            break
        world.wait(5)
    world.play()


def test_a_database_that_cannot_be_reached_is_tried_for_ten_minutes(released: World) -> None:
    released.fates[BACKUP] = [backup_failed("ConnectionFailed")]
    begin = released.now
    released.edit(image=NEW)
    released.play()
    waiting = condition(released.run.status.conditions, "Ready")
    assert waiting is not None
    assert (waiting.status, waiting.reason) == ("Unknown", Reason.CONNECTION_FAILED)
    assert "Attempt 2 begins at " in waiting.message
    played_in_small_steps(released)
    stalled(released, Reason.CONNECTION_FAILED)
    assert released.count(CreateJob) == 1 + UNREACHABLE_ATTEMPTS
    assert timedelta(minutes=9) < released.now - begin < timedelta(minutes=12)


def test_a_database_that_fails_over_for_minutes_is_migrated_all_the_same(released: World) -> None:
    released.fates[BACKUP] = [*[backup_failed("ConnectionFailed")] * 8, BACKED_UP]
    played_in_small_steps(released)
    assert released.image() == NEW


def test_other_failures_are_counted_apart_from_those_of_the_connection(released: World) -> None:
    lost, broken = backup_failed("ConnectionFailed"), backup_failed("BackupFailed")
    released.fates[BACKUP] = [lost, lost, lost, lost, broken, lost, broken, broken]
    played_in_small_steps(released)
    stalled(released, Reason.BACKUP_FAILED)
    assert released.count(CreateJob) == 1 + 8


def test_a_check_that_failed_with_the_database_says_nothing_of_what_is_pending(released: World) -> None:
    released.fates[BACKUP] = [backup_failed("ConnectionFailed"), BACKED_UP]
    released.fates[MIGRATE] = [migrated(builders.schema_says(schemaVersion="shop.0001", fingerprint=builders.BEFORE))]
    played_in_small_steps(released)
    assert released.image() == NEW


def test_a_backup_that_works_on_the_second_try_goes_on(released: World) -> None:
    released.fates[BACKUP] = [backup_failed("ConnectionFailed"), BACKED_UP]
    played(released)
    assert released.image() == NEW


def test_the_next_try_waits_for_its_pause(released: World) -> None:
    released.fates[BACKUP] = [backup_failed("ConnectionFailed"), BACKED_UP]
    released.edit(image=NEW)
    released.play()
    assert released.count(CreateJob) == 2
    released.wait(5)
    released.play()
    assert released.image() == NEW


@pytest.mark.parametrize("reason", ["AuthenticationFailed", "DatabaseNotFound", "VolumeFull", "BackupTooSmall"])
def test_a_backup_that_would_only_fail_again_stops_the_release_at_once(released: World, reason: str) -> None:
    released.fates[BACKUP] = [backup_failed(reason)]
    played(released)
    stalled(released, Reason(reason))
    assert released.count(CreateJob) == 2


def test_a_proof_that_read_something_else_than_was_written_stops_the_release(released: World) -> None:
    released.fates[BACKUP] = [backed_up(builders.backup_says(provenSizeBytes=17))]
    played(released)
    stalled(released, Reason.BACKUP_UNVERIFIED)


def test_a_backup_that_ran_out_of_time_is_not_tried_again(released: World) -> None:
    late = Fate((builders.container("backup", 143),), "DeadlineExceeded")
    released.fates[BACKUP] = [late]
    played(released)
    stalled(released, Reason.DEADLINE_EXCEEDED)


def test_a_new_empty_database_is_fine(released: World) -> None:
    released.fates[BACKUP] = [backed_up(builders.backup_says(tables=0))]
    played(released)
    assert released.image() == NEW
    assert not released.locks["shop-db/url"].had_tables


def test_a_database_that_is_known_under_another_key_stops_the_release(released: World) -> None:
    released.keys_of_identity = ("blog",)
    played(released)
    stalled(released, Reason.LOCK_KEY_MISMATCH)


def test_what_a_failed_migration_leaves_is_reported_in_the_words_of_the_tool(released: World) -> None:
    released.edit(migration={"tool": "Knex"})
    released.fates[MIGRATE] = [Fate((builders.container("migrate", 1),), "BackoffLimitExceeded")]
    played(released)
    assert (
        PRESETS["Knex"].leftovers["PostgreSQL"].failed
        in stalled(released, Reason.MIGRATION_FAILED, DatabaseState.DIRTY).hint
    )


def test_what_a_failed_command_leaves_is_not_known(released: World) -> None:
    released.edit(migration={"command": ["x"]})
    released.fates[MIGRATE] = [Fate((builders.container("migrate", 1),), "BackoffLimitExceeded")]
    played(released)
    assert "exited with 1. The old version" in stalled(released, Reason.MIGRATION_FAILED, DatabaseState.DIRTY).hint


def test_a_failed_migration_stops_everything_until_a_retry_says_that_the_database_may_be_used(released: World) -> None:
    released.fates[MIGRATE] = [migration_failed(3, "relation exists\npassword=hunter2")]
    played(released)
    failure = stalled(released, Reason.MIGRATION_FAILED, DatabaseState.DIRTY)
    assert (failure.step, failure.exit_code) == ("Migrate", 3)
    assert "relation exists" in failure.log_tail
    assert "hunter2" not in failure.log_tail
    released.edit(image=NEWER)
    released.play()
    assert released.migrations().total() == 1
    assert released.release.sequence == 2
    released.fates.clear()
    released.command(retry="now")
    released.play()
    assert released.release.trigger is Trigger.RETRY
    assert (released.image(), released.ready()) == (NEWER, ("True", Reason.RELEASED))
    assert released.migrations().total() == 2


def test_a_retry_checks_and_backs_up_again(released: World) -> None:
    released.fates[MIGRATE] = [migration_failed()]
    played(released)
    released.fates.clear()
    before = released.count(CreateJob)
    released.command(retry="now")
    released.play()
    assert released.count(CreateJob) == before + 3


def test_a_migration_that_changed_nothing_had_no_effect(released: World) -> None:
    same = builders.schema_says(schemaVersion="shop.0001", fingerprint=builders.BEFORE)
    released.fates[MIGRATE] = [migrated(same)]
    played(released)
    stalled(released, Reason.NO_EFFECT, DatabaseState.UNKNOWN)


@pytest.mark.parametrize(("version", "migration"), [
    ("shop.0001", {"command": ["./migrate"], "check": {"command": ["check"]}}),
    ("", {"tool": "Django"}),
])  # fmt: skip
def test_a_migration_that_moves_data_alone_is_judged_by_a_bookkeeping_that_is_known(
    released: World, version: str, migration: dict[str, Any]
) -> None:
    released.fates[BACKUP] = [backed_up(builders.backup_says(schemaVersion=version, tables=8))]
    released.fates[MIGRATE] = [
        migrated(builders.schema_says(schemaVersion=version, fingerprint=builders.BEFORE, tables=9))
    ]
    released.edit(migration=migration)
    played(released)
    stalled(released, Reason.NO_EFFECT, DatabaseState.UNKNOWN)


def test_without_a_check_a_migration_that_changed_nothing_is_fine(released: World) -> None:
    same = builders.schema_says(schemaVersion="shop.0001", fingerprint=builders.BEFORE)
    released.fates[MIGRATE] = [migrated(same)]
    released.edit(migration={"tool": "Django", "check": {"policy": "Never"}})
    played(released)
    assert released.image() == NEW


def test_a_migration_of_another_database_than_was_backed_up_stops_the_release(released: World) -> None:
    released.fates[MIGRATE] = [migrated(builders.schema_says(identity=builders.OTHER_IDENTITY))]
    played(released)
    stalled(released, Reason.DATABASE_CHANGED, DatabaseState.UNKNOWN)


@pytest.mark.parametrize(
    ("message", "said"),
    [("", "it left no report"), (builders.failure_says("ConnectionFailed", "no route to host"), "no route to host")],
)
def test_a_database_that_cannot_be_asked_afterwards_leaves_the_outcome_unverified(
    released: World, message: str, said: str
) -> None:
    report = builders.container("report", 1, message)
    released.fates[MIGRATE] = [Fate((builders.container("migrate"), report), "BackoffLimitExceeded")]
    played(released)
    stalled(released, Reason.OUTCOME_UNVERIFIED, DatabaseState.UNKNOWN)
    failure = released.flow.status.failure
    assert failure is not None
    assert said in failure.hint


@pytest.mark.parametrize(
    ("container", "failed_reason", "reason"),
    [
        (builders.container("migrate", 137, ended_by="OOMKilled"), "BackoffLimitExceeded", Reason.OUT_OF_MEMORY),
        (builders.container("migrate", 143), "DeadlineExceeded", Reason.DEADLINE_EXCEEDED),
        (builders.container("migrate", None), "BackoffLimitExceeded", Reason.INTERRUPTED),
        (builders.container("other", 1), "BackoffLimitExceeded", Reason.INTERRUPTED),
    ],
)
def test_each_way_a_migration_ends_has_its_own_reason(
    released: World, container: ContainerFacts, failed_reason: str, reason: Reason
) -> None:
    released.fates[MIGRATE] = [Fate((container,), failed_reason)]
    played(released)
    stalled(released, reason, DatabaseState.DIRTY)
