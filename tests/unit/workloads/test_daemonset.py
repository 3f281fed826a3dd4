"""DaemonSets: how far they have come, and what to do where they do not go on."""

from typing import Any

import pytest

from releaseflow.controllers.parse_targets import target_facts
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout, RolloutSeen

DAEMONSET = WORKLOADS["DaemonSet"]
DONE = {
    "observedGeneration": 2,
    "desiredNumberScheduled": 3,
    "currentNumberScheduled": 3,
    "updatedNumberScheduled": 3,
    "numberAvailable": 3,
}
NO_NODES = dict.fromkeys(DONE, 0) | {"observedGeneration": 2}
ON_DELETE = {"updateStrategy": {"type": "OnDelete"}}
GENERATION = {"deprecated.daemonset.template.generation": "4"}


def agent(
    status: dict[str, Any], annotations: dict[str, str] | None = None, labels: dict[str, str] | None = None, **spec: Any
) -> dict[str, Any]:
    metadata = {"name": "agent", "namespace": "shop", "generation": 2, "annotations": annotations or {}}
    selector = {"matchLabels": {"app": "agent"} if labels is None else labels}
    return {
        "metadata": metadata,
        "spec": {"selector": selector, "updateStrategy": {"type": "RollingUpdate"}, **spec},
        "status": {**DONE, **status},
    }


def seen(status: dict[str, Any], **spec: Any) -> RolloutSeen:
    return DAEMONSET.rollout(agent(status, **spec))


@pytest.mark.parametrize(
    ("status", "spec", "rollout"),
    [
        ({}, {}, Rollout.COMPLETE),
        ({}, ON_DELETE, Rollout.COMPLETE),
        (NO_NODES, {}, Rollout.COMPLETE),
        ({"observedGeneration": 1}, {}, Rollout.UNOBSERVED),
        ({"observedGeneration": 1}, ON_DELETE, Rollout.UNOBSERVED),
        ({"updatedNumberScheduled": 2}, {}, Rollout.PROGRESSING),
        ({"updatedNumberScheduled": 0, "numberAvailable": 0}, {}, Rollout.PROGRESSING),
        ({"numberAvailable": 2}, {}, Rollout.PROGRESSING),
        ({"desiredNumberScheduled": 4}, {}, Rollout.PROGRESSING),
        ({"updatedNumberScheduled": 1}, ON_DELETE, Rollout.PAUSED),
        ({"updatedNumberScheduled": 0, "numberAvailable": 2}, ON_DELETE, Rollout.PAUSED),
        ({"updatedNumberScheduled": 1, "numberAvailable": 2}, ON_DELETE, Rollout.PROGRESSING),
    ],
)
def test_rollout(status: dict[str, Any], spec: dict[str, Any], rollout: Rollout) -> None:
    assert seen(status, **spec).rollout is rollout


def test_it_says_on_how_many_nodes_it_is() -> None:
    assert seen({"updatedNumberScheduled": 1, "numberAvailable": 2}).message == (
        "of the pods of 3 nodes 1 are updated and 2 available"
    )


@pytest.mark.parametrize(
    ("annotations", "labels", "chosen"),
    [
        (GENERATION, None, " -l app=agent,pod-template-generation!=4"),
        ({}, None, " -l app=agent"),
        ({}, {}, ""),
    ],
)
def test_on_delete_names_the_pods_that_are_to_be_deleted(
    annotations: dict[str, str], labels: dict[str, str] | None, chosen: str
) -> None:
    facts = DAEMONSET.rollout(agent({"updatedNumberScheduled": 1}, annotations, labels, **ON_DELETE))

    assert facts.message == "replaces no pod by itself: its updateStrategy is OnDelete"
    assert facts.hint == f"Delete its old pods, one node after the other: kubectl get pods -n shop -o wide{chosen}"


@pytest.mark.parametrize(
    ("status", "replicas", "runs"),
    [
        ({}, 3, True),
        (NO_NODES, 0, False),
        ({"updatedNumberScheduled": 2}, 3, False),
        ({"numberAvailable": 2}, 3, False),
    ],
)
def test_it_has_a_pod_for_each_node_and_runs_its_template_once_all_have_it(
    status: dict[str, Any], replicas: int, *, runs: bool
) -> None:
    facts = target_facts(DAEMONSET, agent(status))
    assert (facts.replicas, facts.runs_template, facts.is_alone) == (replicas, runs, False)
