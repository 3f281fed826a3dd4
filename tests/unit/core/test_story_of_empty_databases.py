"""A database without tables that had some before: it stops a release, and a person who was told may accept it once."""

from dataclasses import replace

import pytest

from releaseflow.api.migration_run import MigrationRunSpec, StepName
from releaseflow.api.reasons import Reason
from releaseflow.api.release_flow import Trigger
from tests.unit.core import scenes
from tests.unit.core.endings import played, stalled
from tests.unit.core.fates import BACKED_UP, backed_up, backup_failed
from tests.unit.core.scenes import NEW, NEWER
from tests.unit.core.world import RunThing, World

BACK_UP = StepName.BACK_UP
EMPTY = backed_up(dump=scenes.dump_says(tables=0))


@pytest.fixture
def emptied(released: World) -> World:
    """A flow whose database had tables, and has none any more; its newest release was stopped by that."""
    lock = released.locks["shop-db/url"]
    released.locks["shop-db/url"] = replace(lock, had_tables=True)
    released.fates[BACK_UP] = [EMPTY]
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
    assert "if the database is new on purpose: kubectl annotate rf shop -n team" in run.failure.hint
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
    released.locks["shop-db/url"] = replace(released.locks["shop-db/url"], had_tables=True)
    released.fates[BACK_UP] = [backup_failed("AuthenticationFailed"), EMPTY]
    played(released)
    stalled(released, Reason.AUTHENTICATION_FAILED)
    retry(released)
    stalled(released, Reason.DATABASE_EMPTY)


def test_a_database_whose_tables_came_back_is_released_by_the_same_retry(emptied: World) -> None:
    emptied.fates[BACK_UP] = [BACKED_UP]
    retry(emptied)
    assert emptied.image() == NEW


@pytest.mark.parametrize(("accepts", "outcome"), [(False, Reason.DATABASE_EMPTY), (True, Reason.MIGRATED)])
def test_a_run_by_hand_says_itself_that_the_database_may_be_empty(
    emptied: World, *, accepts: bool, outcome: Reason
) -> None:
    facts = scenes.run_spec().model_dump(by_alias=True, exclude_none=True) | {"flowRef": None}
    spec = MigrationRunSpec.model_validate(facts | {"acceptEmptyDatabase": accepts})
    run = RunThing("by-hand", emptied.uid("run"), spec, emptied.now, held=False)
    emptied.runs["by-hand"] = run
    emptied.play()
    assert run.status.outcome is outcome
    assert accepts or (run.status.failure and "spec.acceptEmptyDatabase: true" in run.status.failure.hint)
