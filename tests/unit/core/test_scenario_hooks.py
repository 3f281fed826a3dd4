"""Hooks: they run once each, in order, at their place of a release; a failure holds it, or is recorded and allowed."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.failure import FailedStep
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.steps import StepOutcome, StepType
from releaseflow.core.conditions import READY, condition
from releaseflow.core.facts import PodPhase
from releaseflow.core.flow.actions import CreateRun, SetImage
from releaseflow.core.run.actions import StartHook, StartMigration
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import HOOKED, NOTHING_PENDING, hooked, migration_failed
from tests.unit.core.objects import Run
from tests.unit.core.world import World

CHECK, HOOK, BACKUP, MIGRATE = StepType.CHECK, StepType.HOOK, StepType.BACKUP, StepType.MIGRATE
BEFORE_PROMOTION, AFTER_ROLLOUT, ON_FAILURE = RunRole.BEFORE_PROMOTION, RunRole.AFTER_ROLLOUT, RunRole.ON_FAILURE
ADDITIVE = {"tool": "Django", "compatibility": "Additive"}


def hook(name: str, **facts: Any) -> dict[str, Any]:
    return {"name": name, "command": [f"bin/{name}"], **facts}


ALL = {
    "beforeMigration": [hook("drain"), hook("page")],
    "beforePromotion": [hook("smoke")],
    "afterRollout": [hook("e2e")],
    "onFailure": [hook("tell")],
}


@pytest.fixture
def hooks() -> World:
    """A flow with hooks at all places over a Deployment that runs the old image; nothing has happened yet."""
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow(hooks=ALL)
    return world


def run_of(world: World, role: RunRole) -> Run:
    [found] = [run for run in world.runs.values() if run.spec.role is role]
    return found


def started(world: World) -> list[str]:
    """Return what was started or moved, in order."""
    order = {StartMigration: "migrate", SetImage: "promote"}
    names = {job.name: job for _, job in world.jobs.values()}
    found: list[str] = []
    for action in world.happened:
        if isinstance(action, StartHook):
            assert action.name in names
            found.append(action.name.rsplit("-", maxsplit=1)[0].rsplit("-", maxsplit=1)[1])
        elif type(action) in order:
            found.append(order[type(action)])
    return found


def message(world: World, kind: str = READY) -> str:
    found = condition(world.flow.status.conditions, kind)
    assert found is not None
    return found.message


def test_all_run_once_each_in_their_order(hooks: World) -> None:
    hooks.play()
    assert hooks.ready() == ("True", Reason.RELEASED)
    assert started(hooks) == ["drain", "page", "migrate", "smoke", "promote", "e2e"]
    assert [(s.name, s.type) for s in hooks.run.status.steps] == [
        *(("check", CHECK), ("drain", HOOK), ("page", HOOK)),
        *(("backup", BACKUP), ("migrate", MIGRATE)),
    ]
    assert [c.type for c in hooks.flow.status.conditions] == [
        *("TargetsFound", "RunSucceeded", "Approved", "BeforePromotionDone"),
        *("Promoted", "RolledOut", "AfterRolloutDone", "Ready"),
    ]
    roles = [(known.role, known.outcome) for known in hooks.release.further_runs]
    assert roles == [(BEFORE_PROMOTION, Reason.HOOKS_DONE), (AFTER_ROLLOUT, Reason.HOOKS_DONE)]
    assert not any(run.has_finalizer for run in hooks.runs.values())
    assert not any(pod.seen.has_finalizer for pod in hooks.pods.values())


def test_a_flow_without_hooks_has_no_gate_of_theirs(released: World) -> None:
    released.edit(image=NEW)
    released.play()
    types = {c.type for c in (*released.flow.status.conditions, *released.run.status.conditions)}
    assert not types & {"HooksDone", "BeforePromotionDone", "AfterRolloutDone"}
    assert [run.spec.role for run in released.runs.values()] == [RunRole.MIGRATION] * 2


def test_before_migration_is_left_out_where_nothing_is_pending_and_the_smoke_test_is_not(hooks: World) -> None:
    hooks.fates[CHECK] = [NOTHING_PENDING]
    hooks.play()
    assert started(hooks) == ["smoke", "promote", "e2e"]
    assert hooks.ready() == ("True", Reason.RELEASED)


def test_before_migration_waits_for_the_approval(hooks: World) -> None:
    hooks.edit(approvals=["BeforeMigration"])
    hooks.play()
    assert started(hooks) == []
    hooks.command(approve=hooks.release.run)
    hooks.play()
    assert started(hooks)[:3] == ["drain", "page", "migrate"]


def test_a_hook_before_the_migration_that_fails_leaves_the_database_as_it_was(hooks: World) -> None:
    hooks.fates[HOOK] = [HOOKED, hooked(3), HOOKED]
    hooks.play()
    assert started(hooks) == ["drain", "page", "tell"]
    assert hooks.ready() == ("False", Reason.HOOK_FAILED)
    assert hooks.image() == OLD
    failure = hooks.flow.status.failure
    assert failure is not None
    assert (failure.step, failure.exit_code, failure.log_tail) == (FailedStep.HOOK, 3, "no answer from shop")
    assert "hook page: it exited with 3. Nothing was backed up or migrated" in failure.hint
    assert failure.hint.endswith(
        'Then: kubectl annotate rflow shop -n team --overwrite releaseflow.dev/retry="$(date +%s)"'
    )
    hooks.fates.clear()
    hooks.edit(image=NEWER)
    hooks.play()
    assert hooks.ready() == ("True", Reason.RELEASED), "the database is not in doubt: a newer image is released"


def test_a_smoke_test_that_fails_promotes_nothing(hooks: World) -> None:
    hooks.fates[HOOK] = [HOOKED, HOOKED, hooked(1), HOOKED]
    hooks.play()
    assert started(hooks) == ["drain", "page", "migrate", "smoke", "tell"]
    assert (hooks.image(), hooks.ready()) == (OLD, ("False", Reason.HOOK_FAILED))
    assert hooks.gate("BeforePromotionDone") == ("False", Reason.HOOK_FAILED)
    assert f"{NEW} is not released. Hook failed: hook smoke: it exited with 1. Nothing was promoted" in message(hooks)
    assert (hooks.release.outcome, hooks.release.run_outcome) == (Outcome.FAILED, Reason.MIGRATED)
    hooks.fates[CHECK] = [NOTHING_PENDING]
    hooks.fates[HOOK] = [HOOKED]
    hooks.command(retry="1")
    hooks.play()
    assert started(hooks)[5:] == ["smoke", "promote", "e2e"]
    assert hooks.ready() == ("True", Reason.RELEASED)


def test_a_failure_that_may_be_is_recorded_and_said(hooks: World) -> None:
    hooks.edit(hooks={"beforePromotion": [hook("smoke", onFailure="Continue"), hook("other")]})
    hooks.fates[HOOK] = [hooked(7), HOOKED]
    hooks.play()
    assert started(hooks) == ["migrate", "smoke", "other", "promote"]
    assert hooks.gate("BeforePromotionDone") == ("True", Reason.HOOK_FAILURE_ALLOWED)
    run = run_of(hooks, BEFORE_PROMOTION)
    assert [(step.outcome, step.exit_code) for step in run.status.steps] == [
        (StepOutcome.FAILED, 7),
        (StepOutcome.SUCCEEDED, 0),
    ]
    assert run.status.outcome is Reason.HOOK_FAILURE_ALLOWED
    said = condition(run.status.conditions, "HooksDone")
    assert said is not None
    assert "smoke (exit code 7, Job " in said.message


def test_after_the_rollout_a_failure_holds(hooks: World) -> None:
    hooks.edit(hooks={"afterRollout": [hook("e2e")]})
    hooks.fates[HOOK] = [hooked(1)]
    hooks.play()
    assert (hooks.image(), hooks.ready()) == (NEW, ("False", Reason.HOOK_FAILED))
    assert hooks.gate("RolledOut")[0] == "True"
    assert hooks.release.outcome is Outcome.FAILED


def test_after_the_rollout_a_failure_turns_back_where_the_flow_says_so(released: World) -> None:
    released.edit(
        image=NEW,
        migration=ADDITIVE,
        hooks={"afterRollout": [hook("e2e")]},
        promotion={"onRolloutFailure": "Rollback"},
    )
    released.fates[HOOK] = [hooked(1)]
    released.play()
    assert (released.image(), released.ready()) == (OLD, ("False", Reason.ROLLED_BACK))
    assert "hook e2e: it exited with 1" in message(released)


def test_the_hooks_of_a_failure_run_after_it_and_change_nothing(hooks: World) -> None:
    hooks.fates[MIGRATE] = [migration_failed()]
    hooks.fates[HOOK] = [HOOKED, HOOKED, hooked(2)]
    hooks.play()
    assert started(hooks) == ["drain", "page", "migrate", "tell"]
    assert hooks.ready() == ("False", Reason.MIGRATION_FAILED)
    assert "The hooks of onFailure ended with HookFailed" in message(hooks)
    assert hooks.release.further_runs[-1].outcome is Reason.HOOK_FAILED


def test_hooks_asked_for_after_a_release_hold_from_the_next_one(released: World) -> None:
    released.edit(hooks=ALL)
    released.play()
    assert released.count(StartHook) == 0
    assert released.ready() == ("True", Reason.RELEASED)
    assert released.gate("BeforePromotionDone") == ("Unknown", Reason.NOT_REACHED)


def test_a_hook_that_runs_ends_before_a_newer_image_takes_over(hooks: World) -> None:
    hooks.stays[HOOK] = PodPhase.RUNNING
    hooks.play()
    hooks.edit(image=NEWER)
    hooks.play()
    assert hooks.release.sequence == 1, "the hook is not killed"
    hooks.stays.clear()
    hooks.play()
    assert (hooks.release.sequence, hooks.image()) == (2, NEWER)
    assert hooks.release.outcome is Outcome.RELEASED
    assert started(hooks)[:2] == ["drain", "drain"], "after its end none of the old release's is started"


@pytest.mark.parametrize("place", ["beforeMigration", "beforePromotion", "afterRollout"])
def test_a_hook_whose_job_vanished_is_not_run_again(hooks: World, place: str) -> None:
    hooks.edit(hooks={place: [hook("once", onFailure="Continue")]})
    hooks.stays[HOOK] = PodPhase.RUNNING
    hooks.play()
    hooks.strip_job(hooks.job(HOOK).name)
    del hooks.pods[hooks.pod(HOOK).name]
    hooks.stays.clear()
    hooks.play()
    assert hooks.count(StartHook) == 1
    assert hooks.ready() == ("False", Reason.HOOK_FAILED), "it is not known what it did: that is not allowed to fail"
    assert "it is not known how it ended" in message(hooks)


def test_a_run_of_hooks_that_vanished_is_not_made_again(hooks: World) -> None:
    hooks.edit(hooks={"beforePromotion": [hook("smoke")]})
    hooks.stays[HOOK] = PodPhase.RUNNING
    hooks.play()
    del hooks.runs[run_of(hooks, BEFORE_PROMOTION).name]
    hooks.play()
    assert hooks.ready() == ("False", Reason.HOOK_FAILED)
    assert sum(isinstance(a, CreateRun) and a.spec.role is BEFORE_PROMOTION for a in hooks.happened) == 1


def test_history_counts_releases_and_not_their_runs(hooks: World) -> None:
    hooks.edit(historyLimit=2, backup=builders.NO_BACKUP)
    hooks.play()
    for image in (OLD, NEWER, NEW):
        hooks.edit(image=image)
        hooks.command(approve=f"{hooks.release.run}")
        hooks.play()
        hooks.command(approve=hooks.release.run)
        hooks.play()
    sequences = [run.spec.flow_ref.sequence for run in hooks.runs.values() if run.spec.flow_ref is not None]
    newest = hooks.release.sequence
    assert sorted(sequences) == [*[newest - 1] * 3, *[newest] * 3]
