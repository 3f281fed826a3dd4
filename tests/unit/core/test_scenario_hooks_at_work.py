"""Hooks that are at work when their release ends: they finish, are read, and nothing of them is kept."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.steps import StepOutcome, StepType
from releaseflow.core.facts import PodPhase
from releaseflow.core.flow.actions import SetImage
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import migration_failed
from tests.unit.core.test_scenario_hooks import hook, run_of
from tests.unit.core.world import World

HOOK, MIGRATE = StepType.HOOK, StepType.MIGRATE
BEFORE_PROMOTION, ON_FAILURE = RunRole.BEFORE_PROMOTION, RunRole.ON_FAILURE


@pytest.fixture
def hooks() -> World:
    """A flow over a Deployment that runs the old image; nothing has happened yet."""
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow()
    return world


def test_a_smoke_test_at_work_ends_beside_the_release_of_a_newer_image(hooks: World) -> None:
    hooks.edit(hooks={"beforePromotion": [hook("smoke"), hook("other")]})
    hooks.stays[HOOK] = PodPhase.RUNNING
    hooks.play()
    hooks.edit(image=NEWER)
    hooks.play(until=lambda w: w.release.sequence == 2)
    hooks.stays.clear()
    hooks.play()
    assert (hooks.release.outcome, hooks.image()) == (Outcome.RELEASED, NEWER)
    old, new = sorted(
        (run for run in hooks.runs.values() if run.spec.role is BEFORE_PROMOTION), key=lambda run: run.created
    )
    assert [(s.name, s.outcome) for s in old.status.steps] == [("smoke", StepOutcome.SUCCEEDED)]
    assert (old.status.outcome, new.status.outcome) == (Reason.SUPERSEDED, Reason.HOOKS_DONE)
    assert hooks.flow.status.history[0].further_runs[0].outcome is Reason.SUPERSEDED
    assert not any(run.has_finalizer for run in hooks.runs.values())


def test_a_hook_of_a_failure_at_work_ends_beside_a_retry(hooks: World) -> None:
    hooks.edit(hooks={"onFailure": [hook("tell")]})
    hooks.fates[MIGRATE] = [migration_failed()]
    hooks.stays[HOOK] = PodPhase.RUNNING
    hooks.play()
    hooks.fates.clear()
    hooks.command(retry="1")
    hooks.play()
    assert hooks.ready() == ("True", Reason.RELEASED), "a retry does not wait for it"
    hooks.stays.clear()
    hooks.play()
    assert run_of(hooks, ON_FAILURE).status.outcome is Reason.HOOKS_DONE
    assert hooks.flow.status.history[0].further_runs[0].outcome is Reason.HOOKS_DONE
    assert not any(run.has_finalizer for run in hooks.runs.values())


def test_an_abort_ends_a_release_whose_smoke_test_is_at_work_and_lets_that_finish(hooks: World) -> None:
    hooks.edit(hooks={"beforePromotion": [hook("smoke")]})
    hooks.stays[HOOK] = PodPhase.RUNNING
    hooks.play()
    hooks.command(abort="1")
    hooks.play()
    assert (hooks.ready(), hooks.image()) == (("False", Reason.ABORTED), OLD)
    hooks.stays.clear()
    hooks.play()
    assert run_of(hooks, BEFORE_PROMOTION).status.steps[0].outcome is StepOutcome.SUCCEEDED
    assert (hooks.count(SetImage), run_of(hooks, BEFORE_PROMOTION).has_finalizer) == (0, False)


def test_a_target_that_is_scaled_while_a_hook_after_its_rollout_is_at_work_fails_nothing(hooks: World) -> None:
    hooks.edit(hooks={"afterRollout": [hook("e2e")]})
    hooks.stays[HOOK] = PodPhase.RUNNING
    hooks.play()
    hooks.targets["shop"] = replace(hooks.targets["shop"], rollout=Rollout.PROGRESSING, replicas=5)
    hooks.wait(3600)
    assert hooks.reconcile_once() is False
    assert (hooks.gate("RolledOut"), hooks.ready()[0]) == (("True", Reason.OPENED), "Unknown")
    hooks.stays.clear()
    hooks.play()
    assert hooks.ready() == ("True", Reason.RELEASED)


def test_an_image_changed_outside_while_a_hook_after_its_rollout_is_at_work_ends_the_release(hooks: World) -> None:
    hooks.edit(hooks={"afterRollout": [hook("e2e")]})
    hooks.stays[HOOK] = PodPhase.RUNNING
    hooks.play()
    hooks.set_image("evil:1")
    hooks.play()
    assert hooks.ready() == ("False", Reason.IMAGE_CHANGED_OUTSIDE)


def test_a_new_image_is_held_while_a_hook_after_the_rollout_of_the_last_is_at_work(gated: World) -> None:
    gated.edit(hooks={"afterRollout": [hook("e2e")]})
    gated.stays[HOOK] = PodPhase.RUNNING
    gated.set_image(NEW)
    gated.play(until=lambda w: w.flow.status.gate == "AfterRolloutDone")
    gated.set_image(NEWER)
    gated.play(until=lambda w: w.release.sequence == 3)
    assert gated.flow.status.history[0].outcome is Outcome.SUPERSEDED
    gated.stays.clear()
    gated.play()
    assert (gated.ready(), gated.serving()) == (("True", Reason.RELEASED), NEWER)
