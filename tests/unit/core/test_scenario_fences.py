"""Fences on workloads: another flow's is respected, and one that is lost is written again."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT, PodPhase
from releaseflow.core.flow.actions import FenceTarget, SetImage
from releaseflow.core.flow.facts import Fence
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
ADDITIVE = {"tool": "Django", "compatibility": "Additive"}
ROLLBACK = {"onRolloutFailure": "Rollback"}


def test_a_target_of_another_flow_is_left_to_it(world: World) -> None:
    world.play()
    world.add_flow("rival", image=NEWER)
    world.play()
    assert world.ready("rival") == ("False", Reason.TARGET_TAKEN)
    assert world.image() == NEW
    del world.flows["shop"]
    world.play()
    assert world.image() == NEWER


def test_a_released_target_that_another_flow_took_is_reported(released: World) -> None:
    released.add_flow("rival", targets=[{"name": "other"}])
    rival = Fence("rival", released.flows["rival"].uid, 1)
    released.targets["shop"] = replace(released.targets["shop"], fence=rival)
    released.play()
    assert released.ready() == ("False", Reason.TARGET_TAKEN)


@pytest.mark.parametrize("lost", [ABSENT, Fence("shop", "shop-uid-1", 0), Fence("gone", "gone-uid", 7)])
def test_a_lost_fence_is_written_again_at_rest(released: World, lost: Fence) -> None:
    released.targets["shop"] = replace(released.targets["shop"], fence=lost)
    released.play()
    assert released.targets["shop"].fence == Fence("shop", released.flow.uid, 1)
    assert released.ready() == ("True", Reason.RELEASED)
    assert released.writes == ["shop: FenceTarget"]


@pytest.mark.parametrize("step", list(StepType))
def test_a_fence_lost_in_mid_run_is_written_again(released: World, step: StepType) -> None:
    released.stays[step] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.targets["shop"] = replace(released.targets["shop"], fence=ABSENT, managed=False)
    released.play()
    assert released.targets["shop"].fence == Fence("shop", released.flow.uid, 2)
    assert released.targets["shop"].managed


def test_a_fence_lost_just_before_the_promotion_is_written_first(released: World) -> None:
    released.edit(image=NEW, approvals=["BeforePromotion"], migration=ADDITIVE)
    released.play()
    released.targets["shop"] = replace(released.targets["shop"], fence=ABSENT)
    released.command(approve=f"{released.release.run}/BeforePromotion")
    released.play()
    assert [type(a) for a in released.happened[-2:]] == [FenceTarget, SetImage]


def test_a_target_added_at_rest_is_fenced_and_waits_for_the_next_release(released: World) -> None:
    released.targets["worker"] = builders.target(name="worker", uid="worker-uid")
    released.edit(targets=[{"name": "shop"}, {"name": "worker"}])
    released.play()
    assert released.ready() == ("True", Reason.RELEASED)
    assert released.targets["worker"].fence == Fence("shop", released.flow.uid, 1)
    released.edit(image=NEW)
    released.play()
    assert released.image("worker") == NEW


def test_a_target_added_at_rest_that_another_flow_owns_is_left_to_it(released: World) -> None:
    released.targets["blog"] = builders.target(name="blog", uid="blog-uid")
    released.add_flow("blog", targets=[{"name": "blog"}], image=OLD)
    released.play()
    theirs = released.targets["blog"].fence
    released.edit(targets=[{"name": "shop"}, {"name": "blog"}])
    released.play()
    assert released.ready() == ("False", Reason.TARGET_TAKEN)
    assert released.targets["blog"].fence == theirs
