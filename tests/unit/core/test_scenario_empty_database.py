"""A database without tables that had some before stops a release: a person may accept it once, a new namespace does."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Trigger
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.run.facts import DatabaseState, LockFacts
from releaseflow.core.run.lock import remembers_tables
from tests.support import builders
from tests.support.builders import NEW, NEWER
from tests.support.pod_outcomes import BACKED_UP, backed_up, backup_failed, migration_failed
from tests.unit.core.failures import played, stalled
from tests.unit.core.world import World

BACKUP, MIGRATE = StepType.BACKUP, StepType.MIGRATE
KEY = "shop-db/url"
FORMER = "former-namespace-uid"
EMPTY = backed_up(builders.backup_says(tables=0))


@pytest.fixture
def emptied(released: World) -> World:
    """A flow whose database had tables, and has none any more; its newest release was stopped by that."""
    lock = released.locks[KEY]
    released.locks[KEY] = replace(lock, had_tables=True, tables_namespace_uid=released.namespace_uid)
    released.fates[BACKUP] = [EMPTY]
    return played(released)


def retry(world: World, value: str = "again") -> None:
    """Retry the release of a flow, and play on."""
    world.command(retry=value)
    world.play()


def test_an_empty_database_that_had_tables_stops_the_release_and_says_what_a_retry_does(emptied: World) -> None:
    stalled(emptied, Reason.DATABASE_EMPTY)
    run = emptied.run.status
    assert run.backup_state == "Failed"
    assert run.backup is not None
    assert run.failure is not None
    assert "if the database is new on purpose: kubectl annotate rflow shop -n team" in run.failure.hint
    assert emptied.image() != NEW


def test_a_retry_accepts_the_empty_database(emptied: World) -> None:
    retry(emptied)
    assert emptied.image() == NEW
    assert emptied.run.spec.accept_empty_database
    assert emptied.run.status.outcome is Reason.MIGRATED


def test_the_acceptance_holds_for_one_run_alone(emptied: World) -> None:
    retry(emptied)
    emptied.edit(image=NEWER)
    emptied.play()
    assert emptied.ready() == ("False", Reason.DATABASE_EMPTY)
    assert emptied.image() == NEW
    assert not emptied.run.spec.accept_empty_database


def test_another_image_after_the_stop_accepts_nothing(emptied: World) -> None:
    emptied.edit(image=NEWER)
    emptied.play()
    release = emptied.flow.status.release
    assert release is not None
    assert release.trigger is Trigger.NEW_IMAGE
    stalled(emptied, Reason.DATABASE_EMPTY)
    retry(emptied)
    assert emptied.image() == NEWER


def test_a_retry_of_something_else_accepts_no_empty_database(released: World) -> None:
    lock = released.locks[KEY]
    released.locks[KEY] = replace(lock, had_tables=True, tables_namespace_uid=released.namespace_uid)
    released.fates[BACKUP] = [backup_failed("AuthenticationFailed"), EMPTY]
    played(released)
    stalled(released, Reason.AUTHENTICATION_FAILED)
    retry(released)
    stalled(released, Reason.DATABASE_EMPTY)


def test_a_database_whose_tables_came_back_is_released_by_the_same_retry(emptied: World) -> None:
    emptied.fates[BACKUP] = [BACKED_UP]
    retry(emptied)
    assert emptied.image() == NEW


@pytest.mark.parametrize(("accepts", "outcome"), [(False, Reason.DATABASE_EMPTY), (True, Reason.MIGRATED)])
def test_a_run_by_hand_says_itself_that_the_database_may_be_empty(
    emptied: World, *, accepts: bool, outcome: Reason
) -> None:
    facts = builders.run_spec().model_dump(by_alias=True, exclude_none=True) | {"flowRef": None}
    spec = MigrationRunSpec.model_validate(facts | {"acceptEmptyDatabase": accepts})
    run = emptied.add_run("by-hand", spec)
    emptied.play()
    assert run.status.outcome is outcome
    assert accepts or (run.status.failure and "spec.acceptEmptyDatabase: true" in run.status.failure.hint)


@pytest.fixture
def recreated(world: World) -> World:
    """A namespace that was made again with a new, empty database; its lock knows the tables of the former one."""
    free = LockFacts(KEY, "lock-uid", "1", namespace_uid=FORMER, last_name="before", identity=builders.OTHER_IDENTITY)
    world.locks[KEY] = replace(free, had_tables=True, tables_namespace_uid=FORMER)
    world.fates[BACKUP] = [EMPTY]
    return world


def test_a_recreated_namespace_may_bring_an_empty_database(recreated: World) -> None:
    recreated.play()
    assert recreated.ready() == ("True", Reason.RELEASED)
    assert not recreated.run.spec.accept_empty_database


def test_tables_that_a_run_of_this_namespace_saw_are_missed_from_then_on(recreated: World) -> None:
    recreated.fates[BACKUP] = [BACKED_UP, EMPTY]
    recreated.play()
    lock = recreated.locks[KEY]
    assert (lock.had_tables, lock.tables_namespace_uid) == (True, recreated.namespace_uid)
    recreated.edit(image=NEWER)
    recreated.play()
    assert recreated.ready() == ("False", Reason.DATABASE_EMPTY)


def test_tables_of_the_former_namespace_are_not_missed_later_either(recreated: World) -> None:
    recreated.fates[MIGRATE] = [migration_failed()]
    recreated.play()
    stalled(recreated, Reason.MIGRATION_FAILED, DatabaseState.DIRTY)
    assert (recreated.locks[KEY].had_tables, recreated.locks[KEY].identity) == (False, builders.IDENTITY)
    recreated.fates[MIGRATE] = []
    retry(recreated)
    assert recreated.ready() == ("True", Reason.RELEASED)


def test_a_release_without_a_backup_changes_nothing_of_what_is_known_of_tables(recreated: World) -> None:
    recreated.fates[BACKUP] = [backup_failed("AuthenticationFailed")]
    recreated.play()
    assert (recreated.locks[KEY].had_tables, recreated.locks[KEY].tables_namespace_uid) == (True, FORMER)


def test_the_same_database_in_a_new_namespace_is_missed_its_tables(recreated: World) -> None:
    recreated.locks[KEY] = replace(recreated.locks[KEY], identity=builders.IDENTITY)
    recreated.play()
    stalled(recreated, Reason.DATABASE_EMPTY)
    assert (recreated.locks[KEY].had_tables, recreated.locks[KEY].tables_namespace_uid) == (True, FORMER)


@pytest.mark.parametrize(("now", "then"), [("", FORMER), ("namespace-uid", ""), ("", "")])
def test_an_unknown_namespace_uid_counts_as_the_same_namespace(recreated: World, now: str, then: str) -> None:
    recreated.namespace_uid = now
    recreated.locks[KEY] = replace(recreated.locks[KEY], tables_namespace_uid=then)
    recreated.play()
    stalled(recreated, Reason.DATABASE_EMPTY)
    failure = recreated.run.status.failure
    assert failure is not None
    assert "perhaps in a namespace of this name that was deleted since" in failure.hint


@pytest.mark.parametrize("state", [DatabaseState.UNKNOWN, DatabaseState.IN_USE])
def test_a_new_namespace_does_not_make_a_database_known(recreated: World, state: DatabaseState) -> None:
    recreated.locks[KEY] = replace(recreated.locks[KEY], database=state, unknown_since="before")
    recreated.play()
    assert recreated.ready() == ("False", Reason.DATABASE_UNKNOWN)
    assert recreated.migrations().total() == 0


def test_a_database_that_never_had_tables_misses_none() -> None:
    assert not remembers_tables(builders.lock(), builders.IDENTITY)
