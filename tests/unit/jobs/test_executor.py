"""A command that is executed in a running container: by a container of ours, under an account of the user's."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.executor.settings import settings_from
from releaseflow.jobs.inputs import JobInputs
from tests.support import builders
from tests.unit.jobs.restricted import violations
from tests.unit.jobs.test_steps import facts, pod

WAY = builders.executed(runningContainer={"workloadRef": {"name": "shop-console", "container": "app"}})
EXECUTES = {"check", "migrate"}


def executed(step: StepType, **changes: Any) -> JobInputs:
    return facts(step, **{"migration": WAY, **changes})


def ours(step: StepType, **changes: Any) -> dict[str, Any]:
    spec = pod(executed(step, **changes))
    [found] = [c for c in (*spec.get("initContainers", []), *spec["containers"]) if c["name"] in EXECUTES]
    return dict(found)


@pytest.mark.parametrize(("step", "verb"), [(StepType.CHECK, "--check"), (StepType.MIGRATE, "--noinput")])
def test_check_and_migration_are_executed_where_the_flow_says(step: StepType, verb: str) -> None:
    container = ours(step)
    settings = settings_from({v["name"]: v["value"] for v in container["env"]})
    assert (settings.namespace, settings.kind, settings.name) == ("shop", "Deployment", "shop-console")
    assert (settings.container, settings.image) == ("app", "shop:2")
    assert settings.report == container["terminationMessagePath"]
    assert container["image"] == "releaseflow:1"
    assert container["command"] == ["python3", "-Pm", "releaseflow.executor"]
    assert verb in container["args"]


def test_nothing_of_the_application_is_in_the_pod_but_where_it_may_run() -> None:
    spec = pod(executed(StepType.MIGRATE))
    assert (spec["serviceAccountName"], spec["automountServiceAccountToken"]) == ("shop-migrator", True)
    assert [c["name"] for c in (*spec["initContainers"], *spec["containers"])] == ["migrate", "report"]
    assert "volumes" not in spec
    assert spec["tolerations"] == [{"key": "private"}]
    assert [c.get("envFrom") for c in spec["initContainers"]] == [None]


@pytest.mark.parametrize("step", [StepType.CHECK, StepType.MIGRATE])
def test_the_pod_passes_pod_security_restricted_whatever_the_workload_does(step: StepType) -> None:
    assert list(violations({"spec": pod(executed(step))}, frozenset())) == []


@pytest.mark.parametrize("step", [StepType.BACKUP, StepType.REPORT])
def test_other_steps_get_neither_the_account_nor_its_token(step: StepType) -> None:
    spec = pod(executed(step))
    assert ("serviceAccountName" in spec, spec["automountServiceAccountToken"]) == (False, False)


def test_words_that_the_kubelet_would_read_stay_as_they_are() -> None:
    command = {"tool": None, "command": ["sh", "-c", "echo $(HOME) $$"]}
    assert ours(StepType.MIGRATE, migration={**WAY, **command})["args"] == ["sh", "-c", "echo $$(HOME) $$$"]


def test_without_a_client_the_migration_is_the_only_container() -> None:
    other = {"engine": "Other"}
    none = {"none": {"acknowledge": "DataMayBeLost"}}
    spec = pod(executed(StepType.MIGRATE, database=other, backup=none))
    assert ([c["name"] for c in spec["containers"]], "initContainers" in spec) == (["migrate"], False)
