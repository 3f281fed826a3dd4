"""What a team keeps in Git: a shop's Deployment and its flow."""

from typing import Any

from tests.e2e.stories.shop import Raw, deployment, flow_spec, image

GATE = "releaseflow.dev/gate"


def flow(**spec: Any) -> Raw:
    """Return the flow."""
    given = {key: value for key, value in {**flow_spec("v1"), **spec}.items() if value is not None}
    return {
        "apiVersion": "releaseflow.dev/v1alpha1",
        "kind": "ReleaseFlow",
        "metadata": {"name": "shop"},
        "spec": given,
    }


def gate(**spec: Any) -> Raw:
    """Return a flow that names no image."""
    return flow(mode="Gate", image=None, **spec)


def gated(version: str, **environment: str) -> Raw:
    """Return a Deployment with the label, and more environment variables."""
    manifest = deployment("shop", version)
    manifest["metadata"]["labels"] = {GATE: "shop"}
    [web] = manifest["spec"]["template"]["spec"]["containers"]
    web["env"] += [{"name": name, "value": value} for name, value in environment.items()]
    return manifest


def promoting(version: str, **spec: Any) -> Raw:
    """Return a flow that names the image."""
    return flow(image=image(version), **spec)
