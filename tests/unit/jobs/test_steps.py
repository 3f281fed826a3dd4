"""What each step's Job does, and what it takes from the workload."""

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from releaseflow.api.v1alpha1.hooks import Hook
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT
from releaseflow.core.run.restore import restore_command
from releaseflow.core.run.retention import Prunable
from releaseflow.core.tools import has_check
from releaseflow.jobs.inputs import ContainerNotFoundError, JobInputs
from releaseflow.jobs.job import job, template_hash
from releaseflow.steps.places.mounted_folder import Place
from releaseflow.steps.settings import Settings
from tests.support.builders import BACKUPS

SPEC: dict[str, Any] = {
    "image": "shop:2",
    "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
    "backup": {"persistentVolumeClaim": {"claimName": "backups"}, "deadlineSeconds": 100},
    "migration": {"tool": "Django", "deadlineSeconds": 5000},
}
WEB: dict[str, Any] = {
    "name": "web",
    "image": "shop:1",
    "imagePullPolicy": "Always",
    "command": ["gunicorn"],
    "workingDir": "/srv",
    "env": [
        {"name": "DB_HOST", "value": "db"},
        {"name": "DATABASE_URL", "value": "postgres://$(DB_HOST)/old"},
        {"name": "MIRROR", "value": "$(DATABASE_URL)"},
        {"name": "DEBUG", "value": "no"},
    ],
    "envFrom": [{"secretRef": {"name": "app"}}],
    "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "2", "memory": "1Gi"}},
    "volumeMounts": [{"name": "config", "mountPath": "/etc/shop"}, {"name": "media", "mountPath": "/media"}],
    "securityContext": {"readOnlyRootFilesystem": True, "runAsUser": 1000},
}
POD: dict[str, Any] = {
    "containers": [WEB],
    "volumes": [
        {"name": "config", "configMap": {"name": "shop"}},
        {"name": "media", "persistentVolumeClaim": {"claimName": "media"}},
    ],
    "serviceAccountName": "shop",
    "imagePullSecrets": [{"name": "registry"}],
    "tolerations": [{"key": "private"}],
    "securityContext": {"fsGroup": 2000},
}


SMOKE = Hook(name="smoke", command=("bin/smoke",))


def facts(step: StepType, pod: dict[str, Any] = POD, **changes: Any) -> JobInputs:
    spec = {**SPEC, **changes}
    spec["migration"] = {"workloadRef": {"name": "shop"}, **spec["migration"]}
    return JobInputs(
        "shop", "shop-2-aa", "uid-1", "shop", "uid-0", MigrationRunSpec.model_validate(spec), step, 1, "the-job",
        {"spec": pod}, "postgres:18", "releaseflow:1", hook=SMOKE if step is StepType.HOOK else ABSENT,
    )  # fmt: skip


def pod(inputs: JobInputs) -> dict[str, Any]:
    spec: dict[str, Any] = job(inputs, "h")["spec"]["template"]["spec"]
    return spec


def env(container: dict[str, Any]) -> dict[str, Any]:
    return {v["name"]: v.get("value", v.get("valueFrom")) for v in container["env"]}


def test_the_check_runs_the_tools_own_check_with_no_wrapper_and_keeps_its_exit_code() -> None:
    spec = job(facts(StepType.CHECK), "h")["spec"]
    [check] = spec["template"]["spec"]["containers"]
    assert check["command"] == ["python", "manage.py", "migrate", "--check"]
    assert "args" not in check
    assert check["terminationMessagePolicy"] == "FallbackToLogsOnError"
    codes = {"containerName": "check", "operator": "NotIn", "values": [0]}
    assert spec["podFailurePolicy"] == {"rules": [{"action": "FailJob", "onExitCodes": codes}]}
    assert spec["ttlSecondsAfterFinished"] == 60
    assert spec["activeDeadlineSeconds"] == 600


@pytest.mark.parametrize(("migration", "command", "checks"), [
    ({"tool": "Django"}, ["python", "manage.py", "migrate", "--noinput"], True),
    ({"tool": "Django", "check": {"policy": "Never"}}, ["python", "manage.py", "migrate", "--noinput"], False),
    ({"tool": "Django", "check": {"command": ["./pending"]}}, ["python", "manage.py", "migrate", "--noinput"], True),
    ({"command": ["./up"]}, ["./up"], False),
    ({"command": ["./up"], "check": {"command": ["./pending"]}}, ["./up"], True),
    ({"args": ["up"]}, None, False),
])  # fmt: skip
def test_the_user_decides_what_runs_and_the_tool_where_he_says_nothing(
    migration: dict[str, Any], command: list[str] | None, *, checks: bool
) -> None:
    inputs = facts(StepType.MIGRATE, migration=migration)
    [migrate] = pod(inputs)["initContainers"]
    assert migrate.get("command") == command
    assert migrate.get("args") == migration.get("args")
    assert has_check(inputs.spec) is checks


def test_the_check_of_a_user_wins() -> None:
    [check] = pod(facts(StepType.CHECK, migration={"tool": "Django", "check": {"command": ["./pending"]}}))[
        "containers"
    ]
    assert check["command"] == ["./pending"]


