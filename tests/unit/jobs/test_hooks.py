"""The Job of a hook: the application's container with the hook's command, started by us alone, and kept until read."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.hooks import Hook
from releaseflow.api.v1alpha1.metadata import FINALIZER
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.job import job
from tests.unit.jobs.test_steps import env, facts

MIGRATION = {"tool": "Django", "env": [{"name": "ONLY", "value": "the migration's"}], "runAsUser": 1001}


def built(migration: dict[str, Any] = MIGRATION, **hook: Any) -> dict[str, Any]:
    known = facts(StepType.HOOK, migration=migration)
    given = Hook.model_validate({"name": "smoke", "command": ["bin/smoke"], **hook})
    return job(JobInputs(**{**vars(known), "hook": given}), "h")


def container(manifest: dict[str, Any]) -> dict[str, Any]:
    [found] = manifest["spec"]["template"]["spec"]["containers"]
    return dict(found)


def test_it_is_created_suspended_and_its_pod_is_kept() -> None:
    spec = built(deadlineSeconds=33)["spec"]
    assert spec["suspend"] is True
    assert spec["template"]["metadata"]["finalizers"] == [FINALIZER]
    assert (spec["activeDeadlineSeconds"], spec["backoffLimit"]) == (33, 0)


def test_it_runs_the_released_image_as_the_migration_would_but_for_the_migrations_variables() -> None:
    found = container(built(env=[{"name": "SMOKE", "value": "1"}], args=["--all"]))
    assert (found["name"], found["image"], found["command"], found["args"]) == (
        *("hook", "shop:2", ["bin/smoke"], ["--all"]),
    )
    variables = env(found)
    assert variables["SMOKE"] == "1"
    assert "ONLY" not in variables
    assert "DATABASE_URL" in variables
    assert found["securityContext"]["runAsUser"] == 1001


@pytest.mark.parametrize(("given", "image"), [(None, "shop:2"), ("curl:8", "curl:8"), ("tools:$(TAG)", "tools:2")])
def test_another_image_may_take_the_tag_of_the_released_one(given: str | None, image: str) -> None:
    assert container(built({**MIGRATION, "image": "migrator:1"}, image=given))["image"] == image


def test_its_resources_are_the_applications_unless_they_are_given() -> None:
    assert container(built(resources={"limits": {"memory": "64Mi"}}))["resources"]["limits"]["memory"] == "64Mi"


def test_a_service_account_is_its_own_and_its_token_is_mounted() -> None:
    pod = built(serviceAccountName="smoker")["spec"]["template"]["spec"]
    assert (pod["serviceAccountName"], pod["automountServiceAccountToken"]) == ("smoker", True)


def test_a_step_that_is_no_hook_has_none() -> None:
    with pytest.raises(ValueError, match="runs no hook"):
        _ = facts(StepType.CHECK).required_hook
