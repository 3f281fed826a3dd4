"""CronJobs, Rollouts and StatefulSets of a flow in gate mode, and what is to be seen of them on the API server."""

import itertools
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from releaseflow.api.v1alpha1.metadata import HELD
from releaseflow.workloads.registry import WORKLOADS
from tests.unit.chart.gate.api import APPLY, Api
from tests.unit.chart.gate.deployments import NEXT, SERVING, Deployment
from tests.unit.chart.gate.deployments import manifest as of_a_deployment
from tests.unit.chart.rendering import Manifest

ABOVE_ALL = 2_147_483_647
_numbers = itertools.count()


@dataclass(frozen=True)
class Kind:
    """A kind of workload, as the tests make it."""

    name: str
    resource: str
    suspended: dict[str, Any]
    """What its owner has set, which is to be so again after a release."""
    noted: str
    """The mark of one that its owner has set so."""

    def manifest(self, name: str, image: str = SERVING, **spec: Any) -> Manifest:
        """Return what is in Git: nothing of a pause, and no annotation."""
        found = of_a_deployment(name, image)
        pods = found["spec"]["template"]
        selector = found["spec"]["selector"]
        if self.name == "CronJob":
            pods["spec"]["restartPolicy"] = "Never"
            body: dict[str, Any] = {"schedule": "0 0 29 2 *", "jobTemplate": {"spec": {"template": pods}}}
        elif self.name == "Rollout":
            body = {"replicas": 0, "selector": selector, "template": pods, "strategy": {"canary": {}}}
        else:
            body = {"replicas": 0, "selector": selector, "template": pods, "podManagementPolicy": "Parallel"}
        version = self.resource.rpartition("/")[0]
        return {**found, "apiVersion": version, "kind": self.name, "spec": {**body, **spec}}

    def is_held(self, raw: Manifest) -> bool:
        """Whether it waits for the operator."""
        workload = WORKLOADS[self.name]
        return workload.is_mark(mark(raw)) and workload.is_paused(raw)

    def is_untouched(self, raw: Manifest) -> bool:
        """Whether nothing of a hold is to be seen."""
        workload = WORKLOADS[self.name]
        return not (mark(raw) or workload.is_paused(raw) or workload.has_leftover(raw))

    def content(self, raw: Manifest) -> dict[str, Any]:
        """Return all that the tests change, but for what makes it held."""
        metadata, template = raw["metadata"], WORKLOADS[self.name].pod_template(raw)
        notes = metadata.get("annotations", {})
        labels = template["metadata"].get("labels", {})
        return {
            "labels": metadata["labels"],
            "annotations": {key: notes[key] for key in notes if key.startswith("example.test/")},
            "of pods": {key: labels[key] for key in labels if key != HELD},
            "restarts": template["metadata"].get("annotations", {}),
            **{
                group: [(c["name"], c["image"], c.get("env", [])) for c in template["spec"].get(group) or []]
                for group in ("initContainers", "containers")
            },
        }


CRONJOB = Kind("CronJob", "batch/v1/cronjobs", {"suspend": True}, "suspended")
ROLLOUT = Kind("Rollout", "argoproj.io/v1alpha1/rollouts", {}, "")
STATEFULSET = Kind(
    "StatefulSet", "apps/v1/statefulsets", {"updateStrategy": {"rollingUpdate": {"partition": 2}}}, "partition=2"
)


def mark(raw: Manifest) -> str:
    """Return what the policy noted."""
    return str(raw["metadata"].get("annotations", {}).get(HELD, ""))


def released(workload: Deployment, kind: Kind) -> None:
    """Let the operator resume it, by the patch that it sends."""
    workload.gets(
        {"metadata": {"annotations": {HELD: None}}, "spec": WORKLOADS[kind.name].resumed(mark(workload.live))}
    )


def serving(api: Api, kind: Kind, **spec: Any) -> Deployment:
    """Make one that was released: whoever syncs from Git created it, and the operator resumed it."""
    git = kind.manifest(f"{kind.name.lower()}-{next(_numbers)}", **spec)
    workload = Deployment(api, git)
    answer = api.patch(workload.name, git, APPLY)
    assert answer.taken, answer.message
    assert kind.is_held(answer.said)
    released(workload, kind)
    return workload


def held(api: Api, kind: Kind, **spec: Any) -> Deployment:
    """Make one that served, and got the next image."""
    before = serving(api, kind, **spec)
    workload = Deployment(api, kind.manifest(before.name, NEXT, **spec))
    answer = api.patch(workload.name, deepcopy(workload.git), APPLY)
    assert answer.taken, answer.message
    assert kind.is_held(answer.said)
    return workload
