"""What people change in a workload, each as one function of its manifest."""

from collections.abc import Callable
from typing import Any

from releaseflow.api.v1alpha1.metadata import GATE_LABEL, HELD
from tests.unit.chart.gate.deployments import LATER, SIDECAR
from tests.unit.chart.rendering import Manifest

Change = Callable[[Manifest], Any]


def _template(manifest: Manifest) -> Any:
    spec = manifest["spec"]
    return spec["jobTemplate"]["spec"]["template"] if "jobTemplate" in spec else spec["template"]


def _pods(manifest: Manifest) -> Any:
    return _template(manifest)["spec"]


def image(manifest: Manifest) -> None:
    _pods(manifest)["containers"][0]["image"] = LATER


def image_with_its_environment(manifest: Manifest) -> None:
    image(manifest)
    env(manifest)


def image_of_the_init_container(manifest: Manifest) -> None:
    _pods(manifest)["initContainers"][0]["image"] = LATER


def image_of_another_container(manifest: Manifest) -> None:
    _pods(manifest)["containers"][1]["image"] = "ghcr.io/acme/log:2"


def another_container(manifest: Manifest) -> None:
    _pods(manifest)["containers"].append({"name": "more", "image": SIDECAR})


def another_init_container(manifest: Manifest) -> None:
    _pods(manifest)["initContainers"].append({"name": "more", "image": SIDECAR})


def name_of_a_container(manifest: Manifest) -> None:
    _pods(manifest)["containers"][1]["name"] = "logs"


def container_left_out(manifest: Manifest) -> None:
    del _pods(manifest)["containers"][1]


def init_container_made_a_container(manifest: Manifest) -> None:
    first = _pods(manifest)["initContainers"].pop()
    _pods(manifest)["containers"].insert(0, {"name": first["name"], "image": first["image"]})


def env(manifest: Manifest) -> None:
    _pods(manifest)["containers"][0]["env"] = [{"name": "MODE", "value": "b"}]


def label(manifest: Manifest) -> None:
    manifest["metadata"]["labels"]["example.test/team"] = "a"


def another_flow(manifest: Manifest) -> None:
    manifest["metadata"]["labels"][GATE_LABEL] = "other"


def annotation(manifest: Manifest) -> None:
    manifest["metadata"].setdefault("annotations", {})["example.test/note"] = "a"


def restart(manifest: Manifest) -> None:
    _template(manifest)["metadata"].setdefault("annotations", {})["example.test/restartedAt"] = "now"


def replicas(manifest: Manifest) -> None:
    manifest["spec"]["replicas"] = 1


def pace(manifest: Manifest) -> None:
    manifest["spec"]["minReadySeconds"] = 3


def pause_taken_away(manifest: Manifest) -> None:
    manifest["spec"]["paused"] = False


def mark_taken_away(manifest: Manifest) -> None:
    manifest["metadata"].setdefault("annotations", {}).pop(HELD, None)


def label_taken_away(manifest: Manifest) -> None:
    del manifest["metadata"]["labels"][GATE_LABEL]


def both_taken_away(manifest: Manifest) -> None:
    pause_taken_away(manifest)
    mark_taken_away(manifest)


NEW_IMAGES: tuple[Change, ...] = (
    image,
    image_with_its_environment,
    image_of_the_init_container,
    image_of_another_container,
    another_container,
    another_init_container,
    name_of_a_container,
    container_left_out,
    init_container_made_a_container,
)
SAME_IMAGES: tuple[Change, ...] = (env, label, another_flow, annotation, restart, replicas, pace)
