"""A migration that runs as the pods of a target start: what is written into them, and what a shell makes of it."""

import subprocess
from dataclasses import replace
from typing import Any

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.startup import mark, with_migration
from tests.support import builders
from tests.unit.jobs.kubelet_environment import expand

CONTAINER: dict[str, Any] = {
    "name": "web",
    "image": "shop:1",
    "command": ["serve"],
    "env": [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "shop-db", "key": "url"}}}],
    "envFrom": [{"configMapRef": {"name": "settings"}}],
    "ports": [{"containerPort": 80}],
    "readinessProbe": {"httpGet": {"port": 80}},
    "securityContext": {"runAsUser": 1000, "privileged": True},
    "volumeMounts": [{"name": "data", "mountPath": "/data", "mountPropagation": "None"}],
    "workingDir": "/srv",
}
MOVED = {"containers": [{"name": "web", "image": "acme/shop:2"}]}


def inputs(migration: dict[str, Any] | None = None, **container: Any) -> JobInputs:
    """Return the facts behind a migration in the pods of a StatefulSet, whose claims are no volumes of its template."""
    spec = builders.run_spec(migration={"runIn": "Startup", "tool": "Django", **(migration or {})})
    template = {"spec": {"containers": [{**CONTAINER, **container}]}}
    return JobInputs(
        namespace="team",
        run_name="shop-2-ab",
        run_uid="u",
        flow_name="shop",
        flow_uid="f",
        spec=spec,
        step=StepType.MIGRATE,
        attempt=1,
        name="",
        pod_template=template,
        client_image="",
        operator_image="",
    )


def init_container(given: JobInputs) -> dict[str, Any]:
    [ours] = with_migration(given, MOVED)["initContainers"]
    return dict(ours)


def script(given: JobInputs) -> str:
    """Return what the shell runs, as the kubelet hands it on where no variable is known."""
    [web] = with_migration(given, MOVED)["containers"]
    assert web["command"][:2] == ["sh", "-c"]
    return expand(web["command"][2], {})


def test_the_init_container_has_what_the_targets_own_has_and_runs_the_migration() -> None:
    ours = init_container(inputs())
    assert (ours["name"], ours["image"]) == ("releaseflow-migrate", "acme/shop:2")
    assert ours["command"] == ["python", "manage.py", "migrate", "--noinput"]
    for key in ("envFrom", "volumeMounts", "workingDir"):
        assert ours[key] == CONTAINER[key]
    assert {"name": "PGAPPNAME", "value": "releaseflow-shop-2-ab"} in ours["env"]
    assert ours["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsUser": 1000,
    }
    assert not ours.keys() & {"ports", "readinessProbe", "restartPolicy"}
    assert ours["terminationMessagePolicy"] == "FallbackToLogsOnError"


def test_the_images_move_in_the_same_write_and_before_ours() -> None:
    moved = {**MOVED, "initContainers": [{"name": "assets", "image": "acme/shop:2"}]}
    fields = with_migration(inputs(), moved)
    assert fields["containers"] == MOVED["containers"]
    assert [found["name"] for found in fields["initContainers"]] == ["assets", "releaseflow-migrate"]
    assert mark(inputs()) == {"releaseflow.dev/migrates-for": "shop-2-ab"}


def test_a_variable_that_is_there_twice_is_written_once() -> None:
    ours = init_container(inputs(env=[{"name": "MODE", "value": "a"}, {"name": "MODE", "value": "b"}]))
    assert [found for found in ours["env"] if found["name"] == "MODE"] == [{"name": "MODE", "value": "b"}]


def test_another_url_replaces_the_applications_own() -> None:
    [url] = [found for found in init_container(inputs())["env"] if found["name"] == "DATABASE_URL"]
    assert url["valueFrom"] == {"secretKeyRef": {"name": "shop-db", "key": "url"}}


def test_startcommand_migrates_before_it_and_names_only_the_sessions_of_the_migration() -> None:
    given = inputs({"startCommand": ["gunicorn", "--bind", "0.0.0.0:8000", "shop.wsgi"]})
    assert "initContainers" not in with_migration(given, MOVED)
    assert script(given) == (
        "PYTHONUNBUFFERED=1 PGAPPNAME=releaseflow-shop-2-ab python manage.py migrate --noinput"
        " && exec gunicorn --bind 0.0.0.0:8000 shop.wsgi"
    )


def test_a_variable_of_the_container_wins_over_that_of_the_tool() -> None:
    given = inputs({"startCommand": ["serve"]}, env=[{"name": "PYTHONUNBUFFERED", "value": "0"}])
    assert "PYTHONUNBUFFERED" not in script(given)


def test_other_containers_than_the_first_only_move() -> None:
    moved = {"containers": [*MOVED["containers"], {"name": "worker", "image": "acme/shop:2"}]}
    assert with_migration(inputs({"startCommand": ["serve"]}), moved)["containers"][1] == moved["containers"][1]


@pytest.mark.parametrize("word", ["it's", "two words", "$HOME", "$(id)", "$$(A)", "a;b", "", "*", "back\\slash"])
def test_the_shell_gets_each_word_as_it_was_written(word: str) -> None:
    run = {"tool": None, "command": ["printf", "%s|", word], "startCommand": ["printf", "%s", word]}
    given = replace(inputs(), spec=_spec(run))
    said = subprocess.run(["sh", "-c", script(given)], capture_output=True, text=True, check=True, env={}).stdout
    wanted = {"$(id)": "", "$$(A)": "$(A)"}.get(word, word)
    assert said == f"{wanted}|{wanted}"


def test_a_reference_is_the_variable_of_the_container_as_one_word() -> None:
    run = {"tool": None, "command": ["printf", "%s|", "--url=$(URL)"], "startCommand": ["true"]}
    given = replace(inputs(), spec=_spec(run))
    env = {"URL": "a b'c"}
    said = subprocess.run(["sh", "-c", script(given)], capture_output=True, text=True, check=True, env=env).stdout
    assert said == "--url=a b'c|"


def test_a_migration_that_fails_starts_nothing() -> None:
    given = replace(inputs(), spec=_spec({"tool": None, "command": ["false"], "startCommand": ["echo", "serves"]}))
    done = subprocess.run(["sh", "-c", script(given)], capture_output=True, text=True, check=False, env={})
    assert (done.returncode, done.stdout) == (1, "")


def _spec(migration: dict[str, Any]) -> MigrationRunSpec:
    return builders.run_spec(migration={"runIn": "Startup", **migration})
