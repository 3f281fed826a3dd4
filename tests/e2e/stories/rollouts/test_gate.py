"""Mode Gate over a Rollout: held until its migration is done, and then moved by its own steps."""

import shlex

import pytest

from tests.e2e.kubectl import RefusedError
from tests.e2e.stories import invariants
from tests.e2e.stories.rollouts.canary import TARGETS, Canary, manifest
from tests.e2e.stories.shop import Raw, Shop
from tests.e2e.stories.waiting import always, until

pytestmark = [pytest.mark.rollouts, pytest.mark.xdist_group("rollouts")]
STEPS = {"canary": {"maxSurge": 1, "maxUnavailable": 0, "steps": [{"setWeight": 50}, {"pause": {}}]}}
UNPAUSE = '--patch={"spec":{"paused":false}}'


@pytest.fixture
def canary(shop: Shop) -> Canary:
    return Canary(shop)


def gate(shop: Shop) -> None:
    shop.flow("v1", mode="Gate", image=None, targets=TARGETS)


def test_a_first_install_waits_and_a_new_image_is_handed_over_to_the_steps(canary: Canary) -> None:
    shop = canary.shop
    canary.apply(manifest("v1", gated=True, strategy=STEPS))
    assert canary.mark() == "true"
    canary.until_phase("Paused")
    always(canary.versions, lambda versions: versions == [], 3, "a first install waits too")
    gate(shop)
    shop.ready()
    assert (canary.mark(), canary.versions()) == ("", ["v1", "v1"])

    canary.set_version("v2")
    assert canary.mark() == "true"
    seen = {tuple(canary.versions())}
    while canary.mark():
        seen.add(tuple(canary.versions()))
    assert seen == {("v1", "v1")}, "no pod of the new image while it is held"
    waits = shop.waits("TargetPaused")
    until(canary.versions, lambda versions: versions == ["v1", "v2"], 60, "its first step")
    assert "Rollout canary waits at a step" in waits["message"]
    _, _, command = waits["message"].partition("Go on: kubectl ")
    shop.kubectl(*shlex.split(command))
    shop.ready()
    assert canary.versions() == ["v2", "v2"]
    assert [run["status"]["outcome"] for run in shop.runs()] == ["NothingPending", "Migrated"]
    invariants.no_migration_ran_twice(shop)


def test_after_a_failed_migration_nothing_of_it_serves_whatever_is_written(canary: Canary) -> None:
    shop = canary.shop
    canary.apply(manifest("v1", gated=True))
    gate(shop)
    shop.ready()

    canary.set_version("v3")
    shop.stalled("MigrationFailed")
    with pytest.raises(RefusedError, match=r"Rollout canary is held by ReleaseFlow shop[\s\S]*kubectl patch rollout"):
        shop.kubectl("patch", "rollout", "canary", "--type=merge", UNPAUSE)
    everything = '--patch={"status":{"promoteFull":true,"pauseConditions":null}}'
    shop.kubectl("patch", "rollout", "canary", "--subresource=status", "--type=merge", everything)
    shop.kubectl("patch", "rollout", "canary", "--type=merge", '--patch={"spec":{"replicas":3}}')
    shop.kubectl("delete", "pod", shop.all("pods", "app=canary")[0]["metadata"]["name"], "--wait=false")
    always(lambda: set(canary.versions()), lambda versions: versions <= {"v1"}, 8, "only the old image serves")

    canary.set_version("v4")
    shop.command("retry", "repaired")
    shop.ready()
    assert (canary.mark(), canary.phase(), canary.versions()) == ("", "Healthy", ["v4"] * 3)


@pytest.mark.parametrize(
    ("strategy", "more"),
    [
        ({"blueGreen": {"activeService": "shop"}}, {}),
        ({"canary": {"steps": [{"experiment": {"templates": [{"name": "new", "specRef": "canary"}]}}]}}, {}),
        ({"canary": {}}, {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}}),
    ],
)
def test_one_that_makes_pods_while_it_is_paused_is_refused(canary: Canary, strategy: Raw, more: Raw) -> None:
    document = manifest("v1", gated=True, strategy=strategy, **more)
    if more:
        del document["spec"]["template"]
    with pytest.raises(RefusedError, match=r"cannot be held for ReleaseFlow shop[\s\S]*mode: Promote"):
        canary.apply(document)


def test_why_blue_green_is_refused_a_paused_one_makes_pods_of_the_new_image(canary: Canary) -> None:
    strategy = {"blueGreen": {"activeService": "canary", "autoPromotionEnabled": False}}
    canary.shop.apply("v1", "Service", "canary", spec={"ports": [{"port": 80}], "selector": {"app": "canary"}})
    canary.apply(manifest("v1", strategy=strategy))
    canary.until_phase("Healthy")
    canary.apply(manifest("v2", strategy=strategy, paused=True))
    until(canary.versions, lambda versions: "v2" in versions, 60, "pods of the new image")
