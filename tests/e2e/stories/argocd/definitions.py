"""Argo CD's definitions, which all its installations in a cluster share, and what stopped stories left of them.

Definitions that were there before the stories stay as they are, and so does every application outside of the stories'
namespaces. Those of a story have finalizers that only a running Argo CD would remove. To clean up behind a run that was
stopped, as `make` does: python -m tests.e2e.stories.argocd.definitions
"""

import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.installation import until_established

STORY = "releaseflow.dev/story"
PART = "app.kubernetes.io/part-of=argocd"
PREFIX = "argocd-"
"""What the name of a namespace with an Argo CD of a story begins with."""


def install(cluster: Kubectl, manifests: Path) -> None:
    """Apply the definitions with the label of the stories, where the cluster has none."""
    clean_up(cluster)
    if _names(cluster, "crds", PART):
        return
    items = list(yaml.safe_load_all(cluster("kustomize", str(manifests / "crds"))))
    for item in items:
        item["metadata"]["labels"][STORY] = "true"
    document = {"apiVersion": "v1", "kind": "List", "items": items}
    cluster("apply", "--server-side", "--filename=-", document=document)
    until_established(cluster, "crds", f"--selector={PART}")
    cluster.forget()


def clean_up(cluster: Kubectl) -> None:
    """Remove all installations of stories, and the definitions."""
    names = _names(cluster, "namespaces", f"{STORY}=true")
    remove(cluster, [name for name in names if name.startswith(PREFIX)])


def remove(cluster: Kubectl, namespaces: list[str]) -> None:
    """Delete installations with their applications; then the stories' definitions, if no other object needs them."""
    kinds = _names(cluster, "crds", PART)
    for namespace in namespaces:
        for kind in kinds:
            _delete_all(cluster.within(namespace), kind)
        cluster("delete", "namespace", namespace, "--wait=false", "--ignore-not-found")
    ours = _names(cluster, "crds", f"{PART},{STORY}=true")
    if ours and not {where for kind in kinds for where in _where(cluster, kind)} - set(namespaces):
        cluster("delete", "crds", *ours, "--timeout=50s")


def _delete_all(kubectl: Kubectl, kind: str) -> None:
    """Delete all objects of a kind in a namespace at once: its controllers have ended."""
    for name in str(kubectl("get", kind, "--output=name")).split():
        kubectl("patch", name, "--type=merge", '--patch={"metadata":{"finalizers":null}}')
    kubectl("delete", kind, "--all", "--timeout=30s")


def a_namespace(cluster: Kubectl) -> Kubectl:
    """Create a namespace for an installation; returns kubectl in it."""
    kubectl = cluster.within(f"{PREFIX}{uuid.uuid4().hex[:8]}")
    kubectl("create", "namespace", kubectl.namespace)
    kubectl("label", "namespace", kubectl.namespace, f"{STORY}=true")
    return kubectl


def _names(cluster: Kubectl, kind: str, selector: str) -> list[str]:
    found: dict[str, Any] = cluster("get", kind, f"--selector={selector}", "--output=json")
    return [item["metadata"]["name"] for item in found["items"]]


def _where(cluster: Kubectl, kind: str) -> set[str]:
    """Return the namespaces that have objects of a kind."""
    found: dict[str, Any] = cluster("get", kind, "--all-namespaces", "--output=json")
    return {item["metadata"]["namespace"] for item in found["items"]}


def main() -> None:
    """Clean up in the cluster that KUBECONFIG names."""
    binary = shutil.which("kubectl")
    assert binary, "kubectl was not found"
    with tempfile.TemporaryDirectory() as cache:
        clean_up(Kubectl(binary, Path(cache)))


if __name__ == "__main__":
    main()
