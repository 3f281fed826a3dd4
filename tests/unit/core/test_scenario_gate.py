"""Flows with mode Gate: admission holds new images, and each goes on once its migration is known to be done."""

from dataclasses import replace
from typing import Any

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import CreateRun, ResumeTarget, SetImage
from releaseflow.core.flow.decide import decide
from releaseflow.core.run.actions import StartMigration
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import migration_failed
from tests.unit.core.world import World

CHECK, MIGRATE = StepType.CHECK, StepType.MIGRATE
HELD: dict[str, Any] = {"held": True, "rollout": Rollout.PAUSED}


def test_what_runs_is_checked_at_first_sight_and_a_new_image_goes_on_after_its_migration(gated: World) -> None:
    assert (gated.ready(), gated.release.image, gated.count(ResumeTarget)) == (("True", Reason.RELEASED), OLD, 0)
    gated.set_image(NEW)
    gated.play(until=lambda w: w.count(StartMigration) == 1)
    assert (gated.is_held(), gated.serving(), gated.flow.status.wanted_image) == (True, OLD, NEW)
    gated.play()
    assert (gated.ready(), gated.said()) == (("True", Reason.RELEASED), f"{NEW} is released")
    assert (gated.is_held(), gated.serving()) == (False, NEW)
    assert (gated.count(ResumeTarget), gated.count(SetImage)) == (1, 0), "it writes no image"


def test_the_first_install_makes_no_pod_before_its_migration_is_done() -> None:
    world = World()
    world.targets["shop"] = builders.target(gated_by="shop", **HELD)
    world.add_flow(mode="Gate", image=ABSENT)
    world.play(until=lambda w: w.count(StartMigration) == 1)
    assert (world.is_held(), world.serving(), world.flow.status.wanted_image) == (True, "", OLD)
    world.play()
    assert (world.ready(), world.is_held(), world.serving()) == (("True", Reason.RELEASED), False, OLD)


def test_a_failed_migration_keeps_it_held_until_a_repaired_image_is_retried(gated: World) -> None:
    gated.fates[MIGRATE] = [migration_failed()]
    gated.set_image(NEW)
    gated.play()
    assert (gated.ready(), gated.is_held(), gated.serving()) == (("False", Reason.MIGRATION_FAILED), True, OLD)
    gated.set_image(NEWER)
    gated.play()
    assert (gated.ready(), gated.is_held(), gated.release.image) == (("False", Reason.MIGRATION_FAILED), True, NEW)
    gated.fates.clear()
    gated.command(retry="1")
    gated.play()
    assert (gated.ready(), gated.is_held(), gated.serving()) == (("True", Reason.RELEASED), False, NEWER)


def test_the_image_that_serves_is_resumed_at_once_whatever_became_of_the_one_before(gated: World) -> None:
    gated.fates[MIGRATE] = [migration_failed()]
    gated.set_image(NEW)
    gated.play()
    gated.set_image(OLD)
    gated.play()
    assert (gated.is_held(), gated.count(ResumeTarget), gated.serving()) == (False, 1, OLD)
    assert (gated.ready(), gated.count(CreateRun)) == (("False", Reason.MIGRATION_FAILED), 2), "a person decides"


def test_an_image_that_is_put_back_before_its_migration_begins_starts_no_migration(gated: World) -> None:
    gated.set_image(NEW)
    gated.play(until=lambda w: w.count(CreateRun) == 2)
    gated.set_image(OLD)
    gated.play()
    assert (gated.ready(), gated.is_held(), gated.serving()) == (("True", Reason.RELEASED), False, OLD)
    assert gated.count(StartMigration) == 0 or gated.release.image == OLD


def test_a_newer_image_supersedes_one_that_was_not_resumed_and_waits_for_its_migration(gated: World) -> None:
    gated.set_image(NEW)
    gated.play(until=lambda w: w.count(StartMigration) == 1)
    gated.set_image(NEWER)
    gated.play()
    past = gated.flow.status.history[0]
    assert (past.image, past.outcome, past.migrated) == (NEW, Outcome.SUPERSEDED, True)
    assert (gated.ready(), gated.serving(), gated.count(ResumeTarget)) == (("True", Reason.RELEASED), NEWER, 1)


