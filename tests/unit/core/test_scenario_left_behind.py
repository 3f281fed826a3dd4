"""What a failed migration left in the database is asked by a Job of its own, and nothing else depends on the answer."""

from dataclasses import replace
from typing import Any

import pytest

from releaseflow.api.v1alpha1.database import LeftBehind
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepType
from releaseflow.core.conditions import condition
from releaseflow.core.facts import ABSENT, JobFacts, PendingCause, PodPhase
from releaseflow.core.run.actions import CreateReportJob, DeleteJob
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import DatabaseState
from releaseflow.core.run.left_behind import is_to_be_asked
from releaseflow.core.run.record import step_of
from tests.support import builders
from tests.support.builders import BEFORE, IDENTITY, NEW, NEWER, OLD, OTHER_IDENTITY, schema_says
from tests.support.pod_outcomes import (
    AS_BEFORE,
    CHANGED,
    ROLLED_BACK,
    Fate,
    asked,
    backed_up,
    migration_failed,
    not_answered,
)
from tests.unit.core.failures import stalled
from tests.unit.core.world import World

MIGRATE, REPORT = StepType.MIGRATE, StepType.REPORT
KEY = "shop-db/url"


@pytest.fixture
def failing(released: World) -> World:
    """A release whose migration fails and is rolled back."""
    released.fates[MIGRATE] = [ROLLED_BACK]
    released.edit(image=NEW)
    return released


def found(world: World, fate: Fate) -> tuple[LeftBehind | None, str, str]:
    """Return the state, the message and the flow's hint after a report."""
    world.fates[REPORT] = [fate]
    world.play()
    run, flow = world.run.status, world.flow.status
    assert run.outcome is Reason.MIGRATION_FAILED
    assert run.failure is not None
    assert flow.failure == run.failure
    return run.database_state, run.database_message, run.failure.hint


def test_a_database_as_it_was_before_is_clean_and_people_read_that_nothing_was_changed(failing: World) -> None:
    state, message, hint = found(failing, AS_BEFORE)
    assert (state, message) == (LeftBehind.CLEAN, "schema and bookkeeping are as they were; rows were not compared")
    assert hint.startswith(f"nothing was changed in the database: {message}; the migration exited with 1. ")
    stalled(failing, Reason.MIGRATION_FAILED, DatabaseState.UNCHANGED)
    for conditions, kinds in (
        (failing.run.status.conditions, ("Migrated", "Succeeded", "Ready", "Stalled")),
        (failing.flow.status.conditions, ("Ready", "Stalled")),
    ):
        for kind in kinds:
            said = condition(conditions, kind)
            assert said is not None
            assert "nothing was changed in the database" in said.message


def test_a_database_that_was_changed_is_dirty_and_what_differs_is_said(failing: World) -> None:
    failing.fates[MIGRATE] = [migration_failed()]
    state, message, hint = found(failing, CHANGED)
    assert state is LeftBehind.DIRTY
    assert message.split(", ") == [
        "the bookkeeping was shop.0001 and is shop.0002",
        "the schema's fingerprint was bebebebebebe and is afafafafafaf",
        "there were 7 tables and are 8",
    ]
    restore = f"kubectl get mrun {failing.run.name} -n team -o jsonpath='{{.status.backup.restoreCommand}}'"
    assert hint.startswith(
        f"the database was changed. Repair it, or restore it: {restore}. It differs from before: {message}; the migr"
    )
    stalled(failing, Reason.MIGRATION_FAILED, DatabaseState.DIRTY)
    before, after = failing.run.status.schema_before, failing.run.status.schema_after
    assert before is not None
    assert after is not None
    assert (before.version, after.version) == ("shop.0001", "shop.0002")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"fingerprint": BEFORE, "tables": 7}, "the bookkeeping was shop.0001 and is shop.0002"),
        ({"fingerprint": BEFORE, "tables": 7, "schemaVersion": ""}, "the bookkeeping was shop.0001 and is empty"),
        (
            {"schemaVersion": "shop.0001", "tables": 7},
            "the schema's fingerprint was bebebebebebe and is afafafafafaf",
        ),
    ],
)
def test_only_what_differs_is_named(failing: World, said: dict[str, Any], message: str) -> None:
    failing.fates[MIGRATE] = [migration_failed()]
    assert found(failing, asked(schema_says(**said)))[:2] == (LeftBehind.DIRTY, message)


