"""A command that was executed in a running container: its end, one that is not known, and one that never began."""

from dataclasses import replace
from typing import Any

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.containers import ContainerName
from releaseflow.core.facts import ContainerFacts, PodPhase
from releaseflow.core.run.check import nothing_is_pending
from releaseflow.core.run.cleanup import database_after
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import DatabaseState, RunObserved
from releaseflow.core.run.left_behind import may_be_asked
from releaseflow.core.run.migration import migration_is_done
from tests.support import builders
from tests.support.builders import NEW, NEWER
from tests.unit.core.records import job, under_way, with_steps

CHECK, MIGRATE = StepType.CHECK, StepType.MIGRATE
SPEC = builders.run_spec(migration=builders.executed())
RECORDED = under_way(MIGRATE, job_uid=builders.JOB_UID)
REPORT = builders.container("report", message=builders.schema_says())
WITHOUT = builders.container("report", None, started=False)


def container(name: str, code: int | None, message: str) -> ContainerFacts:
    """Return a container of ours that executed something elsewhere."""
    return builders.container(name, code, message, image="operator:1", image_id="sha256:operator")


def migrated(code: int | None, message: str, **facts: Any) -> RunObserved:
    """Return a run whose migration was executed elsewhere, as our container ended."""
    phase = PodPhase.SUCCEEDED if code == 0 else PodPhase.FAILED
    pod = builders.pod(MIGRATE, phase, container("migrate", code, message), REPORT if code == 0 else WITHOUT, **facts)
    known = MigrationRunStatus(steps=(RECORDED,), database_identity=builders.IDENTITY)
    return builders.run(spec=SPEC, status=known, jobs=job(MIGRATE), pods=(pod,))


ENDS: dict[str, tuple[RunObserved, Reason]] = {
    "a command that ended with 0 has migrated": (migrated(0, builders.command_says()), Reason.MIGRATED),
    "one that ended with an error has failed": (migrated(3, builders.command_says(3, "boom")), Reason.MIGRATION_FAILED),
    "a lost connection says nothing": (migrated(126, builders.lost_says()), Reason.OUTCOME_UNKNOWN),
    "an end with 0 without our report says nothing": (migrated(0, "done"), Reason.OUTCOME_UNKNOWN),
    "the log of a program is no report": (migrated(1, '{"ok": true}'), Reason.OUTCOME_UNKNOWN),
    "an end that is not the command's says nothing": (migrated(0, builders.command_says(1)), Reason.OUTCOME_UNKNOWN),
    "a command that was killed may not be all that was at work": (
        migrated(137, builders.command_says(137)),
        Reason.OUTCOME_UNKNOWN,
    ),
    "a container that was killed says nothing": (migrated(None, ""), Reason.OUTCOME_UNKNOWN),
    "what was never begun is known": (
        migrated(126, builders.failure_says("NotExecuted", "no pod of Deployment shop-console is ready")),
        Reason.NOT_EXECUTED,
    ),
    "an unknown reason says nothing": (
        migrated(126, builders.failure_says("Whatever")),
        Reason.OUTCOME_UNKNOWN,
    ),
    "another image than the wanted one proves nothing": (
        migrated(0, builders.command_says(image=NEWER)),
        Reason.OUTCOME_UNVERIFIED,
    ),
}


@pytest.mark.parametrize("what", ENDS)
def test_only_what_is_reported_of_the_command_counts(what: str) -> None:
    seen, expected = ENDS[what]
    assert migration_is_done(seen).verdict.reason is expected


def test_what_is_recorded_is_of_the_container_that_it_was_executed_in() -> None:
    status = migration_is_done(migrated(0, builders.command_says())).status
    assert [(step.exit_code, step.image_id) for step in status.steps] == [(0, "sha256:new")]


def test_a_failure_has_the_exit_code_and_the_log_of_the_command() -> None:
    failure = migration_is_done(migrated(3, builders.command_says(3, "first\ncolumn exists"))).status.failure
    assert failure is not None
    assert (failure.exit_code, failure.log_tail, failure.pod) == (3, "first\ncolumn exists", "pod")


def test_a_lost_connection_names_the_pod_and_how_to_end_what_is_in_it() -> None:
    seen = migrated(126, builders.lost_says())
    failure = migration_is_done(seen).status.failure
    assert failure is not None
    assert "kubectl delete pod shop-console-0 -n team" in failure.hint
    assert "releaseflow.dev/retry" in failure.hint


