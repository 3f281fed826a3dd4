"""The node image of kind, as far as it is made without an engine: what goes into it, and when it is built again."""

import configparser
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.cluster.driver import kind_image
from tools.cluster.driver.binaries import KUBERNETES_VERSION
from tools.cluster.driver.errors import ClusterError
from tools.cluster.driver.kind_image import SOURCES, containerd_settings, copy_files, node_image_key, written_files
from tools.cluster.driver.node.configuration import pod_network
from tools.cluster.driver.node.layout import PAUSE_IMAGE

UNITS = SOURCES / "files" / "etc" / "systemd" / "system"
SETTINGS = """\
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.10"
  restrict_oom_score_adj = false
"""


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine is asked for the base image."""
    monkeypatch.setenv("RELEASEFLOW_BASE_IMAGE", "mirror/debian:12")


def test_containerd_takes_the_pause_image_of_the_node_path() -> None:
    text = containerd_settings(SETTINGS)
    assert f'  sandbox_image = "{PAUSE_IMAGE}"\n' in text
    assert "  restrict_oom_score_adj = true\n" in text
    assert text.startswith(SETTINGS.splitlines()[0])


@pytest.mark.parametrize("text", [SETTINGS.replace("sandbox_image", "another"), SETTINGS + SETTINGS])
def test_settings_that_kind_writes_otherwise_are_not_passed_over(text: str) -> None:
    with pytest.raises(ClusterError, match=r"sandbox_image \d times, and not once"):
        containerd_settings(text)


def test_the_node_of_kind_says_what_the_node_path_says() -> None:
    files = written_files()
    network = json.loads(files["files/etc/cni/net.d/10-pods.conflist"])
    assert network == json.loads(json.dumps(pod_network()))
    assert files["files/kind/version"] == KUBERNETES_VERSION
    assert json.loads(files[kind_image.CLASS_MANIFEST])["metadata"]["name"] == "standard"
    note = json.loads(files[kind_image.NETWORK_MANIFEST])
    assert json.loads(note["data"]["10-pods.conflist"]) == network


def test_another_base_or_another_controller_is_another_image(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = {node_image_key(), node_image_key()}
    monkeypatch.setenv("RELEASEFLOW_BASE_IMAGE", "mirror/debian:13")
    keys.add(node_image_key())
    monkeypatch.setattr(kind_image, "CONTROLLER_SOURCES", kind_image.CONTROLLER_SOURCES[1:])
    keys.add(node_image_key())
    assert len(keys) == 3


def test_read_only_sources_become_files_that_can_be_changed(tmp_path: Path) -> None:
    source = tmp_path / "module" / "etc" / "settings"
    source.parent.mkdir(parents=True)
    source.write_text("one")
    source.chmod(0o444)
    source.parent.chmod(0o555)
    copy_files(tmp_path / "module", tmp_path / "context")
    copy = tmp_path / "context" / "etc" / "settings"
    assert copy.read_text() == "one"
    assert copy.stat().st_mode & 0o200
    assert copy.parent.stat().st_mode & 0o200


@pytest.mark.parametrize("name", ["policies", "volumes"])
def test_a_controller_has_all_that_it_imports(name: str, tmp_path: Path) -> None:
    unit = configparser.ConfigParser()
    unit.read(UNITS / f"{name}.service")
    module = f"driver.node.{name}"
    assert module in unit["Service"]["ExecStart"].split()
    for source in kind_image.CONTROLLER_SOURCES:
        kind_image.copy_file(source, tmp_path / "driver" / source.relative_to(kind_image.DRIVER))
    subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.append('.'); import {module}"], cwd=tmp_path, check=True
    )
