"""Workloads that are late, replaced, taken, changed by others, or do not come up."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.api.v1alpha1.target import ContainerStatus
from releaseflow.core.facts import ABSENT, PodPhase
from releaseflow.core.flow.actions import CreateRun, FenceTarget, SetImage
from releaseflow.core.flow.facts import Fence
from releaseflow.core.run.actions import StartMigration
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import NOTHING_PENDING
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
ADDITIVE = {"tool": "Django", "compatibility": "Additive"}
ROLLBACK = {"onRolloutFailure": "Rollback"}


def test_an_absent_target_is_waited_for_and_nothing_runs(world: World) -> None:
    here = world.targets.pop("shop")
    world.play()
    assert world.gate("TargetsFound") == ("False", Reason.TARGET_NOT_FOUND)
    assert world.ready() == ("Unknown", Reason.TARGET_NOT_FOUND)
    assert world.happened == []
    world.targets["shop"] = here
    world.play()
    assert world.image() == NEW


def test_a_target_without_the_named_container_is_waited_for(world: World) -> None:
    world.edit(targets=[{"name": "shop", "containers": ["api"]}])
    world.play()
    assert world.ready() == ("Unknown", Reason.CONTAINER_NOT_FOUND)


def test_all_containers_of_the_released_repository_move_in_one_write(world: World) -> None:
    images = (("web", OLD), ("worker", OLD), ("proxy", "envoy:1"))
    world.targets["shop"] = builders.target(images=images, init_images=(("assets", OLD), ("wait", "busybox:1")))
    world.play()
    assert world.targets["shop"].images == (("web", NEW), ("worker", NEW), ("proxy", "envoy:1"))
    assert world.targets["shop"].init_images == (("assets", NEW), ("wait", "busybox:1"))
    assert world.count(SetImage) == 1
    assert world.flow.status.live_image == NEW
    assert world.flow.status.targets[0].containers == tuple(
        ContainerStatus(name=name, image=NEW, good_image=NEW) for name in ("web", "worker", "assets")
    )


def test_containers_of_other_repositories_need_their_names(world: World) -> None:
    world.targets["shop"] = builders.target(images=(("web", "mirror/shop:1"), ("proxy", "envoy:1")))
    world.play()
    assert world.ready() == ("Unknown", Reason.CONTAINER_NOT_FOUND)
    world.edit(targets=[{"name": "shop", "containers": ["web"]}])
    world.play()
    assert world.targets["shop"].images == (("web", NEW), ("proxy", "envoy:1"))


def test_an_image_of_another_repository_that_somebody_else_puts_into_one_container_is_told(world: World) -> None:
    world.targets["shop"] = builders.target(images=(("web", OLD), ("worker", OLD)))
    world.play()
    world.targets["shop"] = replace(world.targets["shop"], images=(("web", "evil:1"), ("worker", NEW)))
    world.play()
    assert world.ready() == ("False", Reason.IMAGE_CHANGED_OUTSIDE)


def test_a_release_from_a_new_registry_moves_the_containers_of_the_release_before(world: World) -> None:
    world.targets["shop"] = builders.target(images=(("web", OLD), ("worker", OLD), ("proxy", "envoy:1")))
    world.play()
    world.edit(image="mirror/shop:3")
    world.play()
    assert world.targets["shop"].images == (("web", "mirror/shop:3"), ("worker", "mirror/shop:3"), ("proxy", "envoy:1"))


def test_each_container_of_a_target_goes_back_to_the_image_that_was_good_in_it(world: World) -> None:
    images = (("web", OLD), ("worker", "acme/shop:0"))
    world.targets["shop"] = builders.target(images=images, init_images=(("assets", "acme/shop:a"),))
    world.broken.add(("shop", NEW))
    world.edit(promotion={"onRolloutFailure": "Rollback"}, migration={"tool": "Django", "compatibility": "Additive"})
    world.play()
    here = world.targets["shop"]
    assert (here.images, here.init_images) == (images, (("assets", "acme/shop:a"),))
    assert world.release.outcome is Outcome.ROLLED_BACK
    assert world.ready() == ("False", Reason.ROLLED_BACK)


def test_a_container_of_which_no_good_image_is_known_keeps_its_target_from_going_back(world: World) -> None:
    images = (("web", OLD), ("worker", "acme/shop:0"))
    world.targets["shop"] = builders.target(images=images, rollout=Rollout.PROGRESSING)
    world.broken.add(("shop", NEW))
    world.edit(promotion={"onRolloutFailure": "Rollback"}, migration={"tool": "Django", "compatibility": "Additive"})
    world.play()
    assert world.targets["shop"].images == (("web", NEW), ("worker", NEW))
    assert world.release.outcome is Outcome.FAILED


def test_two_containers_whose_images_were_swapped_are_told_with_the_command_that_puts_both_back(world: World) -> None:
    images = (("web", "acme/shop:0"), ("worker", OLD))
    world.targets["shop"] = builders.target(images=images)
    world.play(until=lambda w: w.count(CreateRun) == 1)
    world.targets["shop"] = replace(world.targets["shop"], images=(("web", OLD), ("worker", "acme/shop:0")))
    world.play()
    assert world.ready() == ("False", Reason.IMAGE_CHANGED_OUTSIDE)
    command = f"kubectl set image deployment/shop -n team web=acme/shop:0 worker={OLD}."
    assert command in world.flow.status.conditions[-1].message


def test_an_image_changed_by_somebody_else_is_told_once_and_not_fought(released: World) -> None:
    released.set_image("evil:1")
    released.play()
    assert released.ready() == ("False", Reason.IMAGE_CHANGED_OUTSIDE)
    assert released.writes == ["shop: status"]
    ready = released.flow.status.conditions[-1]
    assert "ignoreDifferences" not in ready.message, "Argo CD does not track it"
    assert f"Put it back: kubectl set image deployment/shop -n team web={OLD}." in ready.message
    released.edit(image=NEW)
    released.play()
    assert released.release.sequence == 1


def test_an_image_that_is_changed_back_is_ready_only_once_its_pods_run(released: World) -> None:
    released.set_image("evil:1")
    released.play()
    released.set_image(OLD)
    released.play(until=lambda w: w.ready()[1] is not Reason.IMAGE_CHANGED_OUTSIDE)
    assert released.ready() == ("Unknown", Reason.ROLLING_OUT)
    assert released.gate("RolledOut") == ("False", Reason.ROLLING_OUT)
    assert _rollout(released) is not Rollout.COMPLETE
    released.play()
    assert _rollout(released) is Rollout.COMPLETE
    assert released.gate("RolledOut")[0] == "True"
    assert released.flow.status.gate == ""


def test_an_image_that_is_changed_back_and_does_not_come_up_needs_a_person_until_it_does(released: World) -> None:
    released.set_image("evil:1")
    released.play()
    released.broken.add(("shop", OLD))
    released.set_image(OLD)
    released.play()
    assert released.ready() == ("False", Reason.ROLLOUT_FAILED)
    assert released.gate("Stalled") == ("True", Reason.ROLLOUT_FAILED)
    assert released.gate("RolledOut") == ("False", Reason.ROLLOUT_FAILED)
    said = released.flow.status.conditions[-1].message
    assert f"{OLD} did not come up in Deployment shop" in said
    assert "kubectl describe deployment shop -n team" in said

    released.broken.clear()
    released.targets["shop"] = replace(released.targets["shop"], rollout=Rollout.COMPLETE)
    released.play()
    assert released.ready() == ("True", Reason.RELEASED)
    assert released.gate("RolledOut") == ("True", Reason.OPENED)
    assert released.release.sequence == 1


def test_a_retry_restarts_an_image_that_was_changed_back_and_does_not_come_up(released: World) -> None:
    released.set_image("evil:1")
    released.play()
    released.broken.add(("shop", OLD))
    released.set_image(OLD)
    released.play()
    released.broken.clear()
    released.command(retry="1")
    released.play()
    assert released.ready() == ("True", Reason.RELEASED)
    assert released.targets["shop"].restarted_for == released.release.sequence == 2


def test_pods_that_come_and_go_at_rest_leave_a_flow_ready(released: World) -> None:
    released.targets["shop"] = builders.target(OLD, fence=released.targets["shop"].fence, rollout=Rollout.PROGRESSING)
    released.reconcile_once()
    assert released.ready() == ("True", Reason.RELEASED)


def test_who_changed_an_image_is_named_and_argo_cd_only_where_it_is_at_work(released: World) -> None:
    released.set_image("evil:1")
    here = released.targets["shop"]
    changed_by = "kubectl-set at 2026-03-01T12:00:00Z"
    released.targets["shop"] = replace(here, image_changed_by=changed_by, is_argo_cds=True)
    released.play()
    ready = released.flow.status.conditions[-1]
    assert f": {changed_by} changed it. Put it back: " in ready.message
    assert "ignoreDifferences" in ready.message


def test_two_images_are_put_back_by_one_command(world: World) -> None:
    world.targets["shop"] = builders.target(images=(("web", OLD), ("worker", "acme/shop:0")))
    world.play(until=lambda w: w.count(CreateRun) == 1)
    here = world.targets["shop"]
    world.targets["shop"] = replace(here, images=(("web", "evil:1"), ("worker", "evil:1")))
    world.play()
    ready = world.flow.status.conditions[-1]
    assert f"kubectl set image deployment/shop -n team web={OLD} worker=acme/shop:0." in ready.message


def test_an_image_that_is_changed_back_makes_the_flow_ready_again(released: World) -> None:
    released.set_image("evil:1")
    released.play()
    released.set_image(OLD)
    released.play()
    assert released.ready() == ("True", Reason.RELEASED)
    assert released.happened == []


def test_a_retry_releases_over_an_image_that_was_changed_outside(released: World) -> None:
    released.fates[CHECK] = [NOTHING_PENDING]
    released.set_image("evil:1")
    released.play()
    released.command(retry="1")
    released.play()
    assert (released.image(), released.ready()) == (OLD, ("True", Reason.RELEASED))


def test_an_image_changed_outside_in_mid_run_stops_the_promotion(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.set_image("evil:1")
    released.stays.clear()
    released.play()
    assert released.ready() == ("False", Reason.IMAGE_CHANGED_OUTSIDE)
    assert released.image() == "evil:1"


def test_the_wanted_image_put_there_past_the_gate_at_rest_starts_nothing_until_a_retry(released: World) -> None:
    released.set_image(NEW)
    released.edit(image=NEW)
    released.play()
    assert released.ready() == ("False", Reason.GATE_BYPASSED)
    assert released.happened == []
    released.command(retry="1")
    released.play()
    assert released.ready() == ("True", Reason.RELEASED)
    assert released.targets["shop"].restarted_for == 2


def test_the_wanted_image_put_there_past_the_gate_in_mid_run_ends_the_release_and_the_run(released: World) -> None:
    released.stays[BACKUP] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.set_image(NEW)
    released.stays.clear()
    released.play()
    assert released.ready() == ("False", Reason.GATE_BYPASSED)
    assert released.run.status.outcome is Reason.ABORTED
    assert released.count(StartMigration) == 0


def test_a_gate_bypassed_after_a_failed_release_is_told(released: World) -> None:
    released.broken.add(("shop", NEW))
    released.edit(image=NEW)
    released.play()
    released.set_image(NEWER)
    released.edit(image=NEWER)
    released.play()
    assert released.ready() == ("False", Reason.GATE_BYPASSED)


def test_a_replaced_target_stops_the_release_until_a_retry(released: World) -> None:
    released.stays[BACKUP] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.targets["shop"] = builders.target(uid="another-uid")
    released.stays.clear()
    released.play()
    assert released.ready() == ("False", Reason.TARGET_REPLACED)
    assert released.count(StartMigration) == 0
    released.command(retry="1")
    released.play()
    assert released.image() == NEW


def test_a_target_replaced_at_rest_is_told(released: World) -> None:
    released.targets["shop"] = builders.target(uid="another-uid")
    released.play()
    assert released.ready() == ("False", Reason.TARGET_REPLACED)


def test_what_a_migration_achieved_after_its_release_had_ended_is_recorded(released: World) -> None:
    released.stays[MIGRATE] = PodPhase.RUNNING
    released.edit(image=NEW)
    released.play()
    released.targets["shop"] = builders.target(uid="another-uid")
    released.play()
    released.stays.clear()
    released.play()
    assert released.ready() == ("False", Reason.TARGET_REPLACED)
    assert released.release.migrated
    released.edit(image=OLD)
    released.command(retry="1")
    released.play()
    assert released.ready() == ("False", Reason.SCHEMA_AHEAD)


def test_a_target_that_is_gone_at_rest_is_waited_for(released: World) -> None:
    del released.targets["shop"]
    released.play()
    assert released.ready() == ("Unknown", Reason.TARGET_NOT_FOUND)


def test_a_target_of_another_flow_is_left_to_it(world: World) -> None:
    world.play()
    world.add_flow("rival", image=NEWER)
    world.play()
    assert world.ready("rival") == ("False", Reason.TARGET_TAKEN)
    assert world.image() == NEW
    del world.flows["shop"]
    world.play()
    assert world.image() == NEWER


def test_a_released_target_that_another_flow_took_is_told(released: World) -> None:
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


@pytest.mark.parametrize("outcome", ["empty", "older"])
def test_a_lost_status_is_told_and_a_retry_goes_on_above_every_known_sequence(released: World, outcome: str) -> None:
    old = released.flow.status
    released.edit(image=NEW)
    released.play()
    released.flow.status = ReleaseFlowStatus() if outcome == "empty" else old
    released.play()
    assert released.ready() == ("False", Reason.STATUS_LOST)
    before = len(released.writes)
    released.play()
    assert len(released.writes) == before
    released.fates[CHECK] = [NOTHING_PENDING]
    released.command(retry="1")
    released.play()
    assert (released.release.sequence, released.release.trigger) == (3, Trigger.RETRY)
    assert released.ready() == ("True", Reason.RELEASED)


def test_a_run_of_somebody_else_under_our_name_is_not_believed(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(CreateRun) == 1)
    run = released.run
    run.spec = builders.run_spec(flowRef={"name": "shop", "uid": "another-flow", "sequence": 2})
    released.play()
    assert released.ready() == ("False", Reason.NAME_TAKEN)


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


def _rollout(world: World) -> Rollout:
    return world.targets["shop"].rollout