def test_the_migration_takes_from_the_workload_what_it_needs() -> None:
    template = pod(facts(StepType.MIGRATE))
    [migrate] = template["initContainers"]
    for key in ("imagePullPolicy", "workingDir", "envFrom", "resources"):
        assert migrate[key] == WEB[key]
    assert migrate["volumeMounts"] == [{"name": "config", "mountPath": "/etc/shop"}]
    assert {"name": "config", "configMap": {"name": "shop"}} in template["volumes"]
    assert (template["serviceAccountName"], template["imagePullSecrets"]) == ("shop", [{"name": "registry"}])
    assert template["tolerations"] == [{"key": "private"}]
    assert template["securityContext"]["fsGroup"] == 2000
    assert (migrate["securityContext"]["runAsUser"], migrate["securityContext"]["readOnlyRootFilesystem"]) == (
        1000,
        True,
    )
    assert [c["name"] for c in template["containers"]] == ["report"]


def test_a_point_in_time_is_asked_for_by_one_container_that_mounts_no_backups() -> None:
    template = pod(facts(StepType.BACKUP, backup={"pointInTime": {"statement": "RDS, 7 days"}}))
    [point] = template["containers"]
    assert (point["name"], "initContainers" in template) == ("point", False)
    assert env(point)["RELEASEFLOW_DATABASE_URL"] == {"secretKeyRef": {"name": "shop-db", "key": "url"}}
    assert template["volumes"] == []


def test_a_report_on_what_a_migration_left_is_one_container_whose_sessions_have_a_name_of_their_own() -> None:
    made = job(facts(StepType.REPORT), "h")
    [state] = pod(facts(StepType.REPORT))["containers"]
    [migrate] = pod(facts(StepType.MIGRATE))["initContainers"]
    assert (state["name"], state["image"], state["command"][-1]) == ("state", "postgres:18", "state")
    assert env(migrate)["PGAPPNAME"] == "releaseflow-shop-2-aa"
    assert env(state)["PGAPPNAME"] == "releaseflow-shop-2-aa-report"
    spec = made["spec"]
    assert (spec["activeDeadlineSeconds"], spec["ttlSecondsAfterFinished"], spec.get("suspend")) == (300, 60, None)
    assert [owner["uid"] for owner in made["metadata"]["ownerReferences"]] == ["uid-1"]
    assert "finalizers" not in made["metadata"]


def test_a_variable_that_refers_to_the_url_follows_ours() -> None:
    [check] = pod(facts(StepType.CHECK))["containers"]
    names = [variable["name"] for variable in check["env"]]
    assert names.index("DATABASE_URL") < names.index("MIRROR")
    assert env(check)["DATABASE_URL"] == {"secretKeyRef": {"name": "shop-db", "key": "url"}}


def test_a_users_variable_replaces_the_inherited_one_in_its_place() -> None:
    migration = {"tool": "Django", "env": [{"name": "DB_HOST", "value": "replica"}, {"name": "NEW", "value": "1"}]}
    [check] = pod(facts(StepType.CHECK, migration=migration))["containers"]
    assert [v["name"] for v in check["env"]] == [
        "DATABASE_URL",
        "PGAPPNAME",
        "PYTHONUNBUFFERED",
        "DB_HOST",
        "MIRROR",
        "DEBUG",
        "NEW",
    ]
    assert env(check)["DB_HOST"] == "replica"


@pytest.mark.parametrize("source", [
    {"value": ""}, {"value": "1"},
    {"valueFrom": {"secretKeyRef": {"name": "shop-api", "key": "token"}}},
    {"valueFrom": {"configMapKeyRef": {"name": "shop", "key": "level"}}},
])  # fmt: skip
def test_a_users_variable_reaches_the_pod_as_it_is_written(source: dict[str, Any]) -> None:
    variable = {"name": "GIVEN", **source}
    database = {**SPEC["database"], "client": {"env": [variable]}}
    migration = pod(facts(StepType.MIGRATE, database=database, migration={"tool": "Django", "env": [variable]}))
    for container in (*migration["initContainers"], *migration["containers"]):
        assert variable in container["env"]


def test_a_shared_claim_is_mounted_and_any_other_is_not() -> None:
    shared = replace(facts(StepType.MIGRATE), shared_claims=frozenset({"media"}))
    assert {"name": "media", "mountPath": "/media"} in pod(shared)["initContainers"][0]["volumeMounts"]


