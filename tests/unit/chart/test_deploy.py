"""deploy/: the chart with its default values, for kubectl alone."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.unit.chart.rendering import NAMESPACE, ROOT, documents

DEPLOY = ROOT / "deploy"


@pytest.mark.parametrize("file", ["operator.yaml", "crds.yaml", "gate.yaml"])
def test_it_is_what_the_chart_renders(file: str, helm: str, tmp_path: Path) -> None:
    subprocess.run([DEPLOY / "render.sh", tmp_path], env={**os.environ, "HELM": helm}, check=True)

    assert (DEPLOY / file).read_text() == (tmp_path / file).read_text(), "run deploy/render.sh"


def test_kustomize_takes_every_file_that_all_clusters_know() -> None:
    kustomization = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())
    files = {path.name for path in DEPLOY.glob("*.yaml")} - {"kustomization.yaml"}

    assert set(kustomization["resources"]) == files - {"gate.yaml"}
    assert [name for name in sorted(files) if "kind: MutatingAdmissionPolicy\n" in (DEPLOY / name).read_text()] == [
        "gate.yaml"
    ]


def test_everything_lives_in_the_namespace_that_it_brings() -> None:
    (namespace,) = documents((DEPLOY / "namespace.yaml").read_text())
    operator = list(documents((DEPLOY / "operator.yaml").read_text()))

    assert namespace["metadata"]["name"] == NAMESPACE
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {manifest["metadata"].get("namespace", NAMESPACE) for manifest in operator} == {NAMESPACE}
    assert len(operator) > 10


def test_without_helm_the_script_says_what_to_do(tmp_path: Path) -> None:
    command = [DEPLOY / "render.sh", tmp_path]
    environment = {**os.environ, "HELM": "no-such-helm"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "install it" in done.stderr
    assert not list(tmp_path.iterdir())
