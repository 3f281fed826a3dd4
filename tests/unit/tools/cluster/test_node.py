"""The pure pieces of the node: what it binds, what it removes, what it writes."""

import base64
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from tools.cluster.driver.errors import ClusterError
from tools.cluster.driver.node import components, leftovers, process, provider
from tools.cluster.driver.node.certificates import kubeconfig
from tools.cluster.driver.node.layout import Layout
from tools.cluster.driver.node.volumes import (
    PROVISIONED_BY,
    PROVISIONER,
    SELECTED_NODE,
    is_released,
    volume_for,
    waits_for_volume,
)


def claim(**changes: Any) -> dict[str, Any]:
    metadata = {"name": "data", "namespace": "shop", "uid": "u-1", "annotations": {SELECTED_NODE: "node"}}
    requests = {"resources": {"requests": {"storage": "1Gi"}}}
    spec = {"storageClassName": "standard", "accessModes": ["ReadWriteOnce"], **requests}
    return {"metadata": metadata | changes.pop("metadata", {}), "spec": spec | changes}


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({}, True),
        ({"storageClassName": "tiny"}, True),
        ({"storageClassName": "absent"}, False),
        ({"volumeName": "pvc-u-1"}, False),
        ({"metadata": {"annotations": {}}}, False),
        ({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}, False),
    ],
)
def test_a_claim_is_bound_once_its_pod_has_a_node(changes: dict[str, Any], waits: bool) -> None:  # noqa: FBT001
    assert waits_for_volume(claim(**changes)) is waits


def test_a_volume_belongs_to_exactly_its_claim() -> None:
    volume = volume_for(claim())
    assert volume["spec"]["claimRef"] == {"namespace": "shop", "name": "data", "uid": "u-1"}
    assert volume["spec"]["hostPath"]["path"].endswith("/pvc-u-1")


@pytest.mark.parametrize(
    ("provisioner", "phase", "released"),
    [(PROVISIONER, "Released", True), (PROVISIONER, "Bound", False), ("other", "Released", False)],
)
def test_only_our_released_volumes_are_wiped(provisioner: str, phase: str, released: bool) -> None:  # noqa: FBT001
    volume = {"metadata": {"annotations": {PROVISIONED_BY: provisioner}}, "status": {"phase": phase}}
    assert is_released(volume) is released


def test_kubeconfig_needs_no_other_file() -> None:
    text = kubeconfig(server="https://127.0.0.1:1", user="admin", authority=b"ca", certificate=b"crt", key=b"key")
    document = json.loads(text)
    assert document["current-context"] == "releaseflow"
    assert base64.b64decode(document["users"][0]["user"]["client-key-data"]) == b"key"


def test_kernel_settings_are_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setting, boot = tmp_path / "vm" / "overcommit_memory", tmp_path / leftovers.BOOT_ID
    for path, text in ((setting, "0\n"), (boot, "this boot\n")):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    monkeypatch.setattr(leftovers, "KERNEL", tmp_path)
    leftovers.save_kernel_settings(Layout(tmp_path))
    setting.write_text("1\n")
    leftovers.restore_kernel_settings(Layout(tmp_path))
    assert setting.read_text() == "0"
    setting.write_text("2\n")
    boot.write_text("another boot\n")
    leftovers.restore_kernel_settings(Layout(tmp_path))
    assert setting.read_text() == "2\n"


def test_pods_of_another_kubelet_are_neither_joined_nor_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = tmp_path / "memory" / "kubepods" / "pod-1"
    group.mkdir(parents=True)
    (group / "cgroup.procs").write_text("4711\n")
    (group.parent / "cgroup.procs").write_text("")
    monkeypatch.setattr(leftovers, "CONTROL_GROUPS", tmp_path)
    with pytest.raises(
        ClusterError, match=r"another kubelet runs pods on this machine .*RELEASEFLOW_CLUSTER=context:NAME"
    ):
        leftovers.refuse_other_kubelet()
    leftovers.remove_pod_groups()
    assert group.is_dir()


def test_two_nodes_never_run_on_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MACHINE_LOCK", f"\0releaseflow-test-{os.getpid()}")
    with process.take_machine_lock(), pytest.raises(ClusterError, match=r"another node already runs on this machine"):
        process.take_machine_lock()
    process.take_machine_lock().close()


def test_a_port_that_is_taken_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(process, "API_PORT", other.getsockname()[1])
        with process.open_listener() as listener:
            assert listener.getsockname()[1] != other.getsockname()[1]


def test_a_cache_that_the_node_would_hide_from_itself_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/lib/ci/cache")
    with pytest.raises(ClusterError, match=r"set XDG_CACHE_HOME to a folder elsewhere"):
        provider.refuse_covered_folders()


def test_this_process_is_not_taken_for_a_node(tmp_path: Path) -> None:
    assert process.find(Layout(tmp_path)) is None


def test_every_program_of_our_own_is_a_module_that_there_is() -> None:
    layout = Layout(Path("/node"))
    commands = [components.volumes(layout), components.policies(layout), components.port_forward(3)]
    modules = [command[command.index("-m") + 1] for command in commands] + [process.SUPERVISOR]
    folder = Path(process.__file__).parents[2]
    assert [module for module in modules if not (folder / f"{module.replace('.', '/')}.py").is_file()] == []
