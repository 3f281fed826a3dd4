"""Flows whose targets are chosen by their labels."""

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import until

SELECTOR = {"matchLabels": {"part-of": "shop"}, "kinds": ["Deployment", "StatefulSet"]}
NAMES = ("cron", "shop", "worker")


def test_workloads_are_chosen_by_their_labels_and_one_that_comes_later_too(shop: Shop) -> None:
    shop.flow(
        "v1",
        targets=None,
        targetSelector=SELECTOR,
        migration={"workloadRef": {"name": "shop"}},
        promotion={"order": "Parallel"},
    )
    shop.waits("TargetNotFound")
    assert "kubectl get deployment,statefulset" in shop.condition("rflow", "shop")["message"]
    assert not shop.runs(), "nothing is chosen, and nothing is migrated"

    shop.deploy("v1", "worker")
    for name in ("shop", "worker"):
        _label(shop, name)
    shop.ready()
    shop.release("v2")
    shop.ready()
    assert (_targets(shop), shop.live(), shop.live("worker")) == (["shop", "worker"], image("v2"), image("v2"))

    shop.deploy("v1", "cron")
    _label(shop, "cron")
    until(lambda: shop.live("cron"), lambda live: live == image("v2"), 120, "the one that comes later is moved")
    shop.ready()
    assert _targets(shop) == list(NAMES)
    assert shop.get("rflow", "shop")["status"]["release"]["trigger"] == "NewTarget"
    assert len(invariants.migrations(shop)) == 1
    invariants.are_kept(shop)


def _label(shop: Shop, name: str) -> None:
    shop.kubectl("label", f"deployment/{name}", "part-of=shop")


def _targets(shop: Shop) -> list[str]:
    return [target["name"] for target in shop.get("rflow", "shop")["status"]["targets"]]
