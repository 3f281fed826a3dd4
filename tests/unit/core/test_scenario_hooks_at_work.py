"""Hooks that are at work when their release ends: they finish, are read, and nothing of them is kept."""

import pytest

from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.steps import StepOutcome, StepType
from releaseflow.core.facts import PodPhase
from releaseflow.core.flow.actions import SetImage
from tests.support import builders
from tests.support.builders import NEWER, OLD
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
