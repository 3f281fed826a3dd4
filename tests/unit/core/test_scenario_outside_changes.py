"""Images that somebody else puts into a workload: shown with the command that puts them back, and not fought."""

from dataclasses import replace

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from releaseflow.core.flow.actions import CreateRun
from releaseflow.core.run.actions import StartMigration
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import NOTHING_PENDING
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
ADDITIVE = {"tool": "Django", "compatibility": "Additive"}
ROLLBACK = {"onRolloutFailure": "Rollback"}


def test_an_image_changed_outside_is_reported_once_and_not_reverted(released: World) -> None:
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


def test_a_gate_bypassed_after_a_failed_release_is_reported(released: World) -> None:
    released.broken.add(("shop", NEW))
    released.edit(image=NEW)
    released.play()
    released.set_image(NEWER)
    released.edit(image=NEWER)
    released.play()
    assert released.ready() == ("False", Reason.GATE_BYPASSED)


def _rollout(world: World) -> Rollout:
    return world.targets["shop"].rollout
