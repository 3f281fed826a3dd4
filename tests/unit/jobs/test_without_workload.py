"""Jobs of a run that inherits from no workload: a pod of the image, with what the run itself says."""

from releaseflow.api.v1alpha1.steps import StepType
from tests.unit.jobs.restricted import violations
from tests.unit.jobs.test_steps import env, facts, pod

ALONE = {
    "tool": "Django",
    "workloadRef": None,
    "env": [{"name": "DEBUG", "value": "no"}],
    "serviceAccountName": "migrator",
}


def test_a_step_has_the_image_its_own_variables_and_nothing_else() -> None:
    spec = pod(facts(StepType.CHECK, pod={}, migration=ALONE))
    [check] = spec["containers"]
    assert check["image"] == "shop:2"
    assert env(check)["DEBUG"] == "no"
    assert not check.keys() & {"envFrom", "workingDir", "volumeMounts", "imagePullPolicy"}
    assert spec["volumes"] == []
    assert (spec["serviceAccountName"], spec["automountServiceAccountToken"]) == ("migrator", True)
    assert not spec.keys() & {"nodeSelector", "imagePullSecrets", "affinity", "tolerations"}


def test_every_step_can_be_built() -> None:
    for step in StepType:
        assert pod(facts(step, pod={}, migration=ALONE))["containers"]


def test_a_user_by_number_passes_pod_security_restricted_without_any_workload_that_says_so() -> None:
    alone = {**ALONE, "runAsUser": 1000}
    for step in StepType:
        assert list(violations({"spec": pod(facts(step, pod={}, migration=alone))})) == []
    [check] = pod(facts(StepType.CHECK, pod={}, migration={**ALONE, "runAsUser": 0}))["containers"]
    assert (check["securityContext"]["runAsUser"], check["securityContext"].get("runAsNonRoot")) == (0, None)


def test_what_a_tool_needs_of_other_variables_comes_behind_them_unless_it_is_given() -> None:
    urls = {"DATABASE_URL": "postgres://db/shop"}
    given = [{"name": name, "value": value} for name, value in urls.items()]
    [migrate] = pod(facts(StepType.MIGRATE, pod={}, database={}, migration={**ALONE, "tool": "Goose", "env": given}))[
        "initContainers"
    ]
    names = [variable["name"] for variable in migrate["env"]]
    assert names.index("GOOSE_DBSTRING") > names.index("DATABASE_URL")
    own = {**ALONE, "tool": "Goose", "env": [*given, {"name": "GOOSE_DBSTRING", "value": "host=db"}]}
    [migrate] = pod(facts(StepType.MIGRATE, pod={}, database={}, migration=own))["initContainers"]
    assert env(migrate)["GOOSE_DBSTRING"] == "host=db"
