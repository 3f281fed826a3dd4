"""Story 15: somebody else changes the image of a target."""

import pytest

from tests.e2e.stories.migrations import at_peace, at_work, lines, recorded
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import always


@pytest.fixture
def released(shop: Shop) -> Shop:
    """A shop whose flow has released v2."""
    shop.flow("v1")
    shop.ready()
    shop.release("v2")
    shop.ready()
    return shop


def test_set_image_outside_is_reported_and_not_reverted_and_ends_when_it_is_set_back(released: Shop) -> None:
    shop = released
    set_image(shop, "v1")

    status = shop.stalled("ImageChangedOutside", seconds=20)
    (ready,) = [c for c in status["conditions"] if c["type"] == "Ready"]
    assert (ready["status"], ready["reason"]) == ("False", "ImageChangedOutside")
    assert ": kubectl-set at 20" in ready["message"], "it is said who, and when"
    assert "kubectl set image deployment/shop -n " in ready["message"]
    assert "ignoreDifferences" not in ready["message"], "no Argo CD is at work"
    assert image("v1") in status["liveImage"]
    always(shop.live, lambda live: live == image("v1"), 3, "the operator does not fight")
    events = shop.kubectl("events", "--for=deployment/shop")
    assert "ImageChangedOutside" in events, "kubectl describe deployment shop says it"

    set_image(shop, "v2")
    shop.ready(seconds=30)
    assert len(shop.runs()) == 2, "no release was needed"


def test_an_old_manifest_that_is_applied_is_reported_and_a_retry_releases_again(released: Shop) -> None:
    shop = released
    shop.deploy("v1")
    shop.stalled("ImageChangedOutside", seconds=20)
    assert shop.live() == image("v1")

    shop.command("retry", "release it again")
    shop.ready()

    assert shop.live() == image("v2")
    assert [run["status"]["outcome"] for run in shop.runs()] == ["NothingPending", "Migrated", "NothingPending"]
    at_peace(shop)


def test_the_new_image_set_past_the_gate_is_reported_and_migrated_on_retry(shop: Shop) -> None:
    shop.flow("v1")
    shop.ready()
    shop.flow("v2", migration=recorded(shop, 4))
    at_work(shop)
    set_image(shop, "v2")

    status = shop.stalled("GateBypassed", seconds=20)
    assert "releaseflow.dev/retry" in status["failure"]["hint"]
    assert f"web={image('v1')}" in status["failure"]["hint"], "the command that puts the image before back"
    at_peace(shop)
    assert shop.runs()[-1]["status"]["outcome"] == "Migrated", "what was started finishes"

    shop.command("retry", "go on")
    shop.ready()
    assert shop.live() == image("v2")
    assert lines(shop) == 2
    at_peace(shop)


def set_image(shop: Shop, version: str) -> None:
    """Change the image as an outsider."""
    shop.kubectl("set", "image", "deployment/shop", f"web={image(version)}")