def test_an_older_image_after_a_breaking_migration_stays_held_until_a_person_approves(gated: World) -> None:
    gated.set_image(NEW)
    gated.play()
    gated.set_image(OLD)
    gated.play()
    assert (gated.ready(), gated.is_held(), gated.serving()) == (("False", Reason.SCHEMA_AHEAD), True, NEW)
    assert f"{NEW} serves on. Stay with it: kubectl set image deployment/shop -n team web={NEW}." in gated.said()
    gated.command(approve=gated.release.run)
    gated.play()
    assert (gated.ready(), gated.is_held(), gated.serving()) == (("True", Reason.RELEASED), False, OLD)


def test_a_target_that_is_made_again_is_held_and_released_again(gated: World) -> None:
    gated.targets["shop"] = builders.target(gated_by="shop", uid="another-uid", **HELD)
    gated.play()
    assert (gated.ready(), gated.is_held()) == (("True", Reason.RELEASED), False)
    assert gated.flow.status.targets[0].uid == "another-uid"
    assert (gated.release.sequence, gated.count(CreateRun)) == (2, 2), "its database may have gone back meanwhile"


def test_a_target_without_the_label_is_waited_for_with_the_command_that_sets_it(gated: World) -> None:
    gated.targets["shop"] = replace(gated.targets["shop"], gated_by="blog")
    gated.play()
    assert gated.ready() == ("Unknown", Reason.TARGET_NOT_GATED)
    assert "kubectl label deployment shop -n team --overwrite releaseflow.dev/gate=shop" in gated.said()
    gated.targets["shop"] = replace(gated.targets["shop"], gated_by="shop")
    gated.play()
    assert gated.ready() == ("True", Reason.RELEASED)


def test_several_targets_go_on_in_order_and_one_that_comes_late_goes_on_with_what_others_serve(gated: World) -> None:
    gated.targets["worker"] = builders.target(name="worker", uid="worker-uid", gated_by="shop")
    gated.edit(targets=[{"name": "shop"}, {"name": "worker"}])
    gated.play()
    gated.set_image(NEW)
    gated.play()
    assert (gated.ready(), gated.serving()) == (("True", Reason.RELEASED), f"{NEW},{OLD}")
    gated.set_image(NEW, "worker")
    gated.play()
    assert (gated.is_held("worker"), gated.count(CreateRun), gated.serving()) == (False, 2, NEW)
    gated.set_image(NEWER, "worker")
    gated.play()
    assert (gated.ready(), gated.release.image, gated.image()) == (("True", Reason.RELEASED), NEWER, NEW)


def test_targets_with_several_new_images_are_released_one_image_after_the_other(gated: World) -> None:
    gated.targets["worker"] = builders.target(name="worker", uid="worker-uid", gated_by="shop")
    gated.edit(targets=[{"name": "shop"}, {"name": "worker"}])
    gated.play()
    gated.set_image(NEW)
    gated.set_image(NEWER, "worker")
    gated.play()
    assert [gated.flow.status.history[0].image, gated.release.image] == [NEW, NEWER]
    assert (gated.ready(), gated.image(), gated.image("worker")) == (("True", Reason.RELEASED), NEW, NEWER)


def test_another_containers_image_is_resumed_without_a_release(gated: World) -> None:
    two = (("web", OLD), ("proxy", "acme/proxy:7"))
    gated.targets["shop"] = replace(gated.targets["shop"], images=two)
    gated.edit(targets=[{"name": "shop", "containers": ["web"]}])
    gated.play()
    runs = gated.count(CreateRun)
    gated.targets["shop"] = replace(gated.targets["shop"], images=(("web", OLD), ("proxy", "acme/proxy:8")), **HELD)
    gated.play()
    assert (gated.is_held(), gated.count(CreateRun), gated.ready()) == (False, runs, ("True", Reason.RELEASED))


def test_two_images_in_one_target_are_one_too_many(gated: World) -> None:
    gated.edit(targets=[{"name": "shop", "containers": ["web", "worker"]}])
    gated.targets["shop"] = replace(gated.targets["shop"], images=(("web", NEW), ("worker", NEWER)), **HELD)
    gated.play()
    assert (gated.ready(), gated.is_held()) == (("False", Reason.IMAGE_INVALID), True)
    assert f"web has {NEW}, worker has {NEWER}" in gated.said()


