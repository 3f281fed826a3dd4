"""Steps whose pods do not start, or whose node is lost, and what the API server refuses."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import condition
from releaseflow.core.facts import ABSENT, PendingCause, PodPhase
from releaseflow.core.run.actions import CreateJob, DeleteJob, StartMigration, SuspendJob
from releaseflow.core.run.facts import DatabaseState
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.unit.core.failures import played, stalled
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
PULL = PendingCause(Reason.IMAGE_PULL_FAILED, "Back-off pulling image")


@pytest.mark.parametrize("step", [CHECK, BACKUP])
def test_a_step_that_does_not_start_is_reported_at_once_and_given_up_in_time(released: World, step: StepType) -> None:
    released.stays[step] = PodPhase.PENDING
    released.pending_causes[step] = PULL
    released.edit(image=NEW)
    released.play()
    assert released.ready() == ("Unknown", Reason.IMAGE_PULL_FAILED)
    played(released)
    stalled(released, Reason.IMAGE_PULL_FAILED)
    assert released.count(DeleteJob) == 1


def test_a_migration_that_does_not_start_is_suspended_and_ends_as_not_started(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.PENDING
    released.pending_causes[MIGRATE] = PULL
    released.edit(image=NEW)
    released.play()
    assert released.ready() == ("Unknown", Reason.IMAGE_PULL_FAILED)
    played(released)
    assert released.count(SuspendJob) == 1
    stalled(released, Reason.NOT_STARTED)
    failure = released.flow.status.failure
    assert failure is not None
    assert "ImagePullFailed" in failure.hint
    assert "Check the image's name" in failure.hint
    assert not any(step is MIGRATE for step, _ in released.jobs.values())


def test_after_a_migration_that_never_started_a_new_image_goes_on_by_itself(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.PENDING
    played(released)
    released.stays.clear()
    released.edit(image=NEWER)
    released.play()
    assert released.image() == NEWER


def test_a_migration_without_a_pod_is_given_up_too_and_cannot_appear_later(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(StartMigration) == 1)
    released.podless = True
    released.pending_causes[MIGRATE] = PendingCause(Reason.QUOTA_EXCEEDED, "exceeded quota: pods")
    played(released)
    stalled(released, Reason.NOT_STARTED)
    released.podless = False
    released.play()
    assert not released.pods or all(thing.seen.step is not MIGRATE for thing in released.pods.values())


def test_a_migration_that_starts_after_all_is_left_to_finish(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.PENDING
    released.edit(image=NEW)
    released.play()
    released.wait(301)
    released.reconcile_once()
    released.stays.clear()
    released.controllers()
    released.play()
    assert released.count(SuspendJob) == 0
    assert released.image() == NEW


def test_a_migration_that_began_just_when_it_was_given_up_is_interrupted(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.PENDING
    released.edit(image=NEW)
    released.play()
    released.wait(301)
    released.play(until=lambda w: w.count(SuspendJob) == 1)
    pod = next(thing for thing in released.pods.values() if thing.seen.step is MIGRATE)
    pod.seen = replace(pod.seen, phase=PodPhase.RUNNING, containers=(builders.container("migrate", None),))
    released.play()
    stalled(released, Reason.INTERRUPTED, DatabaseState.DIRTY)


def test_a_refusal_of_the_api_server_is_shown_and_tried_again(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(CreateJob) == 1)
    released.rejection = PendingCause(Reason.FORBIDDEN, "jobs is forbidden")
    released.play()
    assert released.ready() == ("Unknown", Reason.FORBIDDEN)
    released.rejection = ABSENT
    released.play()
    assert released.image() == NEW


def test_a_refused_image_is_shown_on_the_flow(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.run.status.outcome is not None)
    released.rejection = PendingCause(Reason.PROMOTION_REFUSED, "denied by policy")
    released.play()
    assert released.ready() == ("Unknown", Reason.PROMOTION_REFUSED)
    assert released.image() == OLD


@pytest.mark.parametrize("step", [CHECK, BACKUP, MIGRATE])
def test_a_node_that_does_not_answer_is_named(released: World, step: StepType) -> None:
    released.stays[step] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    pod = next(thing for thing in released.pods.values() if thing.seen.step is step and thing.seen.alive)
    pod.seen = replace(pod.seen, node_lost=True)
    released.play()
    assert released.ready() == ("Unknown", Reason.NODE_LOST)


def test_the_commands_that_are_printed_name_the_job_and_its_pod(released: World) -> None:
    released.stays[CHECK] = PodPhase.PENDING
    released.pending_causes[CHECK] = PendingCause(Reason.CONTAINER_NOT_STARTED, "nothing says why")
    released.edit(image=NEW)
    released.play()
    assert f"kubectl describe pod {released.pod(CHECK).name} -n team" in waiting_message(released)


def test_a_job_without_a_pod_is_named_in_the_command_that_is_printed(released: World) -> None:
    released.podless = True
    released.pending_causes[CHECK] = PendingCause(Reason.POD_NOT_CREATED, "the Job has no pod")
    released.edit(image=NEW)
    released.play()
    assert f"kubectl describe job {released.job(CHECK).name} -n team" in waiting_message(released)


def waiting_message(world: World) -> str:
    """Return what the run says while it waits for its check."""
    found = condition(world.run.status.conditions, "Checked")
    assert found is not None
    return found.message
