"""Flows with mode Gate: admission holds each new image, whoever sets it, until its migration is known to be done."""

import json
from typing import Any

import pytest

from tests.e2e.kubectl import RefusedError
from tests.e2e.stories import invariants
from tests.e2e.stories.installation import NAMESPACE
from tests.e2e.stories.migrations import at_peace
from tests.e2e.stories.operators import Operators
from tests.e2e.stories.shop import Raw, Shop, deployment, image
from tests.e2e.stories.waiting import always, until

GATE = "releaseflow.dev/gate"
LABELLED = {"labels": {GATE: "shop"}}


def gate(shop: Shop, **changes: Any) -> None:
    """Apply a flow that names no image, and lets admission hold its Deployment."""
    shop.flow("v1", mode="Gate", image=None, **changes)


def gated(shop: Shop, **changes: Any) -> None:
    """Label the Deployment that serves v1, apply the flow, and wait until what serves is known to be migrated."""
    shop.kubectl("label", "deployment/shop", f"{GATE}=shop")
    gate(shop, **changes)
    shop.ready()


def set_image(shop: Shop, version: str, name: str = "shop") -> None:
    """Set an image as a team does; nothing else is needed."""
    shop.kubectl("set", "image", f"deployment/{name}", f"web={image(version)}")


def spec(shop: Shop, name: str = "shop") -> Raw:
    """Return the Deployment's spec."""
    return dict(shop.get("deployment", name)["spec"])


def is_held(shop: Shop, name: str = "shop") -> bool:
    """Whether admission holds a Deployment."""
    found = shop.get("deployment", name)
    annotations = found["metadata"].get("annotations", {})
    return bool(found["spec"].get("paused")) and "releaseflow.dev/held" in annotations


def images_of_pods(shop: Shop, name: str = "shop") -> set[str]:
    """Return the images of a Deployment's pods."""
    return set(shop.images(name))


def writers_of_images(shop: Shop) -> set[str]:
    """Return who wrote images into the Deployment."""
    managers = shop.get("deployment", "shop", "--show-managed-fields")["metadata"]["managedFields"]
    return {manager["manager"] for manager in managers if "f:image" in str(manager.get("fieldsV1"))}


def test_kubectl_set_image_is_gated_and_nothing_else_is(shop: Shop) -> None:
    gated(shop)
    pods = shop.pod_uids()

    set_image(shop, "v2")
    assert is_held(shop), "held by the very write"
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=150s")

    assert image("v2") in shop.ready()["message"]
    assert (shop.serves(), is_held(shop)) == ("v2", False)
    assert not shop.pod_uids() & pods
    assert [run["status"]["outcome"] for run in shop.runs()] == ["NothingPending", "Migrated"]
    assert "releaseflow" not in writers_of_images(shop), "it owns no image, so no tool is in conflict with it"
    invariants.are_kept(shop)

    shop.kubectl("scale", "deployment/shop", "--replicas=2")
    shop.kubectl("rollout", "restart", "deployment/shop")
    shop.kubectl("annotate", "deployment/shop", "team=blue")
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")
    assert (len(shop.runs()), is_held(shop)) == (2, False)
    invariants.data_is_whole(shop)


def test_environment_and_image_of_one_write_are_migrated_and_served_together(shop: Shop) -> None:
    checks = {"command": ["python3", "manage.py", "migrate", "--check"]}
    migrates = ["sh", "-c", 'test "$FEATURE" = on && python3 manage.py migrate --noinput']
    gated(shop, migration={"tool": None, "command": migrates, "check": checks})
    pods = shop.pod_uids()

    container = {"name": "web", "image": image("v2"), "env": [{"name": "FEATURE", "value": "on"}]}
    change = {"spec": {"template": {"spec": {"containers": [container]}}}}
    shop.kubectl("patch", "deployment/shop", f"--patch={json.dumps(change)}")
    assert (is_held(shop), shop.pod_uids()) == (True, pods), "the environment waits with the image"
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=150s")

    shop.ready()
    assert shop.runs()[-1]["status"]["outcome"] == "Migrated", "which fails without the new environment"
    assert shop.kubectl("exec", "deployment/shop", "--", "printenv", "FEATURE").strip() == "on"
    invariants.are_kept(shop)


def test_a_first_install_makes_no_pod_before_its_database_is_ready(empty_shop: Shop) -> None:
    manifest = deployment("shop", "v2")
    manifest["metadata"] |= LABELLED
    empty_shop.kubectl("apply", "--filename=-", document=manifest)
    assert (is_held(empty_shop), images_of_pods(empty_shop)) == (True, set())

    gate(empty_shop)
    empty_shop.ready()

    (run,) = empty_shop.runs()
    assert run["status"]["outcome"] == "Migrated"
    until(empty_shop.serves, lambda version: version == "v2", 120, "the shop serves")
    invariants.no_image_served_before_its_migration(empty_shop, "none")


def test_a_failed_migration_leaves_the_old_pods_and_a_person_cannot_resume_it(shop: Shop) -> None:
    gated(shop)
    pods = shop.pod_uids()
    set_image(shop, "v3")
    shop.stalled("MigrationFailed")
    at_peace(shop)
    assert (is_held(shop), shop.pod_uids(), shop.serves()) == (True, pods, "v1")
    assert "keeps serving" in shop.condition("rflow", "shop")["message"]

    with pytest.raises(RefusedError, match="is held by ReleaseFlow shop"):
        shop.kubectl("rollout", "resume", "deployment/shop")
    shop.kubectl("scale", "deployment/shop", "--replicas=2")
    until(lambda: len(shop.pod_uids()), lambda count: count == 2, 60, "it scales what serves")
    assert images_of_pods(shop) == {image("v1")}

    set_image(shop, "v4")
    always(lambda: len(shop.runs()), lambda count: count == 2, 3, "a new image alone starts nothing")
    shop.command("retry", "looked-at-it")
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=150s")
    assert (image("v4") in shop.ready()["message"], images_of_pods(shop)) == (True, {image("v4")})
    invariants.are_kept(shop)