@pytest.mark.parametrize(
    ("fate", "message"),
    [
        (not_answered(), "it said so"),
        (Fate((builders.container("state", 1, '{"ok": false}'),), "BackoffLimitExceeded"), "OutcomeUnverified"),
        (
            Fate((builders.container("state", 1, "Killed"),), "BackoffLimitExceeded"),
            "the pod that asked left no report",
        ),
        (
            Fate((builders.container("state", 1, schema_says(identity=IDENTITY)),), "BackoffLimitExceeded"),
            "the pod that asked left no report",
        ),
        (Fate((builders.container("other"),)), "the pod that asked does not say how it ended"),
        (asked(schema_says(identity=OTHER_IDENTITY)), "another database answered than the one that was backed up"),
    ],
)
def test_without_an_answer_the_state_stays_unknown_and_the_outcome_as_it_was(
    failing: World, fate: Fate, message: str
) -> None:
    state, said, hint = found(failing, fate)
    assert (state, said) == (LeftBehind.UNKNOWN, message)
    assert hint.startswith(f"what is in the database is not known: {message}; the migration exited with 1. ")
    stalled(failing, Reason.MIGRATION_FAILED, DatabaseState.UNKNOWN)


def test_without_bookkeeping_a_schema_as_before_proves_nothing(released: World) -> None:
    released.fates[StepType.BACKUP] = [backed_up(builders.backup_says(schemaVersion=""))]
    released.fates[MIGRATE] = [ROLLED_BACK]
    released.edit(image=NEW, migration={"command": ["./migrate"]})
    state, message, _ = found(released, asked(schema_says(schemaVersion="", fingerprint=BEFORE)))
    assert state is LeftBehind.UNKNOWN
    assert message.startswith("the schema is as it was, but the tool's bookkeeping is not known")
    assert released.run.status.schema_after is not None


def test_it_is_asked_under_the_lock_and_only_once_nothing_of_the_run_is_at_work(failing: World) -> None:
    failing.play(until=lambda w: w.count(CreateReportJob) == 1)
    assert failing.locks[KEY].holder_uid == failing.run.uid
    assert not any(thing.seen.alive for thing in failing.pods.values())
    assert failing.run.status.outcome is Reason.MIGRATION_FAILED
    assert failing.run.status.database_state is LeftBehind.UNKNOWN
    failing.play()
    assert failing.count(CreateReportJob) == 1


def test_only_who_holds_the_lock_asks(failing: World) -> None:
    failing.play()
    asking = next(seen for seen in failing.seen_runs if is_to_be_asked(seen))
    assert not is_to_be_asked(replace(asking, lock=builders.lock(holder_uid="another")))
    assert not is_to_be_asked(replace(asking, lock=ABSENT))


def test_the_answer_is_recorded_on_live_reads_alone(failing: World) -> None:
    found(failing, AS_BEFORE)
    decided = [(seen, decide(seen)) for seen in failing.seen_runs]
    answers = [d for seen, d in decided if d.status.database_message and not seen.status.database_message]
    assert [answer.requires_live_read for answer in answers] == [True]


def test_a_new_image_starts_nothing_even_where_nothing_was_changed(failing: World) -> None:
    found(failing, AS_BEFORE)
    failing.edit(image=NEWER)
    failing.play()
    assert (failing.migrations().total(), failing.image()) == (1, OLD)
    failing.fates.clear()
    failing.command(retry="now")
    failing.play()
    assert failing.image() == NEWER


@pytest.mark.parametrize(
    ("fate", "said"),
    [
        (AS_BEFORE, "failed, and left schema and bookkeeping of the database as they were"),
        (CHANGED, "failed, and changed the database"),
        (not_answered(), "left the database in an unknown state"),
    ],
)
def test_another_flow_on_the_database_reads_what_the_lock_remembers(failing: World, fate: Fate, said: str) -> None:
    failing.fates[MIGRATE] = [migration_failed() if fate is CHANGED else ROLLED_BACK]
    found(failing, fate)
    failing.targets["wiki"] = builders.target(name="wiki", uid="wiki-uid")
    failing.add_flow("wiki", targets=[{"name": "wiki"}])
    failing.play()
    assert failing.ready("wiki") == ("False", Reason.DATABASE_UNKNOWN)
    failure = failing.flows["wiki"].status.failure
    assert failure is not None
    assert failure.hint.startswith(f"MigrationRun {failing.run.name} {said}. ")


def intended(world: World) -> None:
    """Let it be recorded that the report is wanted."""
    world.play(until=lambda w: any(s.type is REPORT for run in w.runs.values() for s in run.status.steps))


