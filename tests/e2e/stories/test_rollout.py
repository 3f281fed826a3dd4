"""Story 7: the schema is migrated, and the new image does not come up: hold, or turn back."""

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import always

CRASHES = ["sh", "-c", '[ "$SHOP_VERSION" = v1 ] || exit 3; exec gunicorn']
"""A start that only the old version survives: a mistake in the manifest, not in the schema."""
WORKS = ["sh", "-c", "exec gunicorn"]
PATIENT = {"progressDeadlineSeconds": 120}


def test_a_crashing_image_is_held_and_a_retry_promotes_it_without_migrating_again(shop: Shop) -> None:
    pods = _runs(shop, "shop", CRASHES)

    shop.flow("v2", promotion=PATIENT)
    status = shop.stalled("RolloutFailed")

    failure = status["failure"]
    assert (failure["step"], failure["reason"]) == ("RollOut", "RolloutFailed")
    for word in ("kubectl describe deployment shop", "kubectl logs deployment/shop", "releaseflow.dev/retry"):
        assert word in failure["hint"]
    for kind in ("ReleaseFlow", "Deployment"):
        shop.warned(kind, "shop", "RolloutFailed")
    assert shop.columns("rflow", "shop")["REASON"] == "RolloutFailed"
    assert status["targets"][0]["step"] == "Failed"
    assert shop.live() == image("v2"), "the target is left as it is, for whoever looks into it"
    assert pods < shop.pod_uids(), "the pod of the old version is still there"
    assert shop.serves() == "v1"

    shop.deploy("v2", command=WORKS)
    shop.command("retry", "the manifest is repaired")
    shop.ready()

    assert shop.serves() == "v2"
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated", "NothingPending"], "looked at, no more"
    assert len(invariants.migrations(shop)) == 1
    invariants.are_kept(shop)


def test_a_crashing_image_is_rolled_back_and_not_promoted_again_by_itself(shop: Shop) -> None:
    pods = _runs(shop, "shop", CRASHES, 60)

    shop.flow("v2", promotion={"progressDeadlineSeconds": 8, "onRolloutFailure": "Rollback"})
    status = shop.stalled("RolledBack")

    assert (status["release"]["outcome"], status["failure"]["reason"]) == ("RolledBack", "RolloutFailed")
    always(shop.live, lambda live: live == image("v1"), 3, "the outcome is final")
    assert pods <= shop.pod_uids(), "the pod of the old version served all the time"
    assert shop.serves() == "v1"
    assert shop.database.ask("select name from django_migrations where app = 'shop' order by id desc limit 1") == [
        "0002_item_sku"
    ], "the schema stays"
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated"]

    shop.release("v1")
    shop.ready()
    assert shop.pod_uids() == pods
    invariants.are_kept(shop)


def test_the_second_of_two_targets_crashes_and_both_are_held(shop: Shop) -> None:
    pods = _runs(shop, "worker", CRASHES)

    shop.flow("v2", targets=[{"name": "shop"}, {"name": "worker"}], promotion=PATIENT)
    status = shop.stalled("RolloutFailed")

    assert {target["name"]: target["step"] for target in status["targets"]} == {"shop": "RolledOut", "worker": "Failed"}
    assert "worker" in status["failure"]["hint"]
    assert (shop.live(), shop.live("worker")) == (image("v2"), image("v2"))
    assert (shop.serves(), shop.serves("worker")) == ("v2", "v1")
    assert pods < shop.pod_uids("worker")
    for target in ("shop", "worker"):
        shop.warned("Deployment", target, "RolloutFailed")
    invariants.are_kept(shop)


def test_the_second_of_two_targets_crashes_and_both_are_rolled_back_last_first(shop: Shop) -> None:
    _runs(shop, "worker", CRASHES)
    back = {**PATIENT, "onRolloutFailure": "Rollback"}

    shop.flow("v2", targets=[{"name": "shop"}, {"name": "worker"}], promotion=back)
    status = shop.stalled("RolledBack")

    steps = {target["name"]: target["step"] for target in status["targets"]}
    assert steps == {"shop": "RolledBack", "worker": "RolledBack"}
    assert (shop.live(), shop.live("worker")) == (image("v1"), image("v1"))
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")
    assert (shop.serves(), shop.serves("worker")) == ("v1", "v1")
    assert _put_back(shop, "worker") <= _put_back(shop, "shop")
    invariants.are_kept(shop)


def _runs(shop: Shop, name: str, command: list[str], seconds: int = 6) -> set[str]:
    """Apply a Deployment with this command, and give it this deadline once it runs; returns its pods."""
    shop.deploy("v1", name, command=command)
    shop.kubectl("rollout", "status", f"deployment/{name}", "--timeout=60s")
    deadline = f'--patch={{"spec":{{"progressDeadlineSeconds":{seconds}}}}}'
    shop.kubectl("patch", "deployment", name, "--type=merge", deadline)
    return shop.pod_uids(name)


def _put_back(shop: Shop, name: str) -> str:
    """Return when the operator last wrote the image of a target."""
    entries = shop.get("deployment", name)["metadata"]["managedFields"]
    return max(str(entry["time"]) for entry in entries if entry["manager"] == "releaseflow")
