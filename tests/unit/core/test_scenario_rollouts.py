"""Images that do not come up: held, or put back; several targets, one after the other."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.conditions import READY, condition
from releaseflow.core.flow.actions import SetImage
from releaseflow.core.flow.facts import TargetFacts
from releaseflow.core.run.actions import StartMigration
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, OLD
from tests.support.pod_outcomes import NOTHING_PENDING
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
ADDITIVE = {"tool": "Django", "compatibility": "Additive"}
ROLLBACK = {"onRolloutFailure": "Rollback"}


@pytest.fixture
def two(world: World) -> World:
    """A released flow over two Deployments."""
    world.targets["worker"] = builders.target(name="worker", uid="worker-uid")
    world.edit(image=OLD, targets=[{"name": "shop"}, {"name": "worker"}], migration=ADDITIVE)
    world.adopt()
    return world


def test_an_image_changed_outside_in_mid_rollout_is_reported(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.flow.status.gate == "RolledOut")
    released.set_image(OLD)
    released.play()
    assert released.ready() == ("False", Reason.IMAGE_CHANGED_OUTSIDE)
    assert released.count(SetImage) == 1


def paused(target: TargetFacts) -> TargetFacts:
    hint = "Go on: kubectl rollout resume deployment/shop -n team"
    return replace(target, rollout=Rollout.PAUSED, rollout_message="is paused", rollout_hint=hint)


def test_a_paused_target_is_waited_for(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.flow.status.gate == "RolledOut")
    released.targets["shop"] = paused(released.targets["shop"])
    released.play()
    assert released.ready() == ("Unknown", Reason.TARGET_PAUSED)


def test_a_target_that_is_paused_while_its_image_is_put_back_is_waited_for_until_its_pods_run(released: World) -> None:
    released.set_image("evil:1")
    released.play()
    released.set_image(OLD)
    put_back = released.targets["shop"]
    released.targets["shop"] = paused(put_back)
    released.play()
    assert released.ready() == ("Unknown", Reason.TARGET_PAUSED)
    assert released.gate("RolledOut") == ("False", Reason.TARGET_PAUSED)
    ready = condition(released.flow.status.conditions, READY)
    assert ready is not None
    assert ready.message == "Deployment shop is paused. Go on: kubectl rollout resume deployment/shop -n team"

    released.targets["shop"] = replace(put_back, rollout=Rollout.PROGRESSING)
    released.play(until=lambda w: w.ready()[1] is Reason.ROLLING_OUT)
    released.play()
    assert released.ready() == ("True", Reason.RELEASED)


def test_the_time_of_a_pause_is_not_counted(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.flow.status.gate == "RolledOut")
    moved = released.targets["shop"]
    released.targets["shop"] = paused(moved)
    released.play()
    released.wait(601)
    released.targets["shop"] = replace(moved, rollout=Rollout.PROGRESSING)
    released.play(until=lambda w: w.ready()[1] is not Reason.TARGET_PAUSED)
    assert released.ready() == ("Unknown", Reason.ROLLING_OUT)
    released.wait(600)
    released.play()
    assert released.ready() == ("False", Reason.ROLLOUT_FAILED)


def test_a_rollout_that_takes_too_long_has_failed(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.flow.status.gate == "RolledOut")
    released.wait(601)
    released.play()
    assert released.ready() == ("False", Reason.ROLLOUT_FAILED)


def test_targets_are_moved_one_after_the_other(two: World) -> None:
    two.edit(image=NEW)
    two.play(until=lambda w: w.count(SetImage) == 2)
    assert two.targets["shop"].rollout is Rollout.COMPLETE
    two.play()
    assert two.moves() == [("shop", NEW), ("worker", NEW)]
    assert two.ready() == ("True", Reason.RELEASED)


def test_a_target_that_does_not_come_up_is_held(two: World) -> None:
    two.broken.add(("worker", NEW))
    two.edit(image=NEW)
    two.play()
    assert two.ready() == ("False", Reason.ROLLOUT_FAILED)
    assert two.moves() == [("shop", NEW), ("worker", NEW)]
    assert [t.step for t in two.flow.status.targets] == [TargetStep.ROLLED_OUT, TargetStep.FAILED]


def test_the_first_target_that_does_not_come_up_keeps_the_others_as_they_are(two: World) -> None:
    two.broken.add(("shop", NEW))
    two.edit(image=NEW)
    two.play()
    assert two.moves() == [("shop", NEW)]
    assert two.image("worker") == OLD


def test_a_rollback_puts_the_images_back_last_first(two: World) -> None:
    two.broken.add(("worker", NEW))
    two.edit(image=NEW, promotion=ROLLBACK)
    two.play()
    assert two.moves() == [("shop", NEW), ("worker", NEW), ("worker", OLD), ("shop", OLD)]
    assert two.ready() == ("False", Reason.ROLLED_BACK)
    assert two.release.outcome is Outcome.ROLLED_BACK
    assert [c.image for known in two.flow.status.targets for c in known.containers] == [OLD, OLD]
    before = len(two.writes)
    two.play()
    assert len(two.writes) == before


def test_a_rollback_leaves_alone_what_somebody_else_changed(two: World) -> None:
    two.broken.add(("worker", NEW))
    two.edit(image=NEW, promotion=ROLLBACK)
    two.play(until=lambda w: w.flow.status.targets[1].step is TargetStep.FAILED)
    two.set_image("evil:1", "shop")
    two.play()
    assert (two.image("shop"), two.image("worker")) == ("evil:1", OLD)
    assert two.ready() == ("False", Reason.ROLLED_BACK)


def test_a_rollback_goes_on_past_a_target_that_is_gone(two: World) -> None:
    two.broken.add(("worker", NEW))
    two.edit(image=NEW, promotion=ROLLBACK)
    two.play(until=lambda w: w.flow.status.targets[1].step is TargetStep.FAILED)
    del two.targets["worker"]
    two.play()
    assert two.image("shop") == OLD


def test_a_rollback_goes_on_past_a_target_that_somebody_else_changed(two: World) -> None:
    two.broken.add(("worker", NEW))
    two.edit(image=NEW, promotion=ROLLBACK)
    two.play(until=lambda w: w.flow.status.targets[1].step is TargetStep.FAILED)
    two.set_image("evil:1", "worker")
    two.play()
    assert (two.image("shop"), two.image("worker")) == (OLD, "evil:1")


def test_a_retry_after_a_rollback_checks_again_and_promotes_without_migrating(two: World) -> None:
    two.broken.add(("worker", NEW))
    two.edit(image=NEW, promotion=ROLLBACK)
    two.play()
    two.broken.clear()
    two.fates[CHECK] = [NOTHING_PENDING]
    two.command(retry="1")
    two.play()
    assert two.migrations().total() == 1
    assert (two.image("shop"), two.image("worker")) == (NEW, NEW)
    assert two.ready() == ("True", Reason.RELEASED)


def test_a_breaking_migration_is_not_rolled_back_even_if_the_flow_says_so_by_now(released: World) -> None:
    released.broken.add(("shop", NEW))
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(StartMigration) == 1)
    released.edit(promotion=ROLLBACK, migration=ADDITIVE)
    released.play()
    assert released.image() == NEW
    assert released.ready() == ("False", Reason.ROLLOUT_FAILED)


def test_where_there_is_nothing_to_go_back_to_a_rollback_holds(world: World) -> None:
    world.targets["shop"] = builders.target(NEW, rollout=Rollout.PROGRESSING)
    world.broken.add(("shop", NEW))
    world.edit(promotion=ROLLBACK, migration=ADDITIVE)
    world.play()
    assert world.ready() == ("False", Reason.ROLLOUT_FAILED)
    assert world.count(SetImage) == 1


def test_abort_between_two_targets_stops_before_the_second(two: World) -> None:
    two.edit(image=NEW)
    two.play(until=lambda w: w.count(SetImage) == 1)
    two.command(abort="1")
    two.play()
    assert two.ready() == ("False", Reason.ABORTED)
    assert two.image("worker") == OLD


def test_drift_of_the_first_target_is_reported_too(two: World) -> None:
    two.targets["shop"] = replace(two.targets["shop"], image_ids=("sha256:other",))
    two.edit(image=NEW)
    two.play()
    assert two.gate("Promoted") == ("True", Reason.IMAGE_DRIFT)


def test_all_images_that_drifted_are_named(released: World) -> None:
    released.targets["shop"] = replace(released.targets["shop"], image_ids=("sha256:b", "sha256:a"))
    released.edit(image=NEW)
    released.play()
    found = condition(released.flow.status.conditions, "RolledOut")
    assert found is not None
    assert found.message.endswith("the pods of shop run sha256:a, sha256:b")


def test_only_pods_that_have_the_image_already_are_restarted(released: World) -> None:
    released.edit(image=NEW)
    released.play()
    assert [action.restart_for for action in released.happened if isinstance(action, SetImage)] == [0]


def test_a_retry_restarts_pods_that_did_not_come_up(released: World) -> None:
    released.broken.add(("shop", NEW))
    released.fates[CHECK] = [NOTHING_PENDING, NOTHING_PENDING]
    released.edit(image=NEW)
    released.play()
    assert released.ready() == ("False", Reason.ROLLOUT_FAILED)
    assert released.targets["shop"].restarted_for == 0
    released.broken.clear()
    released.command(retry="1")
    released.play()
    assert released.targets["shop"].restarted_for == released.release.sequence
    assert released.ready() == ("True", Reason.RELEASED)


def test_a_target_that_vanishes_in_mid_promotion_is_waited_for(two: World) -> None:
    two.edit(image=NEW)
    two.play(until=lambda w: w.count(SetImage) == 1)
    del two.targets["worker"]
    two.play()
    assert two.ready() == ("Unknown", Reason.TARGET_NOT_FOUND)


def test_of_images_that_were_put_back_the_one_that_does_not_come_up_is_reported_first(two: World) -> None:
    two.set_image("evil:1")
    two.play()
    two.set_image(OLD)
    for name, rollout in (("shop", Rollout.PROGRESSING), ("worker", Rollout.FAILED)):
        two.targets[name] = replace(two.targets[name], rollout=rollout)
    two.reconcile_once()
    assert two.ready() == ("False", Reason.ROLLOUT_FAILED)
