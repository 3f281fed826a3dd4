"""The shop's manifests fit each other, the image and the API."""

import runpy
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec
from releaseflow.destinations.persistent_volume_claim import PersistentVolumeClaim

SHOP = Path(__file__).parents[3] / "examples" / "shop"


def manifest(file: str, kind: str) -> dict[str, Any]:
    found = [item for item in yaml.safe_load_all((SHOP / file).read_text()) if item["kind"] == kind]
    assert len(found) == 1
    return dict(found[0])


def pod(file: str) -> dict[str, Any]:
    kind = "StatefulSet" if file == "worker.yaml" else "Deployment"
    return dict(manifest(file, kind)["spec"]["template"]["spec"])


def test_the_flow_releases_the_next_version_of_the_deployment_that_is_there() -> None:
    flow = ReleaseFlowSpec.model_validate(manifest("releaseflow.yaml", "ReleaseFlow")["spec"])
    running = pod("shop.yaml")["containers"][0]["image"]
    assert (running, flow.image) == ("localhost/releaseflow/shop:v1", "localhost/releaseflow/shop:v2")
    assert [target.name for target in flow.targets] == [manifest("shop.yaml", "Deployment")["metadata"]["name"]]
    assert flow.backup is not None
    claim = manifest("backups.yaml", "PersistentVolumeClaim")["metadata"]["name"]
    assert flow.backup.destination == PersistentVolumeClaim(claim_name=claim)


def test_the_worker_is_a_second_target_of_the_same_flow_with_the_same_settings() -> None:
    alone, both = (manifest(file, "ReleaseFlow") for file in ("releaseflow.yaml", "worker.yaml"))
    flow = ReleaseFlowSpec.model_validate(both["spec"])
    assert [target.kind for target in flow.targets] == ["Deployment", "StatefulSet"]
    assert flow.targets[1].name == manifest("worker.yaml", "StatefulSet")["metadata"]["name"]
    assert {**both["spec"], "targets": alone["spec"]["targets"]} == alone["spec"]
    assert pod("worker.yaml")["containers"][0]["env"] == pod("shop.yaml")["containers"][0]["env"]


def test_the_url_has_the_credentials_that_the_server_has() -> None:
    secret = manifest("postgres.yaml", "Secret")["stringData"]
    url = urlsplit(secret["url"])
    assert (unquote(url.username or ""), unquote(url.password or "")) == (secret["username"], secret["password"])
    assert url.password != secret["password"], "the password shall need encoding, as real ones do"
    assert (url.hostname, url.port) == (manifest("postgres.yaml", "Service")["metadata"]["name"], 5432)


@pytest.mark.parametrize("file", ["postgres.yaml", "shop.yaml", "worker.yaml"])
def test_the_pods_satisfy_pod_security_restricted(file: str) -> None:
    spec = pod(file)
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in spec["containers"]:
        assert container["imagePullPolicy"] == "IfNotPresent"
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_a_rolling_update_has_time_to_end_every_request() -> None:
    spec = pod("shop.yaml")
    settings = runpy.run_path(str(SHOP / "versions" / "v1" / "gunicorn.conf.py"))
    before_stop = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert before_stop >= 3
    assert before_stop + settings["graceful_timeout"] < spec["terminationGracePeriodSeconds"]
    assert settings["keepalive"] == 0
    rolling = manifest("shop.yaml", "Deployment")["spec"]["strategy"]["rollingUpdate"]
    assert rolling["maxUnavailable"] == 0


def test_the_requirements_are_pinned_and_name_no_registry() -> None:
    text = (SHOP / "requirements.txt").read_text()
    assert "://" not in text
    assert "--find-links" not in text
    pins = [line for line in text.splitlines() if line and line[0].isalpha()]
    assert pins
    assert all("==" in pin and pin.endswith("\\") for pin in pins)