def test_a_backup_is_one_container_that_dumps_proves_and_prunes() -> None:
    inputs = replace(facts(StepType.BACKUP), prunable=(Prunable("shop/old.dump", "a" * 64), Prunable("b.dump", "c")))
    template = pod(inputs)
    [backup] = template["containers"]
    assert "initContainers" not in template
    assert backup["command"] == ["python3", "-SPm", "releaseflow.steps", "backup"]
    told = {name: value for name, value in env(backup).items() if name.startswith("RELEASEFLOW_")}
    settings = Settings(told)
    assert settings.prune == (("a" * 64, "shop/old.dump"), ("c", "b.dump"))
    assert (settings.path, settings.minimum_size_bytes) == ("shop/shop-2-aa-1.dump", 1)
    assert settings.engine is import_module("releaseflow.engines.postgresql.client")
    assert settings.place == Place("/backups")
    assert template["securityContext"]["fsGroup"] == backup["securityContext"]["runAsUser"]
    assert (backup["image"], backup["imagePullPolicy"]) == ("postgres:18", "IfNotPresent")
    assert job(inputs, "h")["spec"]["activeDeadlineSeconds"] == 100


def test_the_backup_receives_its_restore_command_as_the_status_has_it_but_for_the_checksum() -> None:
    told = env(pod(facts(StepType.BACKUP))["containers"][0])["RELEASEFLOW_RESTORE"]
    access = BACKUPS.model_copy(update={"claim_name": "backups"}).access("b", read_only=True)
    recorded = restore_command("shop", access, "shop/shop-2-aa-1.dump", "c0ffee", "postgres:18", "PostgreSQL")
    assert Settings({"RELEASEFLOW_RESTORE": told}).restore("c0ffee") == recorded


OTHER = {"engine": "Other", "urlSecretRef": {"name": "shop-db", "key": "url"}}
NO_BACKUP = {"none": {"acknowledge": "DataMayBeLost"}}


def test_a_migration_of_an_engine_without_a_client_is_the_only_container_of_its_pod() -> None:
    spec = pod(facts(StepType.MIGRATE, database=OTHER, backup=NO_BACKUP))
    [migrate] = spec["containers"]
    assert (migrate["name"], migrate["image"]) == ("migrate", "shop:2")
    assert "initContainers" not in spec
    assert env(migrate)["DATABASE_URL"] == {"secretKeyRef": {"name": "shop-db", "key": "url"}}
    assert "PGAPPNAME" not in env(migrate)
    assert not [volume for volume in spec["volumes"] if volume["name"].startswith("releaseflow-")]


def test_no_job_backs_up_where_there_is_no_client() -> None:
    with pytest.raises(ValueError, match="ReleaseFlow has no client for engine Other"):
        job(facts(StepType.BACKUP, database=OTHER, backup=NO_BACKUP), "h")


def test_a_run_made_by_hand_keeps_its_backups_in_a_folder_of_its_own() -> None:
    by_hand = replace(facts(StepType.BACKUP), flow_name="", flow_uid="")
    assert by_hand.backup_path == "shop-2-aa/shop-2-aa-1.dump"
    assert "releaseflow.dev/flow-uid" not in job(by_hand, "h")["metadata"]["labels"]


def test_a_check_may_take_as_long_as_it_is_given() -> None:
    given = {"tool": "Django", "deadlineSeconds": 60, "check": {"deadlineSeconds": 900}}
    assert job(facts(StepType.CHECK, migration=given), "h")["spec"]["activeDeadlineSeconds"] == 900


@pytest.mark.parametrize(("container", "found", "message"), [
    ("web", True, ""),
    ("api", False, "Deployment shop has no container api: it has web, sidecar"),
    (None, False, r"Deployment shop has several containers \(web, sidecar\): name the one to inherit from"),
])  # fmt: skip
def test_the_container_to_inherit_from_must_be_certain(container: str | None, message: str, *, found: bool) -> None:
    workload = {**POD, "containers": [WEB, {"name": "sidecar", "image": "x"}]}
    migration = {"tool": "Django", "workloadRef": {"name": "shop", "container": container}}
    inputs = facts(StepType.MIGRATE, pod=workload, migration=migration)
    if found:
        assert job(inputs, "h")
        return
    with pytest.raises(ContainerNotFoundError, match=message):
        template_hash(inputs)


def test_the_hash_changes_with_the_template_and_not_with_the_deadline() -> None:
    hashes = [
        template_hash(facts(StepType.MIGRATE)),
        template_hash(facts(StepType.MIGRATE, migration={"tool": "Django", "deadlineSeconds": 60})),
        template_hash(facts(StepType.MIGRATE, image="shop:3")),
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_long_names_of_runs_give_different_names_of_sessions() -> None:
    names = {
        env(pod(replace(facts(StepType.CHECK), run_name=f"{'x' * 60}-{n}"))["containers"][0])["PGAPPNAME"]
        for n in range(3)
    }
    assert len(names) == 3


def test_a_run_that_goes_down_runs_the_command_to_the_recorded_version() -> None:
    down = facts(StepType.MIGRATE, migration={"tool": "Rails"}, operation="Down", down={"runName": "earlier"})
    there = replace(down, down_to="2 applied, last: 42")
    [migrate] = pod(there)["initContainers"]
    assert migrate["command"] == ["bin/rails", "db:migrate", "VERSION=42"]
    assert "args" not in migrate
    assert [container["name"] for container in pod(there)["containers"]] == ["report"]
    assert template_hash(there) != template_hash(replace(there, down_to="1 applied, last: 41"))
