"""A migration that changed no schema, by a tool whose bookkeeping is not known: its check is asked once more."""

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from releaseflow.core.run.actions import CreateJob, CreateJobAnew, StartMigration
from releaseflow.core.run.facts import DatabaseState
from tests.support import builders
from tests.support.builders import NEW, OLD
from tests.support.pod_outcomes import NOTHING_PENDING, Fate, backed_up, checked, migrated
from tests.unit.core.failures import stalled
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
KEY = "shop-db/url"


@pytest.fixture
def unchanged(released: World) -> World:
    """A release whose migration exits with 0 and leaves no trace in the schema."""
    released.fates[BACKUP] = [backed_up(builders.backup_says(schemaVersion=""))]
    released.fates[MIGRATE] = [migrated(builders.schema_says(schemaVersion="", fingerprint=builders.BEFORE))]
    released.edit(image=NEW, migration={"command": ["./migrate"], "check": {"command": ["./pending"]}})
    return released


def test_a_migration_that_moved_data_alone_is_released(unchanged: World) -> None:
    unchanged.fates[CHECK] = [checked(1), NOTHING_PENDING]
    unchanged.play()
    assert (unchanged.image(), unchanged.run.status.outcome) == (NEW, Reason.MIGRATED)
    assert (unchanged.count(CreateJobAnew), unchanged.count(StartMigration)) == (1, 1)
    assert unchanged.locks[KEY].database is DatabaseState.CLEAN


@pytest.mark.parametrize("code", [1, 2, 3])
def test_where_something_is_still_pending_the_database_is_unknown(unchanged: World, code: int) -> None:
    unchanged.fates[CHECK] = [checked(1), checked(code)]
    unchanged.play()
    stalled(unchanged, Reason.STILL_PENDING, DatabaseState.UNKNOWN)
    assert unchanged.count(StartMigration) == 1
    failure = unchanged.run.status.failure
    assert failure is not None
    assert failure.hint.startswith(
        f"the migration exited with 0 and changed no schema, and the check still exits with {code}"
    )


def test_the_second_question_is_asked_under_the_lock_in_a_job_of_its_own(unchanged: World) -> None:
    unchanged.fates[CHECK] = [checked(1), NOTHING_PENDING]
    unchanged.play(until=lambda w: w.count(CreateJobAnew) == 1)
    assert unchanged.locks[KEY].holder_uid == unchanged.run.uid
    jobs = [action.name for action in unchanged.happened if isinstance(action, CreateJob) and action.step is CHECK]
    assert len(set(jobs)) == 2


@pytest.mark.parametrize("answers", [0, 2, 3])
def test_a_second_question_without_an_answer_is_asked_three_times(unchanged: World, answers: int) -> None:
    """It has all its tries, whatever the first question took."""
    silent: list[Fate] = [checked(127)] * answers
    unchanged.fates[CHECK] = [checked(1), *silent, NOTHING_PENDING]
    unchanged.play()
    for _ in range(answers):
        unchanged.wait(60)
        unchanged.play()
    assert unchanged.image() == (NEW if answers < 3 else OLD)
    if answers == 3:
        stalled(unchanged, Reason.CHECK_FAILED, DatabaseState.UNKNOWN)
    assert unchanged.count(StartMigration) == 1


def test_people_do_not_end_a_run_that_asks_its_second_question(unchanged: World) -> None:
    unchanged.fates[CHECK] = [checked(1), NOTHING_PENDING]
    unchanged.play(until=lambda w: w.count(StartMigration) == 1)
    unchanged.stays[CHECK] = PodPhase.RUNNING
    unchanged.play()
    unchanged.command(abort="now")
    unchanged.play()
    assert unchanged.run.status.outcome is None
    unchanged.stays.clear()
    unchanged.play()
    assert unchanged.ready() == ("False", Reason.ABORTED)
    assert unchanged.release.run_outcome is Reason.MIGRATED
    assert unchanged.image() == OLD
