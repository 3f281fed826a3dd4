"""Targets that are chosen by their labels: as they are when a release starts, and the same until it ends."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Trigger
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.api.v1alpha1.target import Target
from releaseflow.core.facts import ABSENT, PodPhase
from releaseflow.core.flow.actions import CreateRun, SetImage
from releaseflow.core.flow.facts import Fence
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import NOTHING_PENDING
from tests.unit.core.world import World

CHECK, BACKUP = StepType.CHECK, StepType.BACKUP
SELECTOR = {
    "matchLabels": {"app": "shop"},
    "matchExpressions": [
        {"key": "tier", "operator": "In", "values": ["web", "job"]},
        {"key": "old", "operator": "DoesNotExist"},
        {"key": "team", "operator": "Exists"},
    ],
}
AS_KUBECTL = "kubectl get deployment -n team -l 'app=shop,tier in (web,job),!old,team'"


def chooses(world: World, *names: str) -> None:
    """Let the selector choose these from now on, as the controllers show it to the core."""
    world.chosen = tuple(Target(name=name, containers=("web",)) for name in names)


@pytest.fixture
def chosen(world: World) -> World:
    """A flow with a selector that chooses two Deployments, of which the old image was checked."""
    world.targets["worker"] = builders.target(name="worker", uid="worker-uid")
    way: Any = {"tool": "Django", "workloadRef": {"name": "shop"}}
    world.edit(image=OLD, targets=ABSENT, targetSelector=SELECTOR, migration=way)
    chooses(world, "shop", "worker")
    world.adopt()
    return world


def moved(world: World) -> list[str]:
    return [action.name for action in world.happened if isinstance(action, SetImage)]


def test_what_is_chosen_is_released_as_if_it_were_named(chosen: World) -> None:
    assert chosen.ready() == ("True", Reason.RELEASED)
    chosen.edit(image=NEW)
    chosen.play()
    assert (chosen.ready(), moved(chosen)) == (("True", Reason.RELEASED), ["shop", "worker"])
    assert chosen.flow.status.target_summary == "shop,worker"


def test_one_that_appears_under_way_waits_for_a_release_of_its_own(chosen: World) -> None:
    chosen.stays[BACKUP] = PodPhase.RUNNING
    chosen.edit(image=NEW)
    chosen.play()
    chosen.targets["cron"] = builders.target(name="cron", uid="cron-uid")
    chooses(chosen, "cron", "shop", "worker")
    chosen.play()
    assert [known.name for known in chosen.flow.status.targets] == ["shop", "worker"]
    chosen.stays.clear()
    chosen.fates[CHECK] = [NOTHING_PENDING]
    chosen.play()
    assert (chosen.release.trigger, chosen.release.outcome) == (Trigger.NEW_TARGET, Outcome.RELEASED)
    assert [chosen.image(name) for name in ("cron", "shop", "worker")] == [NEW] * 3
    assert chosen.migrations().total() == 1
    sequence = chosen.release.sequence
    chosen.play()
    assert chosen.release.sequence == sequence


def test_one_that_appears_with_the_released_image_starts_nothing(chosen: World) -> None:
    chosen.targets["cron"] = builders.target(name="cron", uid="cron-uid")
    chooses(chosen, "cron", "shop", "worker")
    chosen.play()
    assert (chosen.ready(), chosen.count(CreateRun)) == (("True", Reason.RELEASED), 0)


def test_one_that_appears_while_the_flow_is_suspended_or_its_release_failed_starts_nothing(chosen: World) -> None:
    chosen.edit(suspend=True)
    chosen.targets["cron"] = builders.target(NEW, name="cron", uid="cron-uid")
    chooses(chosen, "cron", "shop", "worker")
    chosen.play()
    assert chosen.count(CreateRun) == 0
    chosen.edit(suspend=False)
    chosen.broken.add(("cron", OLD))
    chosen.fates[CHECK] = [NOTHING_PENDING]
    chosen.play()
    assert chosen.ready() == ("False", Reason.ROLLOUT_FAILED)
    sequence = chosen.release.sequence
    chosen.targets["late"] = builders.target(NEW, name="late", uid="late-uid")
    chooses(chosen, "cron", "late", "shop", "worker")
    chosen.play()
    assert chosen.release.sequence == sequence


def test_one_that_loses_its_labels_at_rest_is_left_alone(chosen: World) -> None:
    chooses(chosen, "shop")
    chosen.edit(image=NEW)
    chosen.play()
    assert (chosen.ready(), chosen.image(), chosen.image("worker")) == (("True", Reason.RELEASED), NEW, OLD)


def test_one_that_loses_its_labels_under_way_stays_in_its_release(chosen: World) -> None:
    chosen.edit(image=NEW)
    chosen.play(until=lambda w: w.count(SetImage) == 1)
    chooses(chosen, "shop")
    chosen.play()
    assert (chosen.image("worker"), chosen.flow.status.target_summary) == (NEW, "shop")


@pytest.mark.parametrize("how", ["abort", "newer"])
def test_one_that_is_gone_under_way_is_waited_for_until_a_person_decides_otherwise(chosen: World, how: str) -> None:
    chosen.stays[BACKUP] = PodPhase.RUNNING
    chosen.edit(image=NEW)
    chosen.play()
    del chosen.targets["worker"]
    chooses(chosen, "shop")
    chosen.stays.clear()
    chosen.play()
    assert chosen.ready() == ("Unknown", Reason.TARGET_NOT_FOUND)
    assert chosen.image() == OLD
    if how == "abort":
        chosen.command(abort="1")
        chosen.play()
        assert chosen.ready() == ("False", Reason.ABORTED)
        chosen.command(retry="1")
    else:
        chosen.edit(image=NEWER)
    chosen.play()
    assert (chosen.ready(), moved(chosen)) == (("True", Reason.RELEASED), ["shop"])


def test_nothing_that_is_chosen_is_no_success(chosen: World) -> None:
    chooses(chosen)
    chosen.play()
    assert (chosen.ready(), chosen.gate("TargetsFound")) == (
        ("Unknown", Reason.TARGET_NOT_FOUND),
        ("False", Reason.TARGET_NOT_FOUND),
    )
    assert chosen.said() == f"targetSelector chooses no workload with a container of the image: {AS_KUBECTL}"
    chosen.edit(image=NEW)
    chosen.play()
    assert (chosen.ready(), chosen.count(CreateRun)) == (("Unknown", Reason.TARGET_NOT_FOUND), 0)
    chooses(chosen, "shop")
    chosen.play()
    assert (chosen.ready(), chosen.image()) == (("True", Reason.RELEASED), NEW)


def test_a_first_release_waits_until_something_is_chosen(world: World) -> None:
    world.edit(targets=ABSENT, targetSelector=SELECTOR, migration={"tool": "Django", "workloadRef": {"name": "shop"}})
    chooses(world)
    world.play()
    assert (world.ready(), world.flow.status.release) == (("Unknown", Reason.TARGET_NOT_FOUND), None)


def test_too_many_are_refused_and_what_is_known_of_the_others_is_kept(chosen: World) -> None:
    chooses(chosen, "shop", "worker", *(f"cron{number}" for number in range(31)))
    chosen.edit(image=NEW)
    chosen.play()
    assert chosen.ready() == ("False", Reason.TOO_MANY_TARGETS)
    assert chosen.said() == (f"targetSelector chooses 33 workloads, and a release moves at most 32: {AS_KUBECTL}")
    assert (chosen.count(CreateRun), len(chosen.flow.status.targets)) == (0, 2)


def test_one_that_another_flow_owns_is_refused(chosen: World) -> None:
    other = chosen.add_flow("blog", targets=[{"name": "blog"}])
    taken = builders.target(name="cron", uid="cron-uid", fence=Fence("blog", other.uid, 1), managed=True)
    chosen.targets["cron"] = taken
    chooses(chosen, "cron", "shop", "worker")
    chosen.edit(image=NEW)
    chosen.reconcile_once()
    chosen.reconcile_once()
    assert chosen.ready() == ("False", Reason.TARGET_TAKEN)
