"""StatefulSets: how far they have come, and what to do where they do not go on."""

from typing import Any

import pytest

from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout, RolloutSeen

DONE = {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3, "readyReplicas": 3}
ON_DELETE = {"updateStrategy": {"type": "OnDelete"}}
REVISIONS = {"currentRevision": "db-worker-1", "updateRevision": "db-worker-2"}
PODS = "kubectl get pods -n shop -L controller-revision-hash -l app=db-worker"
DELETES = ": kubectl delete pod"


def partition(number: int) -> dict[str, Any]:
    return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": number}}}


def seen(status: dict[str, Any], **spec: Any) -> RolloutSeen:
    raw = {
        "metadata": {"name": "db-worker", "namespace": "shop", "generation": 2},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "db-worker"}}, **partition(0), **spec},
        "status": {**DONE, **REVISIONS, **status},
    }
    return WORKLOADS["StatefulSet"].rollout(raw)


@pytest.mark.parametrize(
    ("status", "spec", "rollout"),
    [
        ({}, {}, Rollout.COMPLETE),
        ({}, partition(2), Rollout.COMPLETE),
        ({}, ON_DELETE, Rollout.COMPLETE),
        ({"observedGeneration": 1}, {}, Rollout.UNOBSERVED),
        ({"observedGeneration": 1}, ON_DELETE, Rollout.UNOBSERVED),
        ({"updatedReplicas": 2}, {}, Rollout.PROGRESSING),
        ({"readyReplicas": 2, "availableReplicas": 2}, {}, Rollout.PROGRESSING),
        ({"availableReplicas": 2}, {}, Rollout.PROGRESSING),
        ({"replicas": 4}, {}, Rollout.PROGRESSING),
        ({"updatedReplicas": 1}, ON_DELETE, Rollout.PAUSED),
        ({"updatedReplicas": 0, "availableReplicas": 2}, ON_DELETE, Rollout.PAUSED),
        ({"updatedReplicas": 1, "availableReplicas": 2}, ON_DELETE, Rollout.PROGRESSING),
        ({"updatedReplicas": 0}, partition(2), Rollout.PROGRESSING),
        ({"updatedReplicas": 1, "availableReplicas": 2}, partition(2), Rollout.PROGRESSING),
        ({"updatedReplicas": 1}, partition(2), Rollout.PAUSED),
        ({"updatedReplicas": 0}, partition(7), Rollout.PAUSED),
        (dict.fromkeys(DONE, 0) | {"observedGeneration": 2}, {"replicas": 0}, Rollout.COMPLETE),
    ],
)
def test_rollout(status: dict[str, Any], spec: dict[str, Any], rollout: Rollout) -> None:
    assert seen(status, **spec).rollout is rollout


def test_on_delete_names_the_pods_that_are_to_be_deleted() -> None:
    facts = seen({"updatedReplicas": 1}, **ON_DELETE)

    assert facts.message == "replaces no pod by itself: its updateStrategy is OnDelete"
    assert facts.hint == f"Delete its old pods, one after the other: {PODS},controller-revision-hash!=db-worker-2"


def test_a_partition_is_taken_away_by_a_command() -> None:
    facts = seen({"updatedReplicas": 1}, **partition(2))

    assert facts.message == "keeps the old image in its pods below partition 2"
    patch = """--type merge -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'"""
    assert facts.hint == f"Go on: kubectl patch statefulset db-worker -n shop {patch}"


def test_pods_are_selected_as_far_as_their_labels_differ_from_others() -> None:
    facts = seen({"updatedReplicas": 1}, **ON_DELETE, selector={"matchExpressions": []})

    assert facts.hint.endswith("-L controller-revision-hash -l controller-revision-hash!=db-worker-2")
    assert seen({"updatedReplicas": 0, "availableReplicas": 0}, selector={}).hint.endswith(
        "-L controller-revision-hash"
    )


@pytest.mark.parametrize("current", ["db-worker-2", ""])
def test_no_pod_is_named_where_it_goes_back_or_begins_for_pods_that_were_never_replaced_count(current: str) -> None:
    facts = seen({"updatedReplicas": 2, "availableReplicas": 2, "currentRevision": current})

    assert facts.hint.endswith(f"Once a good one is set, delete the broken one of its pods: {PODS}")


def test_with_on_delete_no_pod_is_named_for_a_person_chose_their_order() -> None:
    facts = seen({"updatedReplicas": 1, "availableReplicas": 2}, **ON_DELETE)

    assert facts.hint.endswith(f", delete the broken one of its pods: {PODS}")


def test_pods_that_are_managed_in_parallel_block_nothing() -> None:
    facts = seen({"updatedReplicas": 1, "readyReplicas": 2}, podManagementPolicy="Parallel")

    assert (facts.rollout, facts.hint) == (Rollout.PROGRESSING, "")


@pytest.mark.parametrize(
    ("updated", "spec", "command"),
    [
        (1, {}, f"{DELETES} db-worker-2 -n shop"),
        (3, {}, f"{DELETES} db-worker-0 -n shop"),
        (2, {"ordinals": {"start": 5}}, f"{DELETES} db-worker-6 -n shop"),
        (5, {}, f"{DELETES} db-worker-0 -n shop"),
        (0, {}, f", delete the broken one of its pods: {PODS}"),
    ],
)
def test_the_pod_that_blocks_it_is_named(updated: int, spec: dict[str, Any], command: str) -> None:
    facts = seen({"updatedReplicas": updated, "readyReplicas": 2, "availableReplicas": 2}, **spec)

    assert facts.message == f"of 3 pods {updated} are updated and 2 ready"
    assert facts.hint == f"A broken pod keeps out every other image too. Once a good one is set{command}"
