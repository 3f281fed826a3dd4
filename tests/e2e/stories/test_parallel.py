"""Flows that move several Deployments at once: each rolls out for itself, and they end together."""

import pytest

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.test_rollout import CRASHES, PATIENT
from tests.e2e.stories.waiting import until

NAMES = ("shop", "worker", "cron")
TARGETS = [{"name": name} for name in NAMES]
PARALLEL = {**PATIENT, "order": "Parallel"}
SLOW = ["sh", "-c", '[ "$SHOP_VERSION" = v1 ] || sleep 8; exec gunicorn']
"""A start of the new version that takes longer than all others need."""


@pytest.fixture
def three(shop: Shop) -> Shop:
    """A shop with two more Deployments of the same image."""
    for name in NAMES[1:]:
        shop.deploy("v1", name)
    _rolled_out(shop)
    return shop


def test_all_are_moved_before_the_slowest_is_rolled_out(three: Shop) -> None:
    three.deploy("v1", command=SLOW)
    _rolled_out(three)

    three.flow("v2", targets=TARGETS, promotion=PARALLEL)
    until(
        lambda: _steps(three), lambda steps: steps == ["Promoted", "RolledOut", "RolledOut"], 120, "the first is slow"
    )
    assert three.condition("rflow", "shop")["message"].startswith("Rolling out Deployment shop. Follow it: ")
    assert (three.serves("worker"), three.serves("cron")) == ("v2", "v2")
    three.ready()

    assert (_steps(three), three.serves()) == (["RolledOut"] * 3, "v2")
    assert len(invariants.migrations(three)) == 1
    invariants.are_kept(three)


def test_one_of_three_crashes_and_all_are_rolled_back(three: Shop) -> None:
    three.deploy("v1", "worker", command=CRASHES)
    three.deploy("v1", "cron", command=SLOW)
    _rolled_out(three)
    patch = '--patch={"spec":{"progressDeadlineSeconds":6}}'
    three.kubectl("patch", "deployment", "worker", "--type=merge", patch)

    three.flow("v2", targets=TARGETS, promotion={**PARALLEL, "onRolloutFailure": "Rollback"})
    status = three.stalled("RolledBack")

    assert "did not come up in Deployment worker" in status["failure"]["hint"]
    assert [three.live(name) for name in NAMES] == [image("v1")] * 3
    _rolled_out(three)
    assert [three.serves(name) for name in NAMES] == ["v1"] * 3
    for name in NAMES:
        three.warned("Deployment", name, "RolledBack")
    invariants.are_kept(three)


def _steps(shop: Shop) -> list[str]:
    return [target["step"] for target in shop.get("rflow", "shop")["status"].get("targets", [])]


def _rolled_out(shop: Shop) -> None:
    for name in NAMES:
        shop.kubectl("rollout", "status", f"deployment/{name}", "--timeout=60s")
