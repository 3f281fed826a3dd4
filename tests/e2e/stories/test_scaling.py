"""Releases beside what scales and guards a Deployment: an autoscaler, kubectl scale, a PodDisruptionBudget."""

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.test_gate import gated, images_of_pods, is_held, set_image
from tests.e2e.stories.waiting import until

SLOW = ["sh", "-c", '[ "$SHOP_VERSION" = v1 ] || sleep 8; exec gunicorn']
"""A start of the new version that leaves time for others."""
TWO = 2


def test_a_budget_that_allows_no_disruption_stops_no_rollout_and_the_rollout_leaves_no_gap(shop: Shop) -> None:
    shop.kubectl("scale", "deployment/shop", f"--replicas={TWO}")
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")
    budget = {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "shop"}}}
    shop.apply("policy/v1", "PodDisruptionBudget", "shop", spec=budget)

    shop.flow("v2")
    seen: list[int] = []
    until(lambda: _watched(shop, seen), lambda status: status == "True", 180, "the release")

    assert min(seen) >= TWO, "maxUnavailable: 0 with maxSurge: 1"
    assert images_of_pods(shop) == {image("v2")}
    invariants.are_kept(shop)


def test_an_autoscaler_scales_what_serves_while_a_new_image_is_held_and_again_after_it(shop: Shop) -> None:
    gated(shop)
    set_image(shop, "v3")
    shop.stalled("MigrationFailed")
    assert is_held(shop)

    _autoscale(shop, least=3)
    until(lambda: len(shop.pod_uids()), lambda count: count == 3, 90, "the autoscaler scales a held Deployment")
    assert (images_of_pods(shop), is_held(shop), len(shop.runs())) == ({image("v1")}, True, 2)

    set_image(shop, "v4")
    shop.command("retry", "repaired")
    shop.ready()
    assert (images_of_pods(shop), len(shop.pod_uids())) == ({image("v4")}, 3)
    invariants.are_kept(shop)


def test_a_deployment_that_is_scaled_in_mid_rollout_is_released_when_all_its_pods_are_new(shop: Shop) -> None:
    shop.deploy("v1", command=SLOW)
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")

    shop.flow("v2")
    shop.waits("RollingOut")
    shop.kubectl("scale", "deployment/shop", "--replicas=3")
    shop.ready()

    until(lambda: images_of_pods(shop), lambda images: images == {image("v2")}, 30, "no old pod is left")
    assert len(shop.pod_uids()) == 3
    assert len(invariants.migrations(shop)) == 1
    invariants.are_kept(shop)


def _autoscale(shop: Shop, least: int) -> None:
    """Apply an autoscaler with a lower bound, which it keeps without any metrics."""
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
        "minReplicas": least,
        "maxReplicas": least + 1,
        "metrics": [
            {
                "type": "Resource",
                "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
            }
        ],
    }
    shop.apply("autoscaling/v2", "HorizontalPodAutoscaler", "shop", spec=spec)


def _watched(shop: Shop, seen: list[int]) -> str:
    """Note how many pods are available, and return whether the flow is ready."""
    seen.append(int(shop.get("deployment", "shop")["status"].get("availableReplicas", 0)))
    return str(shop.condition("rflow", "shop").get("status", ""))
