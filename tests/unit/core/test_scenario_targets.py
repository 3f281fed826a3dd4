"""Workloads that are late, replaced or gone, and which of their containers a release moves."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.api.v1alpha1.target import ContainerStatus
from releaseflow.core.facts import PodPhase
from releaseflow.core.flow.actions import CreateRun, SetImage
from releaseflow.core.run.actions import StartMigration
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, OLD
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


def test_an_image_of_another_repository_set_outside_in_one_container_is_reported(world: World) -> None:
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


def test_two_containers_whose_images_were_swapped_are_reported_with_the_command_that_puts_both_back(
    world: World,
) -> None:
    images = (("web", "acme/shop:0"), ("worker", OLD))
    world.targets["shop"] = builders.target(images=images)
    world.play(until=lambda w: w.count(CreateRun) == 1)
    world.targets["shop"] = replace(world.targets["shop"], images=(("web", OLD), ("worker", "acme/shop:0")))
    world.play()
    assert world.ready() == ("False", Reason.IMAGE_CHANGED_OUTSIDE)
    command = f"kubectl set image deployment/shop -n team web=acme/shop:0 worker={OLD}."
    assert command in world.flow.status.conditions[-1].message


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


def test_a_target_replaced_at_rest_is_reported(released: World) -> None:
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


@pytest.mark.parametrize("outcome", ["empty", "older"])
def test_a_lost_status_is_reported_and_a_retry_goes_on_above_every_known_sequence(
    released: World, outcome: str
) -> None:
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
