"""Several targets that are moved at once: each rolls out for itself, and they end together."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import ResumeTarget, SetImage
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, OLD
from tests.support.pod_outcomes import NOTHING_PENDING
from tests.unit.core.world import World

CHECK = StepType.CHECK
ADDITIVE = {"tool": "Django", "compatibility": "Additive"}
TARGETS = [{"name": "shop"}, {"name": "worker"}, {"name": "cron"}]
PARALLEL = {"order": "Parallel"}
DEADLINE = 600.0


@pytest.fixture
def three(world: World) -> World:
    """A released flow over three Deployments that are moved at once."""
    for name in ("worker", "cron"):
        world.targets[name] = builders.target(name=name, uid=f"{name}-uid")
    world.edit(image=OLD, targets=TARGETS, migration=ADDITIVE, promotion=PARALLEL)
    world.adopt()
    return world


def steps(world: World) -> list[TargetStep]:
    return [known.step for known in world.flow.status.targets]


def stands(world: World, **rollouts: Rollout) -> None:
    """Show how far the targets are."""
    for name, rollout in rollouts.items():
        world.targets[name] = replace(world.targets[name], rollout=rollout)


def moved(world: World) -> World:
    """Move all targets, of which none has begun to roll out."""
    world.edit(image=NEW)
    world.play(until=lambda w: w.flow.status.gate == "RolledOut")
    assert world.said() == (
        "Rolling out Deployment shop, Deployment worker, Deployment cron."
        " Follow it: kubectl rollout status deployment/shop -n team"
    )
    return world


def test_all_targets_are_moved_before_any_of_them_is_rolled_out(three: World) -> None:
    three.edit(image=NEW)
    three.play(until=lambda w: w.count(SetImage) == 3)
    assert [three.targets[name].rollout for name in ("shop", "worker", "cron")].count(Rollout.COMPLETE) == 0
    assert three.moves() == [("shop", NEW), ("worker", NEW), ("cron", NEW)]
    three.play()
    assert (three.ready(), steps(three)) == (("True", Reason.RELEASED), [TargetStep.ROLLED_OUT] * 3)
    assert three.count(SetImage) == 3


def test_they_are_recorded_by_one_write_and_each_that_is_done_by_one_more(three: World) -> None:
    moved(three)
    after = len(three.writes) - [number for number, what in enumerate(three.writes) if "SetImage" in what][-1] - 1
    assert after == 1
    stands(three, worker=Rollout.COMPLETE, shop=Rollout.PROGRESSING, cron=Rollout.PROGRESSING)
    three.reconcile_once()
    assert steps(three) == [TargetStep.PROMOTED, TargetStep.ROLLED_OUT, TargetStep.PROMOTED]
    assert three.said().startswith("Rolling out Deployment shop, Deployment cron. Follow it: ")
    assert three.ready() == ("Unknown", Reason.ROLLING_OUT)


def test_one_that_does_not_come_up_is_held_at_once_while_others_are_on_their_way(three: World) -> None:
    moved(three)
    stands(three, shop=Rollout.COMPLETE, worker=Rollout.FAILED, cron=Rollout.PROGRESSING)
    three.reconcile_once()
    assert steps(three) == [TargetStep.ROLLED_OUT, TargetStep.FAILED, TargetStep.PROMOTED]
    assert (three.ready(), three.release.outcome) == (("False", Reason.ROLLOUT_FAILED), Outcome.FAILED)
    assert "did not come up in Deployment worker. It was still on its way in Deployment cron. See: " in three.said()
    three.play()
    assert (three.moves()[3:], three.image("cron")) == ([], NEW)


def test_all_that_do_not_come_up_are_named(three: World) -> None:
    moved(three)
    stands(three, shop=Rollout.FAILED, worker=Rollout.COMPLETE, cron=Rollout.FAILED)
    three.reconcile_once()
    assert steps(three) == [TargetStep.FAILED, TargetStep.ROLLED_OUT, TargetStep.FAILED]
    assert f"{NEW} did not come up in Deployment shop, Deployment cron. See: kubectl describe deployment shop" in (
        three.said()
    )


def test_one_that_takes_too_long_has_failed_whatever_the_others_do(three: World) -> None:
    moved(three)
    stands(three, shop=Rollout.PROGRESSING, worker=Rollout.COMPLETE, cron=Rollout.COMPLETE)
    three.wait(DEADLINE + 1)
    three.reconcile_once()
    assert steps(three) == [TargetStep.FAILED, TargetStep.ROLLED_OUT, TargetStep.ROLLED_OUT]
    assert three.ready() == ("False", Reason.ROLLOUT_FAILED)


def test_all_go_back_last_first_also_those_that_are_on_their_way(three: World) -> None:
    three.edit(promotion=PARALLEL | {"onRolloutFailure": "Rollback"})
    moved(three)
    stands(three, shop=Rollout.COMPLETE, worker=Rollout.FAILED, cron=Rollout.PROGRESSING)
    three.play()
    assert three.moves()[3:] == [("cron", OLD), ("worker", OLD), ("shop", OLD)]
    assert (three.ready(), three.release.outcome) == (("False", Reason.ROLLED_BACK), Outcome.ROLLED_BACK)
    assert steps(three) == [TargetStep.ROLLED_BACK] * 3
    before = len(three.writes)
    three.play()
    assert len(three.writes) == before


def test_a_rollback_leaves_alone_what_somebody_else_changed_meanwhile(three: World) -> None:
    three.edit(promotion=PARALLEL | {"onRolloutFailure": "Rollback"})
    moved(three)
    stands(three, shop=Rollout.PROGRESSING, worker=Rollout.FAILED, cron=Rollout.PROGRESSING)
    three.play(until=lambda w: TargetStep.FAILED in steps(w))
    three.set_image("evil:1", "cron")
    three.play()
    assert [three.image(name) for name in ("shop", "worker", "cron")] == [OLD, OLD, "evil:1"]
    assert three.ready() == ("False", Reason.ROLLED_BACK)


def test_one_whose_image_somebody_changes_meanwhile_ends_the_release(three: World) -> None:
    moved(three)
    three.set_image("evil:1", "worker")
    three.play()
    assert three.ready() == ("False", Reason.IMAGE_CHANGED_OUTSIDE)
    assert [three.image(name) for name in ("shop", "worker", "cron")] == [NEW, "evil:1", NEW]


def test_a_retry_restarts_what_did_not_come_up(three: World) -> None:
    three.broken.add(("worker", NEW))
    three.edit(image=NEW)
    three.play()
    assert three.ready() == ("False", Reason.ROLLOUT_FAILED)
    three.broken.clear()
    three.fates[CHECK] = [NOTHING_PENDING]
    three.command(retry="1")
    three.play()
    assert three.ready() == ("True", Reason.RELEASED)
    assert three.targets["worker"].restarted_for == three.release.sequence


def paused(world: World, name: str) -> None:
    hint = f"Go on: kubectl rollout resume deployment/{name} -n team"
    here = replace(world.targets[name], rollout=Rollout.PAUSED, rollout_message="is paused", rollout_hint=hint)
    world.targets[name] = here


def test_one_that_is_paused_is_named_first_and_takes_no_time_while_that_of_the_others_runs(three: World) -> None:
    moved(three)
    stands(three, shop=Rollout.PROGRESSING, cron=Rollout.COMPLETE)
    paused(three, "worker")
    three.reconcile_once()
    assert three.ready() == ("Unknown", Reason.TARGET_PAUSED)
    assert three.said() == (
        "Deployment worker is paused. Go on: kubectl rollout resume deployment/worker -n team."
        " Not rolled out either: Deployment shop"
    )
    stands(three, shop=Rollout.COMPLETE)
    three.wait(DEADLINE + 1)
    three.play()
    assert (three.ready(), steps(three)[1]) == (("Unknown", Reason.TARGET_PAUSED), TargetStep.PROMOTED)
    stands(three, worker=Rollout.PROGRESSING)
    three.reconcile_once()
    assert three.ready() == ("Unknown", Reason.ROLLING_OUT)
    three.wait(DEADLINE + 1)
    three.reconcile_once()
    assert (three.ready(), steps(three)[1]) == (("False", Reason.ROLLOUT_FAILED), TargetStep.FAILED)


def test_one_that_does_not_come_up_beside_one_that_is_paused_ends_the_release(three: World) -> None:
    moved(three)
    paused(three, "shop")
    stands(three, worker=Rollout.PROGRESSING, cron=Rollout.COMPLETE)
    three.reconcile_once()
    three.wait(DEADLINE + 1)
    three.reconcile_once()
    assert three.ready() == ("False", Reason.ROLLOUT_FAILED)
    assert steps(three) == [TargetStep.PROMOTED, TargetStep.FAILED, TargetStep.ROLLED_OUT]


def test_other_bytes_in_one_that_was_rolled_out_first_are_reported_in_the_end(three: World) -> None:
    moved(three)
    stands(three, shop=Rollout.COMPLETE, worker=Rollout.PROGRESSING, cron=Rollout.COMPLETE)
    three.targets["shop"] = replace(three.targets["shop"], image_ids=("sha256:other",))
    three.play()
    assert three.ready() == ("True", Reason.RELEASED)
    assert three.gate("RolledOut") == ("True", Reason.IMAGE_DRIFT)


def test_a_change_of_the_order_holds_for_what_is_not_moved_yet(three: World) -> None:
    three.edit(promotion={})
    three.edit(image=NEW)
    three.play(until=lambda w: w.ready()[1] is Reason.ROLLING_OUT)
    assert three.moves() == [("shop", NEW)]
    three.edit(promotion=PARALLEL)
    three.reconcile_once()
    three.reconcile_once()
    assert three.moves() == [("shop", NEW), ("worker", NEW), ("cron", NEW)]
    three.edit(promotion={})
    three.play()
    assert three.ready() == ("True", Reason.RELEASED)


def test_held_targets_are_resumed_at_once() -> None:
    world = World()
    for name in ("shop", "worker"):
        world.targets[name] = builders.target(name=name, uid=f"{name}-uid", gated_by="shop")
    world.add_flow(mode="Gate", image=ABSENT, targets=TARGETS[:2], promotion=PARALLEL)
    world.fates[CHECK] = [NOTHING_PENDING]
    world.play()
    world.fates.clear()
    for name in ("shop", "worker"):
        world.set_image(NEW, name)
    world.play(until=lambda w: w.count(ResumeTarget) == 2)
    assert Rollout.COMPLETE not in {world.targets[name].rollout for name in ("shop", "worker")}
    world.play()
    assert (world.ready(), world.count(ResumeTarget)) == (("True", Reason.RELEASED), 2)


def test_of_many_targets_the_message_names_some(world: World) -> None:
    names = ["shop", *(f"worker{number}" for number in range(6))]
    for name in names[1:]:
        world.targets[name] = builders.target(name=name, uid=f"{name}-uid")
    world.edit(targets=[{"name": name} for name in names], promotion=PARALLEL)
    world.play(until=lambda w: w.flow.status.gate == "RolledOut")
    assert "Deployment worker3 and 2 more. Follow it: kubectl rollout status deployment/shop -n team" in world.said()