def under_way(world: World) -> World:
    """Let the report begin."""
    world.stays[REPORT] = PodPhase.RUNNING
    world.play()
    assert world.pod(REPORT).alive
    return world


def test_a_run_that_is_deleted_asks_no_longer(failing: World) -> None:
    under_way(failing).delete_run(failing.run.name)
    failing.stays.clear()
    failing.play()
    assert failing.count(DeleteJob) == 1
    assert (failing.locks[KEY].holder_uid, failing.locks[KEY].database) == ("", DatabaseState.UNKNOWN)


def test_a_report_whose_job_is_deleted_is_asked_again(failing: World) -> None:
    under_way(failing).delete_job(failing.job(REPORT).name)
    failing.stays.clear()
    assert found(failing, AS_BEFORE)[0] is LeftBehind.CLEAN


def test_a_report_that_does_not_start_is_done_without(failing: World) -> None:
    failing.stays[REPORT] = PodPhase.PENDING
    failing.play()
    assert failing.run.status.database_message == ""
    failing.wait(301)
    failing.play()
    assert failing.run.status.database_message == "the pod that asks did not start"
    step = step_of(failing.run.status, REPORT)
    assert step is not ABSENT
    assert step.outcome is StepOutcome.FAILED
    stalled(failing, Reason.MIGRATION_FAILED, DatabaseState.UNKNOWN)


def test_a_report_that_the_api_server_refuses_is_done_without(failing: World) -> None:
    intended(failing)
    failing.rejection = PendingCause(Reason.QUOTA_EXCEEDED, "exceeded quota")
    failing.play()
    assert failing.run.status.database_message == ""
    failing.wait(301)
    failing.play(until=lambda w: bool(w.run.status.database_message))
    failing.rejection = ABSENT
    failing.play()
    assert failing.run.status.database_message == "its Job could not be made"
    stalled(failing, Reason.MIGRATION_FAILED, DatabaseState.UNKNOWN)


def test_a_job_of_somebody_else_under_the_name_of_the_report_is_left_alone(failing: World) -> None:
    intended(failing)
    step = step_of(failing.run.status, REPORT)
    assert step is not ABSENT
    failing.jobs[step.job_name] = REPORT, JobFacts(step.job_name, "theirs", "1", "", 0, "", failing.now, suspended=True)
    failing.play()
    assert failing.run.status.database_message == f"Job {step.job_name} was not made by this run"
    assert failing.jobs[step.job_name][1].uid == "theirs"
    stalled(failing, Reason.MIGRATION_FAILED, DatabaseState.UNKNOWN)


def test_a_workload_that_is_gone_by_then_is_done_without(failing: World) -> None:
    intended(failing)
    failing.workload = replace(failing.workload, container_found=False)
    failing.play()
    failing.wait(301)
    failing.play()
    assert failing.run.status.database_message == "its Job could not be made"


def test_a_second_that_was_recorded_is_not_to_be_restored_to_where_nothing_was_changed(failing: World) -> None:
    statement = {"statement": "RDS, 7 days, restore tested 2026-10-02"}
    failing.edit(backup={"pointInTime": statement, "persistentVolumeClaim": None})
    failing.fates[StepType.BACKUP] = [Fate((builders.container("point", message=builders.point_says()),))]
    assert "restore to" not in found(failing, AS_BEFORE)[2]


def test_one_that_was_changed_is_restored_to_it(failing: World) -> None:
    statement = {"statement": "RDS, 7 days, restore tested 2026-10-02"}
    failing.edit(backup={"pointInTime": statement, "persistentVolumeClaim": None})
    failing.fates[StepType.BACKUP] = [Fate((builders.container("point", message=builders.point_says()),))]
    failing.fates[MIGRATE] = [migration_failed()]
    hint = found(failing, CHANGED)[2]
    assert hint.startswith("the database was changed. Repair it, or restore it. It differs from before: ")
    assert "To undo what it did, restore to 2026-03-01T11:59:59Z, LSN 0/1A2B3C. " in hint


def test_nothing_of_the_hint_is_lost_for_what_was_found(failing: World) -> None:
    failing.fates[MIGRATE] = [migration_failed()]
    long = schema_says(schemaVersion="shop." + "x" * 240)
    failing.fates[REPORT] = [asked(long)]
    failing.play()
    assert failing.run.status.failure is not None
    assert len(failing.run.status.failure.hint) <= 900
    said = condition(failing.flow.status.conditions, "Ready")
    assert said is not None
    assert said.message.endswith('releaseflow.dev/retry="$(date +%s)"')
