"""The configuration for kustomize: the real kustomize of kubectl follows images and names into a flow."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.cluster.driver.binaries import NODE, built
from tools.kustomize_fields import FILE

NEW = "ghcr.io/acme/shop:2.0.0"
KUSTOMIZATION = """
namePrefix: eu-
resources: [all.yaml]
configurations: [releaseflow-fields.yaml]
images: [{name: ghcr.io/acme/shop, newTag: 2.0.0}]
secretGenerator: [{name: shop-db, literals: [url=a]}]
configMapGenerator: [{name: shop-settings, literals: [level=debug]}]
"""
MANIFESTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {releaseflow.dev/gate: shop}}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: web, image: ghcr.io/acme/shop}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: worker, labels: {releaseflow.dev/gate: shop}}
spec:
  selector: {matchLabels: {app: worker}}
  template:
    metadata: {labels: {app: worker}}
    spec: {containers: [{name: web, image: ghcr.io/acme/shop}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: shop-backups}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: shop-migrator}
---
apiVersion: releaseflow.dev/v1alpha1
kind: ReleaseFlow
metadata: {name: shop}
spec:
  image: ghcr.io/acme/shop
  targets: [{name: shop}, {kind: StatefulSet, name: worker}]
  database: {urlSecretRef: {name: shop-db, key: url}}
  backup: {persistentVolumeClaim: {claimName: shop-backups}}
  migration:
    tool: Django
    image: ghcr.io/acme/shop
    serviceAccountName: shop-migrator
    env:
    - {name: LOG_LEVEL, valueFrom: {configMapKeyRef: {name: shop-settings, key: level}}}
  hooks:
    afterRollout: [{name: smoke, image: ghcr.io/acme/shop, command: ["true"]}]
"""


def kustomized(folder: Path, kustomization: str) -> dict[str, Any]:
    """Return what kustomize makes of the manifests, by kind."""
    shutil.copy(FILE, folder)
    (folder / "all.yaml").write_text(MANIFESTS, encoding="utf-8")
    (folder / "kustomization.yaml").write_text(kustomization, encoding="utf-8")
    command = [str(built(NODE) / "kubectl"), "kustomize", str(folder)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {manifest["kind"]: manifest for manifest in yaml.safe_load_all(text)}


@pytest.fixture
def made(integration: None, tmp_path: Path) -> dict[str, Any]:
    return kustomized(tmp_path, KUSTOMIZATION)


def test_one_tag_reaches_every_image_of_a_flow(made: dict[str, Any]) -> None:
    spec = made["ReleaseFlow"]["spec"]
    assert (spec["image"], spec["migration"]["image"], spec["hooks"]["afterRollout"][0]["image"]) == (NEW, NEW, NEW)
    assert made["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"] == NEW


def test_changed_names_are_followed_in_both_directions(made: dict[str, Any]) -> None:
    flow = made["ReleaseFlow"]
    spec = flow["spec"]
    assert [target["name"] for target in spec["targets"]] == ["eu-shop", "eu-worker"]
    assert spec["database"]["urlSecretRef"]["name"] == made["Secret"]["metadata"]["name"] != "eu-shop-db"
    assert spec["backup"]["persistentVolumeClaim"]["claimName"] == "eu-shop-backups"
    assert spec["migration"]["serviceAccountName"] == "eu-shop-migrator"
    settings = spec["migration"]["env"][0]["valueFrom"]["configMapKeyRef"]["name"]
    assert settings == made["ConfigMap"]["metadata"]["name"] != "eu-shop-settings"
    for kind in ("Deployment", "StatefulSet"):
        assert made[kind]["metadata"]["labels"]["releaseflow.dev/gate"] == flow["metadata"]["name"] == "eu-shop"


def test_without_it_a_flow_keeps_what_it_has(integration: None, tmp_path: Path) -> None:
    made = kustomized(tmp_path, KUSTOMIZATION.replace("configurations: [releaseflow-fields.yaml]", ""))
    flow = made["ReleaseFlow"]["spec"]
    assert (flow["image"], flow["targets"][0]["name"]) == ("ghcr.io/acme/shop", "shop")
