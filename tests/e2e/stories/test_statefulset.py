"""A StatefulSet as a target: it goes live after its migration, or keeps its old version; a broken pod blocks it."""

import re
import shlex

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Raw, Shop, deployment, image
from tests.e2e.stories.waiting import always, until

NAME = "worker"
CRASHES = ["sh", "-c", '[ "$SHOP_VERSION" = v1 ] || exit 3; exec gunicorn']
TARGETS = [{"kind": "StatefulSet", "name": NAME}]
APPLIED = ("releaseflow", "Apply")
"""Field manager and operation of the write that promotes."""


def test_it_goes_live_after_its_migration(shop: Shop) -> None:
    _apply(shop)

    shop.flow("v2", targets=TARGETS)
    shop.ready()

    assert (_live(shop), shop.serves(NAME)) == (image("v2"), "v2")
    assert _versions(shop) == {image("v2")}
    (run,) = shop.runs()
    assert run["status"]["outcome"] == "Migrated"
    assert run["spec"]["migration"]["workloadRef"] == {"kind": "StatefulSet", "name": NAME}
    managers = shop.get("statefulset", NAME)["metadata"]["managedFields"]
    (ours,) = [entry["fieldsV1"]["f:spec"] for entry in managers if (entry["manager"], entry["operation"]) == APPLIED]
    assert str(ours).count("f:image") == 1, "name and image, no more"
    about = "--field-selector=involvedObject.kind=StatefulSet,reason=Released"
    told = until(lambda: str(shop.kubectl("get", "events", about)), lambda said: NAME in said, 30, "an Event about it")
    assert "ReleaseFlow shop" in told
    assert shop.columns("rflow", "shop")["TARGETS"] == f"statefulset/{NAME}"
    invariants.are_kept(shop)


def test_a_failing_migration_keeps_the_old_version(shop: Shop) -> None:
    _apply(shop)
    pods = shop.pod_uids(NAME)

    shop.flow("v3", targets=TARGETS)
    shop.stalled("MigrationFailed")

    assert (_live(shop), shop.serves(NAME), shop.pod_uids(NAME)) == (image("v1"), "v1", pods)
    shop.warned("StatefulSet", NAME, "MigrationFailed")
    invariants.are_kept(shop)


def test_a_broken_pod_blocks_the_way_back_and_the_command_in_the_message_frees_it(shop: Shop) -> None:
    _apply(shop, command=CRASHES)

    shop.flow("v2", targets=TARGETS, promotion={"progressDeadlineSeconds": 12, "onRolloutFailure": "Rollback"})
    status = shop.stalled("RolledBack")

    hint = status["failure"]["hint"]
    assert f"v2 did not come up in StatefulSet {NAME} (of 2 pods 1 are updated and 1 ready)" in hint
    [command] = re.findall(rf"kubectl (delete pod {NAME}-1) -n {shop.kubectl.namespace}", hint)
    assert _live(shop) == image("v1")
    always(
        lambda: _versions(shop), lambda versions: versions == {image("v1"), image("v2")}, 5, "the pod is not replaced"
    )

    shop.kubectl(*command.split())
    shop.kubectl("rollout", "status", f"statefulset/{NAME}", "--timeout=60s")
    assert _versions(shop) == {image("v1")}
    invariants.are_kept(shop)


def test_in_parallel_a_broken_pod_goes_back_by_itself(shop: Shop) -> None:
    _apply(shop, command=CRASHES, podManagementPolicy="Parallel")

    shop.flow("v2", targets=TARGETS, promotion={"progressDeadlineSeconds": 12, "onRolloutFailure": "Rollback"})
    status = shop.stalled("RolledBack")

    assert "delete pod" not in status["failure"]["hint"]
    until(lambda: _versions(shop), lambda versions: versions == {image("v1")}, 60, "the old version everywhere")
    invariants.are_kept(shop)


def test_one_with_on_delete_waits_for_a_person_with_the_command(shop: Shop) -> None:
    _apply(shop, updateStrategy={"type": "OnDelete"})

    shop.flow("v2", targets=TARGETS, promotion={"progressDeadlineSeconds": 5})
    ready = shop.waits("TargetPaused")

    [command] = re.findall(r"kubectl (get pods .*)$", ready["message"])
    shown = str(shop.kubectl(*command.split()))
    assert f"{NAME}-0" in shown
    assert f"{NAME}-1" in shown
    always(lambda: _versions(shop), lambda versions: versions == {image("v1")}, 7, "nothing moves, and nothing fails")

    for pod in (f"{NAME}-1", f"{NAME}-0"):
        shop.kubectl("delete", "pod", pod)
        until(lambda: shop.get("statefulset", NAME)["status"], _is_ready, 60, "both pods")
    shop.ready()
    assert _versions(shop) == {image("v2")}
    invariants.are_kept(shop)


def test_a_partition_waits_for_a_person_and_the_command_takes_it_away(shop: Shop) -> None:
    _apply(shop, updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 1}})

    shop.flow("v2", targets=TARGETS, promotion={"progressDeadlineSeconds": 20})
    ready = shop.waits("TargetPaused")

    assert _versions(shop) == {image("v1"), image("v2")}
    paused = "TargetPaused"
    always(lambda: shop.condition("rflow", "shop")["reason"], lambda is_: is_ == paused, 22, "no time is counted")
    _, _, command = ready["message"].partition("Go on: kubectl ")
    shop.kubectl(*shlex.split(command))
    shop.ready()
    assert _versions(shop) == {image("v2")}
    invariants.are_kept(shop)


def _apply(shop: Shop, command: list[str] | None = None, **spec: object) -> None:
    """Apply a StatefulSet of the shop's first version, and wait for its two pods."""
    container: Raw = {} if command is None else {"command": command}
    pods = deployment(NAME, "v1", **container)["spec"]
    body = {"replicas": 2, "serviceName": NAME, "selector": pods["selector"], "template": pods["template"]}
    shop.apply("apps/v1", "StatefulSet", NAME, spec={**body, **spec})
    until(lambda: shop.get("statefulset", NAME).get("status", {}), _is_ready, 90, "both pods")


def _is_ready(status: Raw) -> bool:
    return status.get("availableReplicas") == status.get("replicas") == 2


def _live(shop: Shop) -> str:
    return str(shop.get("statefulset", NAME)["spec"]["template"]["spec"]["containers"][0]["image"])


def _versions(shop: Shop) -> set[str]:
    return {pod["spec"]["containers"][0]["image"] for pod in shop.all("pods", f"app={NAME}")}
