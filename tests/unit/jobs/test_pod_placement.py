"""What the pod of a step may take, where it runs, and as which user."""

from dataclasses import replace
from typing import Any

import pytest

from releaseflow.api.schema.base import to_dict
from releaseflow.api.v1alpha1.jobs import Jobs
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.jobs.job import job, template_hash
from tests.unit.jobs.test_steps import POD, SPEC, WEB, env, facts, pod


@pytest.mark.parametrize(("given", "found"), [
    ({}, WEB["resources"]),
    ({"requests": {"cpu": "4"}}, {"requests": {"cpu": "4"}, "limits": {"memory": "1Gi"}}),
    ({"limits": {"cpu": "4"}}, {"limits": {"cpu": "4", "memory": "1Gi"}}),
    ({"requests": {"memory": "2Gi"}}, {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"cpu": "2"}}),
    (
        {"limits": {"memory": "2Gi", "ephemeral-storage": "1Gi"}},
        {"requests": {"cpu": "1"}, "limits": {"cpu": "2", "memory": "2Gi", "ephemeral-storage": "1Gi"}},
    ),
])  # fmt: skip
def test_what_is_given_of_a_resource_takes_the_place_of_its_request_and_its_limit(
    given: dict[str, Any], found: dict[str, Any]
) -> None:
    [migrate] = pod(facts(StepType.MIGRATE, migration={"tool": "Django", "resources": given}))["initContainers"]
    assert migrate["resources"] == found


def prefers(spec: dict[str, Any]) -> list[Any]:
    found: list[Any] = spec["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    return found


def test_the_migration_prefers_the_node_where_the_check_ran_beside_what_the_workload_prefers() -> None:
    theirs = {"weight": 1, "preference": {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}}
    required = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "Exists"}]}]}
    nodes = {
        "requiredDuringSchedulingIgnoredDuringExecution": required,
        "preferredDuringSchedulingIgnoredDuringExecution": [theirs],
    }
    inputs = facts(StepType.MIGRATE, pod={**POD, "affinity": {"nodeAffinity": nodes}})
    spec = pod(replace(inputs, preferred_node="node-7"))

    mine = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-7"]}]}
    assert prefers(spec) == [theirs, {"weight": 100, "preference": mine}]
    assert spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] == required
    assert prefers(pod(inputs)) == [theirs]


def test_the_node_of_the_check_is_no_part_of_what_a_job_is_recorded_as() -> None:
    inputs = facts(StepType.MIGRATE)
    assert template_hash(replace(inputs, preferred_node="node-7")) == template_hash(inputs)
    assert len(prefers(pod(replace(inputs, preferred_node="node-7")))) == 1


def test_the_client_has_a_limit_of_memory_and_none_of_the_cpu() -> None:
    [backup] = pod(facts(StepType.BACKUP))["containers"]
    assert backup["resources"] == {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}}


@pytest.mark.parametrize("context", [
    {}, {"runAsUser": 0}, {"runAsNonRoot": False}, {"runAsNonRoot": True}, {"runAsUser": 1000},
])  # fmt: skip
def test_the_application_runs_as_the_user_that_the_workload_runs_as(context: dict[str, Any]) -> None:
    workload = {**POD, "containers": [{**WEB, "securityContext": context}], "securityContext": context}
    spec = pod(facts(StepType.CHECK, pod=workload))
    [check] = spec["containers"]
    for found in (check["securityContext"], spec["securityContext"]):
        assert {key: value for key, value in found.items() if key.startswith("runAs")} == context


def test_what_is_set_for_the_client_holds_in_the_backup_and_in_the_report() -> None:
    given = {
        "image": "pg:17",
        "resources": {"limits": {"memory": "8Mi"}},
        "env": [{"name": "PGOPTIONS", "value": "-c work_mem=1"}],
    }
    database = {**SPEC["database"], "client": {**given, "serviceAccountName": "backups"}}
    migration, backup = (pod(facts(step, database=database)) for step in (StepType.MIGRATE, StepType.BACKUP))
    for container in (*migration["containers"], *backup["containers"]):
        assert container["image"] == "pg:17"
        assert "PGOPTIONS" in env(container)
        assert container["resources"]["limits"] == {"memory": "8Mi"}
    assert (migration["serviceAccountName"], backup["serviceAccountName"]) == ("shop", "backups")
    assert "PGOPTIONS" not in env(migration["initContainers"][0]), "the application is not the client"


def test_a_pod_goes_where_the_workload_may_go_and_is_not_spread_as_its_replicas_are() -> None:
    terms: list[Any] = [{"matchExpressions": []}]
    nodes = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    apart = {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "kubernetes.io/hostname"}]}
    classes = {"priorityClassName": "high", "runtimeClassName": "gvisor", "schedulerName": "mine"}
    workload = {**POD, **classes, "affinity": {"nodeAffinity": nodes, "podAntiAffinity": apart}}
    spec = pod(facts(StepType.MIGRATE, pod=workload))
    assert spec["affinity"] == {"nodeAffinity": nodes}
    assert {key: spec[key] for key in classes} == classes


def test_image_folder_and_user_of_check_and_migration_are_those_that_are_given() -> None:
    given = {"tool": "Django", "image": "acme/migrator:$(TAG)", "workingDir": "/db", "runAsUser": 0}
    check, migrate = (pod(facts(step, migration=given)) for step in (StepType.CHECK, StepType.MIGRATE))
    for container in (*check["containers"], *migrate["initContainers"]):
        assert (container["image"], container["workingDir"]) == ("acme/migrator:2", "/db")
        assert container["securityContext"]["runAsUser"] == 0
    [report] = migrate["containers"]
    assert (report["image"], report["securityContext"]["runAsUser"]) == ("postgres:18", 65532)


@pytest.mark.parametrize("step", StepType)
def test_what_a_user_gives_to_all_pods_is_on_each_and_ours_wins(step: StepType) -> None:
    jobs = {
        "podAnnotations": {"sidecar.istio.io/inject": "false"},
        "podLabels": {"db-client": "yes", "releaseflow.dev/step": "Other"},
        "priorityClassName": "low",
    }
    workload = {**POD, "priorityClassName": "high"}
    manifest = job(facts(step, pod=workload, jobs=jobs), "h")
    template = manifest["spec"]["template"]
    assert template["metadata"]["annotations"] == {"sidecar.istio.io/inject": "false"}
    assert template["metadata"]["labels"].items() >= {"db-client": "yes", "releaseflow.dev/step": step.value}.items()
    assert "db-client" not in manifest["metadata"]["labels"], "they are the pods' alone"
    assert template["spec"]["priorityClassName"] == "low"


def test_maps_are_read_back_as_they_are_written() -> None:
    given = {"podAnnotations": {"a": "b"}, "podLabels": {"c": "d"}}
    jobs = Jobs.model_validate(given)
    assert Jobs.model_validate(to_dict(jobs)) == jobs
    assert to_dict(jobs).items() >= given.items()
    assert hash(jobs) == hash(Jobs.model_validate(given))
