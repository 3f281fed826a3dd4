"""A Deployment of a flow in gate mode, in the two states that count, and what is to be seen of it."""

import itertools
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from releaseflow.api.v1alpha1.metadata import GATE_LABEL, HELD
from tests.unit.chart.gate.api import APPLY, OPERATOR, Api
from tests.unit.chart.rendering import Manifest

SERVING, NEXT, LATER = "ghcr.io/acme/shop:1", "ghcr.io/acme/shop:2", "ghcr.io/acme/shop:3"
SIDECAR = "ghcr.io/acme/log:1"
RELEASED = {"spec": {"paused": False}, "metadata": {"annotations": {HELD: None}}}
_numbers = itertools.count()


def manifest(name: str, image: str = SERVING) -> Manifest:
    """Return what is in Git: nothing of a pause, and no annotation."""
    env = [{"name": "MODE", "value": "a"}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": {GATE_LABEL: "shop"}},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {
                    "initContainers": [{"name": "prepare", "image": image}],
                    "containers": [{"name": "web", "image": image, "env": env}, {"name": "log", "image": SIDECAR}],
                },
            },
        },
    }


def is_held(deployment: Manifest) -> bool:
    """Whether it waits for the operator."""
    return bool(deployment["spec"].get("paused") and deployment["metadata"].get("annotations", {}).get(HELD) == "true")


def is_untouched(deployment: Manifest) -> bool:
    """Whether nothing of a hold is to be seen."""
    return not deployment["spec"].get("paused") and HELD not in deployment["metadata"].get("annotations", {})


def content(deployment: Manifest) -> dict[str, Any]:
    """Return all that the tests change, but for what makes a Deployment held."""
    metadata, spec = deployment["metadata"], deployment["spec"]
    pods = spec["template"]["spec"]
    annotations = metadata.get("annotations", {})
    return {
        "labels": metadata["labels"],
        "annotations": {key: annotations[key] for key in annotations if key.startswith("example.test/")},
        "replicas": spec["replicas"],
        "pace": spec.get("minReadySeconds", 0),
        "template": spec["template"]["metadata"],
        **{
            kind: [(c["name"], c["image"], c.get("env", [])) for c in pods.get(kind) or []]
            for kind in ("initContainers", "containers")
        },
    }


@dataclass(frozen=True)
class Deployment:
    """One Deployment of the API server.

    Attributes:
        api: Where it is.
        git: What is in Git now, and was applied last.
    """

    api: Api
    git: Manifest

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.git["metadata"]["name"])

    @property
    def live(self) -> Manifest:
        """The object as it is."""
        return self.api.read(self.name)

    def gets(self, body: Manifest) -> None:
        """Let the operator change it."""
        answer = self.api.patch(self.name, body, user=OPERATOR)
        assert answer.taken, answer.message


def serving(api: Api) -> Deployment:
    """Make one that was released: whoever syncs from Git created it, and the operator un-paused it."""
    git = manifest(f"shop-{next(_numbers)}")
    deployment = Deployment(api, git)
    answer = api.patch(deployment.name, git, APPLY)
    assert answer.taken, answer.message
    assert is_held(answer.said)
    deployment.gets(RELEASED)
    assert is_untouched(deployment.live)
    return deployment


def held(api: Api) -> Deployment:
    """Make one that served, and got the next image."""
    before = serving(api)
    deployment = Deployment(api, manifest(before.name, NEXT))
    answer = api.patch(deployment.name, deepcopy(deployment.git), APPLY)
    assert answer.taken, answer.message
    assert is_held(answer.said)
    return deployment
