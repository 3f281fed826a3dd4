"""Flows that follow their Deployment: `kubectl set image` goes on to work, and each new image is migrated beside it."""

from typing import Any

import pytest

from tests.e2e.kubectl import RefusedError
from tests.e2e.stories import invariants
from tests.e2e.stories.migrations import at_peace
from tests.e2e.stories.shop import Raw, Shop, image
from tests.e2e.stories.waiting import always, until

UNGATED = "ungated"


def follow(shop: Shop, **changes: Any) -> None:
    """Apply a flow that names no image."""
    shop.flow("v1", mode="Follow", image=None, **changes)


def set_image(shop: Shop, version: str) -> Raw:
    """Set an image as a team does, and wait until the flow wants it; returns the flow's status."""
    shop.kubectl("set", "image", "deployment/shop", f"web={image(version)}")
    shop.kubectl("wait", f"--for=jsonpath={{.status.wantedImage}}={image(version)}", "rflow/shop", "--timeout=60s")
    return dict(shop.get("rflow", "shop")["status"])


def writers_of_images(shop: Shop) -> set[str]:
    """Return who wrote images into the Deployment."""
    managers = shop.get("deployment", "shop", "--show-managed-fields")["metadata"]["managedFields"]
    return {manager["manager"] for manager in managers if "f:image" in str(manager.get("fieldsV1"))}


def test_each_image_that_is_set_is_migrated_once_and_the_operator_writes_none(shop: Shop) -> None:
    pods = shop.pod_uids()
    follow(shop)
    assert UNGATED in shop.ready()["message"]
    assert (shop.columns("rflow", "shop")["WANTED"], shop.pod_uids()) == ("v1", pods)

    set_image(shop, "v2")
    assert image("v2") in shop.ready()["message"]

    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")
    assert [run["status"]["outcome"] for run in shop.runs()] == ["NothingPending", "Migrated"]
    assert shop.runs()[-1]["status"]["backup"]["proof"]
    assert (shop.serves(), shop.live()) == ("v2", image("v2"))
    assert "releaseflow" not in writers_of_images(shop)

    shop.kubectl("scale", "deployment/shop", "--replicas=2")
    shop.kubectl("rollout", "restart", "deployment/shop")
    always(lambda: len(shop.runs()), lambda count: count == 2, 4, "scaling and restarting start nothing")
    invariants.data_is_whole(shop)


def test_a_failed_migration_says_that_nothing_held_the_pods_back_and_a_repaired_image_needs_a_retry(shop: Shop) -> None:
    follow(shop)
    shop.ready()

    set_image(shop, "v3")
    shop.stalled("MigrationFailed")
    at_peace(shop)
    said = str(shop.condition("rflow", "shop")["message"])

    assert said.startswith(f"{image('v3')} is not released (ungated: its pods were not held back). Migrate failed:")
    assert "keeps serving" not in said
    assert shop.live() == image("v3"), "the operator puts nothing back"

    set_image(shop, "v4")
    always(lambda: len(shop.runs()), lambda count: count == 2, 3, "a new image alone starts nothing")
    shop.command("retry", "looked-at-it")
    assert image("v4") in shop.ready()["message"]
    assert [run["spec"]["image"] for run in shop.runs()] == [image("v1"), image("v3"), image("v4")]
    invariants.data_is_whole(shop)


def test_the_image_before_waits_for_a_person_after_a_breaking_migration(shop: Shop) -> None:
    follow(shop, migration={"compatibility": "Breaking"})
    shop.ready()
    set_image(shop, "v2")
    shop.ready()

    shop.kubectl("rollout", "undo", "deployment/shop")
    status = shop.stalled("SchemaAhead")

    run = status["release"]["run"]
    shop.command("approve", run)
    shop.ready()
    assert shop.get("mrun", run)["status"]["outcome"] == "NothingPending"


def test_a_deployment_that_comes_after_its_flow_is_migrated_when_it_is_there(empty_shop: Shop) -> None:
    follow(empty_shop)
    empty_shop.waits("TargetNotFound")

    empty_shop.deploy("v1")
    empty_shop.ready()

    (run,) = empty_shop.runs()
    assert run["status"]["outcome"] == "Migrated"
    until(empty_shop.serves, lambda version: version == "v1", 120, "the shop serves")


def test_what_cannot_be_followed_is_refused_by_the_api_server(shop: Shop) -> None:
    with pytest.raises(RefusedError, match="with this mode the targets name the image"):
        shop.flow("v1", mode="Follow")