def test_the_image_that_serves_is_resumed_at_once(shop: Shop) -> None:
    gated(shop)
    pods = shop.pod_uids()
    set_image(shop, "v3")
    shop.stalled("MigrationFailed")

    set_image(shop, "v1")
    until(lambda: is_held(shop), lambda held: not held, 30, "it is resumed")
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=30s")
    assert (shop.pod_uids(), len(shop.runs())) == (pods, 2), "no other pod is made, and nothing is migrated"


def test_an_undone_rollout_waits_for_a_person_after_a_breaking_migration(shop: Shop) -> None:
    gated(shop, migration={"compatibility": "Breaking"})
    set_image(shop, "v2")
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=150s")
    shop.ready()

    shop.kubectl("rollout", "undo", "deployment/shop")
    status = shop.stalled("SchemaAhead")
    assert (is_held(shop), shop.serves()) == (True, "v2")
    assert "kubectl set image deployment/shop" in shop.condition("rflow", "shop")["message"]

    shop.command("approve", status["release"]["run"])
    shop.ready()
    until(shop.serves, lambda version: version == "v1", 60, "the old version serves again")


def test_a_newer_image_waits_for_a_migration_that_has_begun_and_supersedes_its_image(shop: Shop) -> None:
    gated(shop, hooks={"beforePromotion": [{"name": "slow", "command": ["sleep", "5"]}]})
    set_image(shop, "v2")
    until(lambda: shop.runs()[1:], bool, 60, "a run for v2")
    set_image(shop, "v4")
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=200s")
    assert image("v4") in shop.ready()["message"]
    assert images_of_pods(shop) == {image("v4")}
    made = {found["spec"]["template"]["spec"]["containers"][0]["image"] for found in shop.all("replicasets")}
    assert made == {image("v1"), image("v4")}, "v2 never served"
    invariants.are_kept(shop)


def test_the_glass_is_broken_by_an_annotation_and_the_flow_says_so(shop: Shop) -> None:
    gated(shop)
    set_image(shop, "v3")
    with pytest.raises(RefusedError, match="bypass"):
        shop.kubectl("rollout", "resume", "deployment/shop")
    shop.stalled("MigrationFailed")

    shop.kubectl("annotate", "deployment/shop", f"releaseflow.dev/bypass={image('v4')}")
    set_image(shop, "v4")
    shop.kubectl("patch", "deployment/shop", "--type=merge", '--patch={"spec":{"paused":null}}')
    until(lambda: image("v4") in images_of_pods(shop), bool, 60, "v4 serves, past the gate")
    shop.command("retry", "after-the-incident")
    shop.ready()
    assert image("v4") in shop.ready()["message"]


def test_an_image_past_the_gate_is_no_release(shop: Shop) -> None:
    gated(shop)
    shop.kubectl("annotate", "deployment/shop", f"releaseflow.dev/bypass={image('v2')}")
    set_image(shop, "v2")
    shop.stalled("GateBypassed")
    said = shop.condition("rflow", "shop")["message"]
    assert f"already runs {image('v2')}" in said
    shop.warned("ReleaseFlow", "shop", "GateBypassed")

    shop.command("retry", "migrate-now")
    shop.ready()
    assert [run["status"]["outcome"] for run in shop.runs()] == ["NothingPending", "Migrated"]


def test_two_deployments_go_on_in_order(shop: Shop) -> None:
    worker = deployment("worker", "v1")
    worker["metadata"] |= LABELLED
    shop.kubectl("apply", "--filename=-", document=worker)
    gated(shop, targets=[{"name": "shop"}, {"name": "worker"}])
    set_image(shop, "v2", "worker")
    set_image(shop, "v2")
    shop.kubectl("rollout", "status", "deployment/worker", "--timeout=150s")
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")
    assert images_of_pods(shop) | images_of_pods(shop, "worker") == {image("v2")}
    shop.ready()
    assert sum(run["status"]["outcome"] == "Migrated" for run in shop.runs()) == 1
    invariants.are_kept(shop)


def test_without_the_label_it_says_what_to_write(shop: Shop) -> None:
    gate(shop)
    said = shop.waits("TargetNotGated")["message"]
    assert f"kubectl label deployment shop -n {shop.kubectl.namespace} --overwrite {GATE}=shop" in said


@pytest.mark.xdist_group("operator")
def test_what_is_held_while_the_operator_is_away_goes_on_when_it_is_back(shop: Shop) -> None:
    gated(shop)
    system = shop.kubectl.within(NAMESPACE)
    system("scale", "deployment/releaseflow", "--replicas=0")
    try:
        Operators(shop.kubectl).settled()
        set_image(shop, "v2")
        always(lambda: images_of_pods(shop), lambda found: found == {image("v1")}, 4, "it is held, by nobody's help")
        assert is_held(shop)
    finally:
        system("scale", "deployment/releaseflow", "--replicas=2")
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=150s")
    assert image("v2") in shop.ready()["message"]
    invariants.are_kept(shop)
