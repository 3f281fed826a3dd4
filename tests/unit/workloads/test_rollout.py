"""Rollouts of Argo Rollouts: how far they have come by their own status, and what to do where they do not go on."""

from typing import Any

import pytest

from releaseflow.controllers.parse_targets import target_facts
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout, RolloutSeen

ROLLOUT = WORKLOADS["Rollout"]
DONE = {
    "observedGeneration": "2",
    "phase": "Healthy",
    "replicas": 3,
    "updatedReplicas": 3,
    "availableReplicas": 3,
}
WAITS = {"phase": "Paused", "message": "CanaryPauseStep", "pauseConditions": [{"reason": "CanaryPauseStep"}]}
STEPS = [{"setWeight": 20}, {"pause": {}}, {"setWeight": 60}, {"pause": {"duration": "10m"}}]
PATCH = "kubectl patch rollout shop -n shop"
PROMOTE = f"""{PATCH} --subresource=status --type merge -p '{{"status":{{"pauseConditions":null}}}}'"""


def shop(status: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "shop", "namespace": "shop", "generation": 2},
        "spec": {"replicas": 3, "strategy": {"canary": {"steps": STEPS}}, **spec},
        "status": {**DONE, **status},
    }


def seen(status: dict[str, Any], **spec: Any) -> RolloutSeen:
    return ROLLOUT.rollout(shop(status, **spec))


@pytest.mark.parametrize(
    ("status", "spec", "expected"),
    [
        ({}, {}, RolloutSeen(Rollout.COMPLETE)),
        ({"observedGeneration": "1"}, {}, RolloutSeen(Rollout.UNOBSERVED)),
        ({"observedGeneration": ""}, {}, RolloutSeen(Rollout.UNOBSERVED)),
        ({"phase": "Progressing", "message": "more replicas"}, {}, RolloutSeen(Rollout.PROGRESSING, "more replicas")),
        ({"phase": ""}, {}, RolloutSeen(Rollout.PROGRESSING)),
        ({"phase": "Degraded", "message": "RolloutAborted"}, {}, RolloutSeen(Rollout.FAILED, "RolloutAborted")),
        ({"phase": "Degraded", "observedGeneration": "1"}, {}, RolloutSeen(Rollout.UNOBSERVED)),
        ({**WAITS, "pauseConditions": []}, {}, RolloutSeen(Rollout.PROGRESSING, "CanaryPauseStep")),
        ({}, {"paused": False}, RolloutSeen(Rollout.COMPLETE)),
    ],
)
def test_rollout(status: dict[str, Any], spec: dict[str, Any], expected: RolloutSeen) -> None:
    assert seen(status, **spec) == expected


def test_one_that_is_paused_says_how_it_goes_on() -> None:
    resume = f"""Go on: {PATCH} --type merge -p '{{"spec":{{"paused":false}}}}'"""
    assert seen({"phase": "Paused"}, paused=True) == RolloutSeen(Rollout.PAUSED, "is paused", resume)


@pytest.mark.parametrize(
    ("index", "begins"),
    [(1, "Go on: "), (3, "It goes on by itself after some time, and at once: "), (4, "Go on: ")],
)
def test_one_that_waits_at_a_step_says_whether_it_goes_on_by_itself(index: int, begins: str) -> None:
    waits = seen({**WAITS, "currentStepIndex": index})
    assert waits == RolloutSeen(Rollout.PAUSED, "waits at a step", begins + PROMOTE)


def test_its_status_does_not_show_that_its_pods_have_its_template() -> None:
    """Its image and its replicas were changed in one write, and its controller copied the status that it had."""
    stale = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), 2)
    held = shop({**stale, "phase": "Paused"}, replicas=2, paused=True)
    assert not target_facts(ROLLOUT, held).runs_template


@pytest.mark.parametrize(
    ("owner", "name", "of"),
    [
        ("ReplicaSet", "shop-7d4f", "shop"),
        ("ReplicaSet", "shop-55aa", ""),
        ("StatefulSet", "shop-7d4f", ""),
    ],
)
def test_a_pod_belongs_to_the_owner_of_its_replica_set(owner: str, name: str, of: str) -> None:
    owners = [{"kind": owner, "name": name, "controller": True}]
    labels = {"rollouts-pod-template-hash": "7d4f"}
    assert ROLLOUT.name_of_owner({"metadata": {"labels": labels, "ownerReferences": owners}}) == of


def test_every_command_is_one_that_kubectl_has_for_it() -> None:
    assert ROLLOUT.resumed("true") == {"paused": None}
    assert ROLLOUT.show_containers("team", "shop") == "kubectl get rollout shop -n team -o yaml"
    assert ROLLOUT.logs("team", "shop") == "kubectl logs -n team -l rollouts-pod-template-hash --prefix"
    assert ROLLOUT.follow("team", "shop") == "kubectl get rollout shop -n team --watch"
    assert ROLLOUT.set_images("team", "shop", "web=a:1") == "kubectl argo rollouts set image shop -n team web=a:1"
