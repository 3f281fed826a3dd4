"""Which pods a StatefulSet that is held makes, by its real controller: none of its newest template."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from releaseflow.api.v1alpha1.metadata import GATE_LABEL, HELD
from tests.unit.chart.gate import changes
from tests.unit.chart.gate.api import MERGE_PATCH, Api
from tests.unit.chart.gate.clients import EDITORS, made
from tests.unit.chart.gate.deployments import NEXT, SERVING, Deployment
from tests.unit.chart.gate.kinds import STATEFULSET, released, serving
from tests.unit.chart.gate.policies import eventually
from tests.unit.chart.rendering import Manifest

ON_DELETE: dict[str, Any] = {"updateStrategy": {"type": "OnDelete"}}
CANNOT = "cannot be held for ReleaseFlow shop: with updateStrategy OnDelete each pod that ends comes back with the new"
STEADY_SECONDS = 2.0


@pytest.fixture
def sets(api: Api) -> Api:
    return api.of(STATEFULSET.resource)


def pods(workload: Deployment) -> dict[str, str]:
    """Return the images of its pods by their ordinals."""
    path = f"/api/v1/namespaces/{workload.api.namespace}/pods?labelSelector=app%3D{workload.name}"
    found = workload.api.call("GET", path).said["items"]
    return {pod["metadata"]["name"].rpartition("-")[2]: pod["spec"]["containers"][0]["image"] for pod in found}


def become(workload: Deployment, wanted: dict[str, str]) -> None:
    """Wait until its pods are these, and stay so."""
    eventually(lambda: pods(workload) == wanted)
    time.sleep(STEADY_SECONDS)
    assert pods(workload) == wanted


def up(sets: Api, replicas: int) -> Deployment:
    """Make one whose pods are up, as a kubelet would say: their template becomes the current one then."""
    workload = serving(sets, STATEFULSET, replicas=replicas)
    eventually(lambda: len(pods(workload)) == replicas)
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    for ordinal in pods(workload):
        path = f"/api/v1/namespaces/{sets.namespace}/pods/{workload.name}-{ordinal}/status"
        assert sets.call("PATCH", path, {"status": status}, MERGE_PATCH).taken
    eventually(lambda: is_current(workload.live["status"]))
    return workload


def is_current(status: dict[str, Any]) -> bool:
    return bool(status.get("currentRevision", "") == status.get("updateRevision"))


def held(sets: Api, replicas: int = 0) -> Deployment:
    """Make one that is up, and got the next image."""
    workload = up(sets, replicas)
    assert made(EDITORS[0], workload, to_next).taken
    assert STATEFULSET.is_held(workload.live)
    return workload


def to_next(manifest: Manifest) -> None:
    for container in manifest["spec"]["template"]["spec"]["containers"][:1]:
        container["image"] = NEXT


def scale(workload: Deployment, replicas: int) -> None:
    """Scale as an autoscaler does, past the policies: they see nothing of it."""
    path = f"{workload.api.path}/{workload.name}/scale"
    answer = workload.api.call("PATCH", path, {"spec": {"replicas": replicas}}, MERGE_PATCH)
    assert answer.taken, answer.message


def end(workload: Deployment, ordinal: str) -> None:
    """Delete a pod, as an eviction does."""
    path = f"/api/v1/namespaces/{workload.api.namespace}/pods/{workload.name}-{ordinal}"
    answer = workload.api.call("DELETE", path)
    assert answer.taken, answer.message


def events(workload: Deployment) -> str:
    path = f"/api/v1/namespaces/{workload.api.namespace}/events?fieldSelector=involvedObject.name%3D{workload.name}"
    return " ".join(event["message"] for event in workload.api.call("GET", path).said["items"])


def test_its_pods_stay_and_come_back_and_more_are_as_they_are(sets: Api) -> None:
    workload = held(sets, replicas=2)
    become(workload, {"0": SERVING, "1": SERVING})
    end(workload, "1")
    scale(workload, 3)
    become(workload, {"0": SERVING, "1": SERVING, "2": SERVING})

    released(workload, STATEFULSET)
    eventually(lambda: NEXT in pods(workload).values())


def test_none_comes_back_after_it_was_scaled_to_nothing(sets: Api) -> None:
    """With a partition alone the new template would be the current one then."""
    workload = held(sets, replicas=2)
    scale(workload, 0)
    become(workload, {})
    scale(workload, 2)
    become(workload, {})
    assert "the template of this pod is held by its ReleaseFlow until its migration is done" in events(workload)

    released(workload, STATEFULSET)
    become(workload, {"0": NEXT, "1": NEXT})


def test_a_first_install_has_no_pod_before_its_release(sets: Api) -> None:
    git = STATEFULSET.manifest("first-install", replicas=2)
    assert sets.create(git).taken
    workload = Deployment(sets, git)
    become(workload, {})
    eventually(lambda: "is held by its ReleaseFlow" in events(workload))

    released(workload, STATEFULSET)
    become(workload, {"0": SERVING, "1": SERVING})


def test_on_delete_cannot_be_held_and_says_so(sets: Api) -> None:
    assert CANNOT in sets.create(STATEFULSET.manifest("on-delete", **ON_DELETE)).message

    free: Manifest = STATEFULSET.manifest("on-delete", **ON_DELETE)
    del free["metadata"]["labels"]
    assert sets.create(free).taken
    assert CANNOT in sets.patch("on-delete", {"metadata": {"labels": {GATE_LABEL: "shop"}}}).message

    to_on_delete: dict[str, Any] = {"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": None}}}
    waits, serves = held(sets), serving(sets, STATEFULSET)
    assert CANNOT in sets.patch(waits.name, to_on_delete).message
    assert STATEFULSET.is_held(waits.live)
    assert sets.patch(serves.name, to_on_delete).taken
    for client in EDITORS:
        assert CANNOT in made(client, serves, changes.image).message


@pytest.mark.parametrize("change", [changes.env, changes.annotation], ids=lambda change: change.__name__)
def test_a_template_that_was_held_once_loses_its_label_when_it_comes_back(
    sets: Api, change: Callable[[Manifest], Any]
) -> None:
    workload = serving(sets, STATEFULSET)

    def undone(manifest: Manifest) -> None:
        change(manifest)
        manifest["spec"]["template"]["metadata"]["labels"][HELD] = "true"

    assert made(EDITORS[0], workload, undone).taken
    assert STATEFULSET.is_untouched(workload.live)


def test_without_a_field_for_the_partition_it_is_held_all_the_same(sets: Api) -> None:
    answer = sets.create(STATEFULSET.manifest("bare", updateStrategy={"type": "RollingUpdate"}), dry_run=True)
    assert STATEFULSET.is_held(answer.said)