def test_a_suspended_flow_resumes_nothing_but_what_serves(gated: World) -> None:
    gated.edit(suspend=True)
    gated.set_image(NEW)
    gated.play()
    assert (gated.ready(), gated.is_held(), gated.count(CreateRun)) == (("Unknown", Reason.SUSPENDED), True, 1)
    gated.set_image(OLD)
    gated.play()
    assert (gated.ready(), gated.is_held()) == (("True", Reason.RELEASED), False)


def test_an_aborted_release_stays_held(gated: World) -> None:
    gated.set_image(NEW)
    gated.play(until=lambda w: w.count(CreateRun) == 2)
    gated.command(abort="1")
    gated.play()
    assert (gated.ready(), gated.is_held(), gated.serving()) == (("False", Reason.ABORTED), True, OLD)


def test_the_same_image_that_is_held_once_more_in_its_rollout_goes_on_at_once(gated: World) -> None:
    gated.set_image(NEW)
    gated.play(until=lambda w: w.count(ResumeTarget) == 1)
    gated.reconcile_once()
    gated.set_image(NEWER)
    gated.set_image(NEW)
    assert gated.is_held()
    gated.play()
    assert (gated.ready(), gated.serving(), gated.count(ResumeTarget)) == (("True", Reason.RELEASED), NEW, 2)


def test_an_image_that_does_not_come_up_is_left_where_it_was_written(gated: World) -> None:
    gated.broken.add(("shop", NEW))
    gated.set_image(NEW)
    gated.play()
    assert (gated.ready(), gated.image(), gated.is_held()) == (("False", Reason.ROLLOUT_FAILED), NEW, False)


def test_a_suspended_flow_leaves_a_target_held_that_comes_late(gated: World) -> None:
    gated.targets["worker"] = builders.target(name="worker", uid="worker-uid", gated_by="shop")
    gated.edit(targets=[{"name": "shop"}, {"name": "worker"}])
    gated.set_image(NEW)
    gated.play()
    gated.edit(suspend=True)
    gated.set_image(NEW, "worker")
    gated.play()
    assert (gated.ready(), gated.is_held("worker")) == (("Unknown", Reason.SUSPENDED), True)
    gated.edit(suspend=False)
    gated.play()
    assert (gated.ready(), gated.is_held("worker")) == (("True", Reason.RELEASED), False)


def test_a_target_that_is_gone_is_waited_for(gated: World) -> None:
    gated.set_image(NEW)
    gated.play(until=lambda w: w.count(StartMigration) == 1)
    del gated.targets["shop"]
    gated.play()
    assert gated.ready() == ("Unknown", Reason.TARGET_NOT_FOUND)
    gated.targets["shop"] = builders.target(NEW, gated_by="shop", uid="another-uid", **HELD)
    gated.play()
    assert (gated.ready(), gated.serving()) == (("True", Reason.RELEASED), NEW)


def test_a_promotion_that_waits_for_a_person_stays_held(gated: World) -> None:
    gated.edit(approvals=["BeforePromotion"], migration={"tool": "Django", "compatibility": "Additive"})
    gated.set_image(NEW)
    gated.play()
    assert (gated.ready(), gated.is_held()) == (("Unknown", Reason.AWAITING_APPROVAL), True)
    gated.command(approve=f"{gated.release.run}/BeforePromotion")
    gated.play()
    assert (gated.ready(), gated.is_held()) == (("True", Reason.RELEASED), False)


def test_a_new_spec_is_not_answered_by_what_the_targets_were_before_it(gated: World) -> None:
    seen = gated.seen_flows[-1]
    again = replace(seen, generation=seen.generation + 1)
    assert decide(replace(again, status=seen.status)).requires_live_read, "its Deployment may have been held just now"
    assert not decide(replace(again, status=decide(again).status)).requires_live_read, "the answer is given"
    gated.edit(revision="2")
    gated.set_image(NEW)
    gated.play()
    assert (gated.ready(), gated.count(CreateRun)) == (("True", Reason.RELEASED), 2)
