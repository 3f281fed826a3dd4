"""The objects that the chart installs for gate mode, and whether the API server abides by them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from releaseflow.api.v1alpha1.metadata import HELD
from tests.unit.chart.gate.api import MERGE_PATCH, OPERATOR, Answer, Api
from tests.unit.chart.gate.deployments import is_held, manifest
from tests.unit.chart.rendering import Chart, Manifest, Values

NAME = "releaseflow-gate"
KINDS = (
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
)
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Policies:
    """The policies, in the namespace in which it is seen whether they hold."""

    api: Api
    objects: list[Manifest]

    @classmethod
    def of(cls, chart: Chart, api: Api, values: Values) -> Self:
        """Render them."""
        objects = chart.objects({**values, "gate": {"policy": "Always"}}).of_kind(*KINDS)
        return cls(api, [one for one in objects if one["metadata"]["name"].startswith(NAME)])

    def install(self) -> None:
        """Write them, and wait until all hold: the API server takes in each by itself, some moments later."""
        document = {"apiVersion": "v1", "kind": "List", "items": self.objects}
        answer = self.api.type("apply", "--validate=strict", "-f", "-", document=document)
        assert answer.taken, answer.message
        by_hand: dict[str, Any] = manifest("probe")
        by_hand["metadata"]["annotations"] = {HELD: "true"}
        by_hand["spec"]["paused"] = True
        answer = self.api.create(by_hand, OPERATOR)
        assert answer.taken, answer.message
        eventually(lambda: not self.resumed("probe").taken)
        eventually(self.hold_new_images)
        eventually(self.refuse_pods)
        self.api.call("DELETE", f"{self.api.path}/probe")

    def remove(self, kind: str) -> None:
        """Take one of them away."""
        answer = self.api.type("delete", kind, NAME)
        assert answer.taken, answer.message

    def hold_new_images(self) -> bool:
        """Whether a new Deployment would be held."""
        answer = self.probed()
        return answer.taken and is_held(answer.said)

    def refuse_pods(self) -> bool:
        """Whether a pod of a template that is held would be refused."""
        pod = {
            "metadata": {"name": "probe", "labels": {HELD: "true"}},
            "spec": {"containers": [{"name": "a", "image": "a"}]},
        }
        return not self.api.call("POST", f"/api/v1/namespaces/{self.api.namespace}/pods?dryRun=All", pod).taken

    def probed(self) -> Answer:
        """Return what would come of a new Deployment."""
        return self.api.create(manifest("another-probe"), dry_run=True)

    def resumed(self, name: str) -> Answer:
        """Return what would come of un-pausing one."""
        path = f"{self.api.path}/{name}?dryRun=All"
        return self.api.call("PATCH", path, {"spec": {"paused": False}}, MERGE_PATCH)


def eventually(is_so: Callable[[], bool]) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"still not so after {PATIENCE_SECONDS:.0f} s"
        time.sleep(POLL_SECONDS)