def test_a_deadline_is_named_where_it_ended_the_connection() -> None:
    late = job(MIGRATE, failed=True, failed_reason="DeadlineExceeded")
    failure = migration_is_done(replace(migrated(143, builders.lost_says()), jobs=late)).status.failure
    assert failure is not None
    assert failure.reason is Reason.OUTCOME_UNKNOWN
    assert "migration.deadlineSeconds" in failure.hint


def test_what_was_never_begun_names_the_account_and_its_rights() -> None:
    failure = migration_is_done(migrated(126, builders.failure_says("NotExecuted", "no pod is ready"))).status.failure
    assert failure is not None
    assert failure.hint.startswith("no pod is ready. See that a pod of that workload is ready")
    assert "kubectl auth can-i --list -n team --as=system:serviceaccount:team:shop-migrator" in failure.hint


@pytest.mark.parametrize(
    ("message", "database"),
    [
        (builders.failure_says("NotExecuted"), DatabaseState.CLEAN),
        (builders.lost_says(), DatabaseState.UNKNOWN),
        ("", DatabaseState.UNKNOWN),
    ],
    ids=["not begun", "lost", "no report"],
)
def test_the_database_is_as_it_was_only_where_nothing_was_begun(message: str, database: DatabaseState) -> None:
    status = decide(migrated(126, message)).status
    over = builders.run(spec=SPEC, status=status)
    assert database_after(over) is database
    assert not may_be_asked(SPEC, status), "the command may still be at work"


def asked(code: int, message: str, **facts: Any) -> RunObserved:
    """Return a run whose check was executed elsewhere, as our container ended."""
    phase = PodPhase.SUCCEEDED if code == 0 else PodPhase.FAILED
    pod = builders.pod(CHECK, phase, container("check", code, message), **facts)
    seen = with_steps(under_way(CHECK), jobs=job(CHECK, failed=code != 0, complete=code == 0), pods=(pod,))
    return replace(seen, spec=SPEC)


CHECKS: dict[str, tuple[RunObserved, Reason]] = {
    "a check that ended with 0 says that nothing is pending": (
        asked(0, builders.command_says()),
        Reason.NOTHING_PENDING,
    ),
    "one that ended with 1 says pending": (asked(1, builders.command_says(1)), Reason.MIGRATION_PENDING),
    "an end with 0 without our report is no answer": (asked(0, "ok"), Reason.CHECKING),
    "an answer from another image is none": (asked(0, builders.command_says(image=NEWER)), Reason.CHECKING),
    "a lost connection is no answer": (asked(126, builders.lost_says()), Reason.CHECKING),
}


@pytest.mark.parametrize("what", CHECKS)
def test_a_check_answers_by_its_own_end_alone(what: str) -> None:
    seen, expected = CHECKS[what]
    assert nothing_is_pending(seen).verdict.reason is expected


def test_a_check_that_cannot_be_executed_says_so_after_three_attempts() -> None:
    seen = asked(126, builders.failure_says("NotExecuted", "the ServiceAccount may not list pods"))
    third = under_way(CHECK).model_copy(update={"attempt": 3})
    pods = tuple(seen.pods)
    last = with_steps(third, jobs=job(CHECK, attempt=3, failed=True), pods=pods)
    stopped = nothing_is_pending(replace(last, spec=SPEC))
    failure = stopped.status.failure
    assert failure is not None
    assert (failure.reason, "may not list pods" in failure.hint) == (Reason.NOT_EXECUTED, True)


def test_the_names_of_files_are_compared_by_a_container_of_ours_and_need_no_report_of_a_command() -> None:
    migration = builders.executed(tool="Knex", check={"folder": "/app/migrations"})
    pod = builders.pod(
        CHECK, PodPhase.SUCCEEDED, builders.container(ContainerName.CHECK, image="releaseflow/postgresql:18")
    )
    seen = with_steps(under_way(CHECK), jobs=job(CHECK, complete=True), pods=(pod,))
    by_files = replace(seen, spec=builders.run_spec(migration=migration))
    assert nothing_is_pending(by_files).verdict.reason is Reason.NOTHING_PENDING
    assert by_files.spec.image == NEW
