"""Checks of migration tools: which exit codes are an answer, and what becomes of a check without one."""

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PendingCause
from releaseflow.core.run.actions import CreateJob
from tests.support import builders
from tests.support.pod_outcomes import Fate, checked
from tests.unit.core.failures import played, stalled
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
PULL = PendingCause(Reason.IMAGE_PULL_FAILED, "Back-off pulling image")


@pytest.mark.parametrize("code", [1, 2, 125, 193, 255])
def test_any_other_exit_code_of_a_users_check_counts_as_pending(released: World, code: int) -> None:
    released.edit(migration={"tool": "Django", "check": {"command": ["x"]}})
    released.fates[CHECK] = [Fate((builders.container("check", code),), "PodFailurePolicy", code)]
    played(released)
    assert released.run.status.outcome is Reason.MIGRATED


@pytest.mark.parametrize(
    ("tool", "code", "outcome"),
    [
        ("Django", 1, Reason.MIGRATED),
        ("Django", 2, Reason.CHECK_FAILED),
        ("Alembic", 255, Reason.MIGRATED),
        ("Alembic", 1, Reason.CHECK_FAILED),
    ],
)
def test_a_tools_own_check_answers_by_its_own_codes(released: World, tool: str, code: int, outcome: Reason) -> None:
    released.edit(migration={"tool": tool})
    released.fates[CHECK] = [Fate((builders.container("check", code),), "PodFailurePolicy", code)]
    played(released)
    assert released.run.status.outcome is outcome


def test_a_check_without_an_answer_is_tried_three_times(released: World) -> None:
    released.fates[CHECK] = [Fate((builders.container("check", 143),), "DeadlineExceeded")]
    played(released)
    failure = stalled(released, Reason.CHECK_FAILED)
    assert released.count(CreateJob) == 3
    assert "(DeadlineExceeded)" in failure.hint


@pytest.mark.parametrize("code", [126, 127, 137, 143, 192])
def test_a_check_that_could_not_be_run_or_was_killed_is_no_answer(released: World, code: int) -> None:
    released.fates[CHECK] = [Fate((builders.container("check", code),), "PodFailurePolicy", code)]
    played(released)
    failure = stalled(released, Reason.CHECK_FAILED)
    assert released.count(CreateJob) == 3
    assert failure.exit_code == code
    assert f"(exit code {code})" in failure.hint


def test_a_check_that_is_killed_once_by_a_drained_node_changes_nothing(released: World) -> None:
    released.fates[CHECK] = [Fate((builders.container("check", 143),), "PodFailurePolicy", 143), checked(0)]
    played(released)
    assert released.run.status.outcome is Reason.NOTHING_PENDING
    assert released.migrations().total() == 0


def test_a_check_out_of_memory_says_so(released: World) -> None:
    released.fates[CHECK] = [Fate((builders.container("check", 137, ended_by="OOMKilled"),), "PodFailurePolicy", 137)]
    played(released)
    stalled(released, Reason.OUT_OF_MEMORY)


@pytest.mark.parametrize(("code", "outcome"), [(1, Reason.MIGRATED), (0, Reason.NOTHING_PENDING)])
def test_a_check_and_a_migration_in_an_image_of_their_own_are_believed(
    released: World, code: int, outcome: Reason
) -> None:
    released.edit(migration={"tool": "Django", "image": "acme/migrator:$(TAG)"})
    released.fates[CHECK] = [checked(code)]
    played(released)
    assert released.run.status.outcome is outcome
