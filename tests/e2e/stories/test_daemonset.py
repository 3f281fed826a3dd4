"""A DaemonSet as a target: it goes live after its migration, keeps its old version, or goes back by itself."""

import re

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Raw, Shop, deployment, image
from tests.e2e.stories.waiting import always, until

NAME = "agent"
CRASHES = ["sh", "-c", '[ "$SHOP_VERSION" = v1 ] || exit 3; exec gunicorn']
TARGETS = [{"kind": "DaemonSet", "name": NAME}]


def test_it_goes_live_after_its_migration(shop: Shop) -> None:
    _apply(shop)

    shop.flow("v2", targets=TARGETS)
    shop.ready()

    assert (_live(shop), shop.serves(NAME), _versions(shop)) == (image("v2"), "v2", {image("v2")})
    (run,) = shop.runs()
    assert run["status"]["outcome"] == "Migrated"
    assert run["spec"]["migration"]["workloadRef"] == {"kind": "DaemonSet", "name": NAME}
    assert shop.columns("rflow", "shop")["TARGETS"] == f"daemonset/{NAME}"
    invariants.are_kept(shop)


def test_a_failing_migration_keeps_the_old_version(shop: Shop) -> None:
    _apply(shop)
    pods = shop.pod_uids(NAME)

    shop.flow("v3", targets=TARGETS)
    shop.stalled("MigrationFailed")

    assert (_live(shop), shop.serves(NAME), shop.pod_uids(NAME)) == (image("v1"), "v1", pods)
    shop.warned("DaemonSet", NAME, "MigrationFailed")
    invariants.are_kept(shop)


def test_an_image_that_does_not_come_up_goes_back_by_itself(shop: Shop) -> None:
    _apply(shop, command=CRASHES)

    shop.flow("v2", targets=TARGETS, promotion={"progressDeadlineSeconds": 12, "onRolloutFailure": "Rollback"})
    status = shop.stalled("RolledBack")

    assert f"v2 did not come up in DaemonSet {NAME} (of the pods of 1 nodes" in status["failure"]["hint"]
    until(lambda: _versions(shop), lambda versions: versions == {image("v1")}, 60, "the old version everywhere")
    shop.kubectl("rollout", "status", f"daemonset/{NAME}", "--timeout=60s")
    assert (_live(shop), shop.serves(NAME)) == (image("v1"), "v1")
    invariants.are_kept(shop)


def test_one_with_on_delete_waits_for_a_person_with_the_command(shop: Shop) -> None:
    _apply(shop, updateStrategy={"type": "OnDelete"})

    shop.flow("v2", targets=TARGETS, promotion={"progressDeadlineSeconds": 5})
    ready = shop.waits("TargetPaused")

    [command] = re.findall(r"kubectl (get pods .*)$", ready["message"])
    [old] = re.findall(rf"^{NAME}-\w+", str(shop.kubectl(*command.split())), re.MULTILINE)
    always(lambda: _versions(shop), lambda versions: versions == {image("v1")}, 7, "nothing moves, and nothing fails")

    shop.kubectl("delete", "pod", old)
    shop.ready()
    assert _versions(shop) == {image("v2")}
    invariants.are_kept(shop)


def _apply(shop: Shop, command: list[str] | None = None, **spec: object) -> None:
    """Apply a DaemonSet of the shop's first version, and wait for its pod."""
    container: Raw = {} if command is None else {"command": command}
    pods = deployment(NAME, "v1", **container)["spec"]
    shop.apply("apps/v1", "DaemonSet", NAME, spec={"selector": pods["selector"], "template": pods["template"], **spec})
    until(lambda: shop.get("daemonset", NAME).get("status", {}), _is_ready, 90, "its pod")


def _is_ready(status: Raw) -> bool:
    return bool(status.get("numberAvailable", 0) == status.get("desiredNumberScheduled") == 1)


def _live(shop: Shop) -> str:
    return str(shop.get("daemonset", NAME)["spec"]["template"]["spec"]["containers"][0]["image"])


def _versions(shop: Shop) -> set[str]:
    return {pod["spec"]["containers"][0]["image"] for pod in shop.all("pods", f"app={NAME}")}
