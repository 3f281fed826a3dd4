"""Scenarios of a StatefulSet: no condition of it reports a failure, and it may wait for a person."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import SetImage
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, OLD
from tests.unit.core.world import World

ADDITIVE = {"tool": "Django", "compatibility": "Additive"}
ON_DELETE = "replaces no pod by itself: its updateStrategy is OnDelete"
DELETE_OLD_PODS = "Delete its old pods, one after the other: kubectl get pods -n team -l app=shop"
BLOCKED = "A broken pod keeps out every other image too. Once a good one is set: kubectl delete pod shop-1 -n team"


@pytest.fixture
def world() -> World:
    """A flow that wants the new image over a StatefulSet that runs the old one."""
    world = World()
    world.targets["shop"] = builders.target(kind="StatefulSet")
    targets = [{"kind": "StatefulSet", "name": "shop"}]
    world.add_flow(targets=targets, promotion={"onRolloutFailure": "Rollback"}, migration=ADDITIVE)
    return world


def blocked(world: World) -> None:
    """Let the rollout stand still at its first pod."""
    world.play(until=lambda w: w.count(SetImage) == 1)
    world.targets["shop"] = replace(
        world.targets["shop"],
        rollout=Rollout.PROGRESSING,
        rollout_message="of 2 pods 1 are updated and 1 ready",
        rollout_hint=BLOCKED,
    )
    while world.reconcile_once():
        pass


def test_it_is_fenced_and_promoted_and_its_run_inherits_from_it(world: World) -> None:
    world.play()

    assert world.ready() == ("True", Reason.RELEASED)
    assert world.image() == NEW
    assert world.targets["shop"].fence is not ABSENT
    assert world.flow.status.targets[0].kind == "StatefulSet"
    assert world.flow.status.target_summary == "statefulset/shop"
    assert world.run.spec.workload_ref.kind == "StatefulSet"


def test_one_that_does_not_come_up_in_time_says_which_pod_blocks_it(world: World) -> None:
    blocked(world)
    world.wait(601)
    while world.reconcile_once():
        pass
    assert world.ready() == ("False", Reason.ROLLED_BACK)
    assert world.image() == OLD
    failure = world.flow.status.failure
    assert failure is not None
    assert "in StatefulSet shop (of 2 pods 1 are updated and 1 ready). See: kubectl describe" in failure.hint
    assert f"kubectl logs statefulset/shop -n team. {BLOCKED}. Go on: " in failure.hint


def test_one_that_needs_a_person_says_so_and_never_fails(world: World) -> None:
    blocked(world)
    waiting = replace(
        world.targets["shop"],
        rollout=Rollout.PAUSED,
        rollout_message=ON_DELETE,
        rollout_hint=DELETE_OLD_PODS,
    )
    world.targets["shop"] = waiting
    world.wait(86_400)
    world.play()
    assert world.ready() == ("Unknown", Reason.TARGET_PAUSED)

    world.targets["shop"] = replace(waiting, rollout=Rollout.COMPLETE)
    world.play()
    assert world.ready() == ("True", Reason.RELEASED)


def test_one_whose_image_was_put_back_says_what_a_person_has_to_do_until_its_pods_run_it(world: World) -> None:
    world.play()
    world.set_image("evil:1")
    world.play()
    assert world.ready() == ("False", Reason.IMAGE_CHANGED_OUTSIDE)
    world.set_image(NEW)
    put_back = world.targets["shop"]
    world.targets["shop"] = replace(
        put_back, rollout=Rollout.PAUSED, rollout_message=ON_DELETE, rollout_hint=DELETE_OLD_PODS
    )
    world.play()

    assert world.ready() == ("Unknown", Reason.TARGET_PAUSED)
    assert world.flow.status.conditions[-1].message == f"StatefulSet shop {ON_DELETE}. {DELETE_OLD_PODS}"
    world.targets["shop"] = replace(world.targets["shop"], rollout=Rollout.COMPLETE)
    world.play()
    assert world.ready() == ("True", Reason.RELEASED)


def test_one_whose_image_was_put_back_says_how_to_get_past_a_broken_pod_and_may_be_retried(world: World) -> None:
    world.play()
    world.set_image("evil:1")
    world.play()
    world.set_image(NEW)
    put_back = world.targets["shop"]
    world.targets["shop"] = replace(put_back, rollout=Rollout.PROGRESSING, rollout_hint=BLOCKED)
    while world.reconcile_once():
        pass
    assert world.ready() == ("Unknown", Reason.ROLLING_OUT)
    assert world.flow.status.conditions[-1].message.endswith(
        f"kubectl rollout status statefulset/shop -n team. {BLOCKED}"
    )

    world.command(retry="1")
    world.play()
    assert world.ready() == ("True", Reason.RELEASED)
    assert world.release.sequence == 2


def test_one_that_is_missing_is_waited_for_by_its_kind(world: World) -> None:
    del world.targets["shop"]
    world.play()
    assert world.ready() == ("Unknown", Reason.TARGET_NOT_FOUND)
