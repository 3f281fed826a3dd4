"""A Rollout of the shop, and what is to be seen of it and its pods."""

import json
from dataclasses import dataclass
from typing import Any

from tests.e2e.stories.shop import Raw, Shop, deployment, image
from tests.e2e.stories.waiting import until

NAME = "canary"
TARGETS = [{"kind": "Rollout", "name": NAME}]
GATED = {"releaseflow.dev/gate": "shop"}
ONCE = {"canary": {"maxSurge": 1, "maxUnavailable": 0}}
"""A strategy that has no steps."""


def manifest(version: str, *, gated: bool = False, container: Raw | None = None, **spec: Any) -> Raw:
    """Return a Rollout of a version of the shop, with two pods; more of its spec may be given."""
    pods = deployment(NAME, version, **(container or {}))["spec"]
    body = {"replicas": 2, "selector": pods["selector"], "template": pods["template"], "strategy": ONCE}
    metadata: Raw = {"name": NAME, **({"labels": GATED} if gated else {})}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": metadata, "spec": {**body, **spec}}


@dataclass(frozen=True)
class Canary:
    """The Rollout of a shop."""

    shop: Shop

    def apply(self, document: Raw) -> None:
        """Apply it."""
        self.shop.kubectl("apply", "--filename=-", document=document)

    def get(self) -> Raw:
        """Return it."""
        return self.shop.get("rollout", NAME)

    def phase(self) -> str:
        """Return what its controller says of its newest spec; empty where it has not seen that yet."""
        raw = self.get()
        status = raw.get("status", {})
        is_seen = status.get("observedGeneration") == str(raw["metadata"]["generation"])
        return str(status.get("phase", "")) if is_seen else ""

    def until_phase(self, phase: str, seconds: float = 90) -> None:
        """Wait for it to be in a phase."""
        until(self.phase, lambda found: found == phase, seconds, f"the Rollout is {phase}")

    def mark(self) -> str:
        """Return what admission noted on it."""
        return str(self.get()["metadata"].get("annotations", {}).get("releaseflow.dev/held", ""))

    def versions(self) -> list[str]:
        """Return the versions of the pods that are not on their way out."""
        return sorted(found.rpartition(":")[2] for found in self.shop.images(NAME))

    def live(self) -> str:
        """Return the image in its template."""
        return str(self.get()["spec"]["template"]["spec"]["containers"][0]["image"])

    def set_version(self, version: str) -> None:
        """Write a version into it, as `kubectl argo rollouts set image` does."""
        change = {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": image(version)}
        self.shop.kubectl("patch", "rollout", NAME, "--type=json", f"--patch={json.dumps([change])}")
