"""Mode Promote over a Rollout: the image is written after its migration, and the Rollout moves it by itself."""

from typing import Any

import pytest

from tests.e2e.stories import invariants
from tests.e2e.stories.rollouts.canary import NAME, TARGETS, Canary, manifest
from tests.e2e.stories.shop import Raw, Shop, image

pytestmark = [pytest.mark.rollouts, pytest.mark.xdist_group("rollouts")]
CRASHES = {"command": ["sh", "-c", '[ "$SHOP_VERSION" = v1 ] || exit 3; exec gunicorn']}
SHORT = {"progressDeadlineSeconds": 12}


def applied(shop: Shop, container: Raw | None = None, **spec: Any) -> Canary:
    """Return a Rollout that serves the first version."""
    canary = Canary(shop)
    canary.apply(manifest("v1", container=container, **spec))
    canary.until_phase("Healthy")
    return canary


def test_it_is_released_after_its_migration_and_keeps_what_else_its_containers_have(shop: Shop) -> None:
    canary = applied(shop)
    before = canary.get()["spec"]["template"]["spec"]["containers"][0]
    shop.flow("v2", targets=TARGETS)
    shop.ready()
    assert (canary.versions(), canary.phase()) == (["v2", "v2"], "Healthy")
    assert canary.get()["spec"]["template"]["spec"]["containers"] == [{**before, "image": image("v2")}]
    assert shop.columns("rflow", "shop")["TARGETS"] == f"rollout/{NAME}"
    invariants.are_kept(shop)


def test_a_failing_migration_keeps_the_old_version(shop: Shop) -> None:
    canary = applied(shop)
    shop.flow("v3", targets=TARGETS)
    shop.stalled("MigrationFailed")
    assert (canary.live(), canary.versions()) == (image("v1"), ["v1", "v1"])
    shop.warned("Rollout", NAME, "MigrationFailed")
    invariants.are_kept(shop)


def test_one_that_does_not_come_up_has_failed_and_with_rollback_its_image_goes_back(shop: Shop) -> None:
    canary = applied(shop, CRASHES, **SHORT)
    shop.flow("v2", targets=TARGETS, promotion={"onRolloutFailure": "Rollback"})
    status = shop.stalled("RolledBack")
    assert f"v2 did not come up in Rollout {NAME} (ProgressDeadlineExceeded" in status["failure"]["hint"]
    assert canary.live() == image("v1")
    canary.until_phase("Healthy")
    assert canary.versions() == ["v1", "v1"]
    invariants.are_kept(shop)
