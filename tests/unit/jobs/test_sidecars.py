"""Sidecars of the workload: carried along as native ones in every step, and ended by the kubelet after it."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.jobs.inputs import ContainerNotFoundError, JobInputs
from tests.unit.jobs.test_steps import POD, SPEC, WEB, facts, pod

PROXY: dict[str, Any] = {
    "name": "proxy",
    "image": "proxy:2",
    "args": ["--port=5433"],
    "env": [
        {"name": "INSTANCE", "value": "shop"},
        {"name": "CPUS", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
    ],
    "ports": [{"name": "pg", "containerPort": 5433, "hostPort": 5433}],
    "readinessProbe": {"tcpSocket": {"port": "pg"}, "periodSeconds": 1, "failureThreshold": 3, "successThreshold": 2},
    "livenessProbe": {"tcpSocket": {"port": "pg"}},
    "lifecycle": {"preStop": {"exec": {"command": ["sleep", "9"]}}},
    "resources": {"limits": {"memory": "64Mi", "example.com/gpu": "1"}},
    "securityContext": {"runAsUser": 65532, "privileged": True},
    "volumeMounts": [{"name": "key", "mountPath": "/key"}, {"name": "host", "mountPath": "/host"}],
}
WORKLOAD = {
    **POD,
    "containers": [WEB, PROXY],
    "volumes": [*POD["volumes"], {"name": "key", "secret": {"secretName": "k"}}, {"name": "host", "hostPath": {}}],
}
WITH_PROXY = {"tool": "Django", "workloadRef": {"name": "shop", "container": "web"}, "sidecars": ["proxy"]}


def beside(step: StepType, workload: dict[str, Any] = WORKLOAD, **changes: Any) -> JobInputs:
    return facts(step, pod=workload, **{"migration": WITH_PROXY, **changes})


@pytest.mark.parametrize("step", StepType)
def test_every_step_has_it_before_its_own_containers(step: StepType) -> None:
    spec = pod(beside(step))
    sidecar = spec["initContainers"][0]
    assert sidecar == {
        "name": "proxy",
        "image": "proxy:2",
        "args": ["--port=5433"],
        "env": [{"name": "INSTANCE", "value": "shop"}],
        "ports": [{"name": "pg", "containerPort": 5433}],
        "resources": {"limits": {"memory": "64Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsUser": 65532,
        },
        "volumeMounts": [{"name": "key", "mountPath": "/key"}],
        "startupProbe": {
            "tcpSocket": {"port": "pg"},
            "periodSeconds": 1,
            "failureThreshold": 30,
            "successThreshold": 1,
        },
        "restartPolicy": "Always",
    }
    assert {"name": "key", "secret": {"secretName": "k"}} in spec["volumes"]
    assert not any("restartPolicy" in container for container in (*spec["initContainers"][1:], *spec["containers"]))


def test_a_point_in_time_is_asked_for_beside_it_too() -> None:
    spec = pod(beside(StepType.BACKUP, backup={"pointInTime": {"statement": "RDS, 7 days, restore tested"}}))
    assert [container["name"] for container in spec["initContainers"]] == ["proxy"]


def test_a_migration_of_an_engine_without_a_client_has_it_too() -> None:
    database = {**SPEC["database"], "engine": "Other"}
    backup = {"none": {"acknowledge": "DataMayBeLost"}}
    spec = pod(beside(StepType.MIGRATE, database=database, backup=backup))
    assert [container["name"] for container in spec["initContainers"]] == ["proxy"]


def test_one_that_is_native_already_keeps_its_own_startup_probe() -> None:
    probe = {"httpGet": {"port": 9}, "failureThreshold": 99}
    native = {**PROXY, "restartPolicy": "Always", "startupProbe": probe}
    workload = {**WORKLOAD, "containers": [WEB], "initContainers": [{"name": "wait", "image": "x"}, native]}
    [sidecar, *_] = pod(beside(StepType.CHECK, workload))["initContainers"]
    assert sidecar["startupProbe"] == {**probe, "successThreshold": 1}
    bare = {key: PROXY[key] for key in ("name", "image")}
    [without, *_] = pod(beside(StepType.CHECK, {**WORKLOAD, "containers": [WEB, bare]}))["initContainers"]
    assert "startupProbe" not in without


def test_a_backup_beside_it_has_the_workloads_account_and_user_and_may_write_its_volume() -> None:
    workload = {**WORKLOAD, "securityContext": {"runAsNonRoot": False, "fsGroup": 2000}}
    spec = pod(beside(StepType.BACKUP, workload))
    assert spec["serviceAccountName"] == "shop"
    assert spec["automountServiceAccountToken"] is False
    assert (spec["securityContext"]["runAsNonRoot"], spec["securityContext"]["fsGroup"]) == (False, 65532)
    assert all(container["securityContext"]["runAsNonRoot"] for container in spec["containers"])


def test_a_name_that_a_container_of_the_step_has_is_changed() -> None:
    workload = {**WORKLOAD, "containers": [WEB, {**PROXY, "name": "migrate"}]}
    spec = pod(beside(StepType.MIGRATE, workload, migration={**WITH_PROXY, "sidecars": ["migrate"]}))
    assert [container["name"] for container in spec["initContainers"]] == ["migrate-sidecar", "migrate"]


def test_one_that_is_not_there_is_no_step() -> None:
    with pytest.raises(ContainerNotFoundError, match="no container other to carry along"):
        pod(beside(StepType.CHECK, migration={**WITH_PROXY, "sidecars": ["proxy", "other"]}))


def test_without_any_nothing_is_added() -> None:
    assert [
        c["name"]
        for c in pod(facts(StepType.MIGRATE, pod=WORKLOAD, migration={**WITH_PROXY, "sidecars": []}))["initContainers"]
    ] == ["migrate"]
