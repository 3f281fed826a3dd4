"""A migration that runs as the target's pods start: backed up first, judged afterwards, refused where it is unsafe."""

import json

import pytest

from releaseflow.presets.registry import PRESETS
from tests.e2e.stories import invariants
from tests.e2e.stories.migrations import at_peace, database_state, lines, outcome, recorded
from tests.e2e.stories.operators import Operators
from tests.e2e.stories.shop import Raw, Shop, deployment, image
from tests.e2e.stories.test_sigkill import operators
from tests.e2e.stories.tools import commands, typed
from tests.e2e.stories.tools import image as image_of_tool
from tests.e2e.stories.waiting import always, until

__all__ = ["operators"]
OURS = "releaseflow-migrate"
AT_STARTUP = {"runIn": "Startup"}
URL = {"urlSecretRef": None, "fromEnv": {"url": "DATABASE_URL"}}


@pytest.fixture
def alone(shop: Shop) -> Shop:
    """A shop that ends its one pod before it makes another, and that is released once already."""
    deploy_alone(shop)
    shop.flow("v1", migration=AT_STARTUP)
    shop.ready()
    return shop


def deploy_alone(shop: Shop) -> None:
    raw = deployment("shop", "v1")
    raw["spec"]["strategy"] = {"type": "Recreate", "rollingUpdate": None}
    shop.kubectl("apply", "--filename=-", document=raw)
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")


def template(shop: Shop) -> Raw:
    return dict(shop.get("deployment", "shop")["spec"]["template"])


def init_containers(shop: Shop) -> list[Raw]:
    return list(template(shop)["spec"].get("initContainers", []))


def all_is_well(shop: Shop) -> None:
    """Assert what holds after every story but that an image serves after its migration's run: here it starts in it."""
    at_peace(shop)
    invariants.no_migration_ran_twice(shop)
    invariants.data_is_whole(shop)


def test_the_migration_starts_with_the_pod_after_its_backup_and_goes_when_the_flow_leaves_this_way(alone: Shop) -> None:
    alone.release("v2")
    alone.ready()

    run = alone.runs()[-1]
    (ours,) = init_containers(alone)
    assert (ours["name"], ours["image"], ours["command"]) == (
        OURS,
        image("v2"),
        ["python", "manage.py", "migrate", "--noinput"],
    )
    assert len(alone.all("replicasets")) == 2, "one write, and one rollout"
    _migrated_in_the_pod(alone, run)
    assert alone.serves() == "v2"
    at_peace(alone)
    assert database_state(alone) == "Clean"

    alone.flow("v4")
    alone.ready()
    assert init_containers(alone) == [], "the next promotion without it takes it away"
    assert "annotations" not in template(alone)["metadata"]
    assert alone.serves() == "v4"
    assert [run["status"]["outcome"] for run in alone.runs()] == ["NothingPending", "Migrated", "Migrated"]
    all_is_well(alone)


def _migrated_in_the_pod(shop: Shop, run: Raw) -> None:
    steps = {step["type"]: step for step in run["status"]["steps"]}
    assert list(steps) == ["Check", "Backup", "Migrate", "Report"]
    assert (steps["Migrate"]["outcome"], steps["Migrate"]["exitCode"]) == ("Succeeded", 0)
    assert not steps["Migrate"].get("jobName")
    (pod,) = shop.all("pods", "app=shop")
    assert steps["Migrate"]["podName"] == pod["metadata"]["name"]
    began = pod["status"]["initContainerStatuses"][0]["state"]["terminated"]["startedAt"]
    assert began >= run["status"]["backup"]["completionTime"], "backed up before"
    assert run["status"]["schemaBefore"]["version"] != run["status"]["schemaAfter"]["version"]


def test_a_failing_migration_is_reported_from_the_pod_and_a_retry_replaces_it(alone: Shop) -> None:
    alone.release("v3")
    alone.stalled("StartupFailed")
    at_peace(alone)

    failure = alone.get("rflow", "shop")["status"]["failure"]
    assert (failure["step"], failure["reason"], failure["exitCode"]) == ("Migrate", "StartupFailed", 1)
    assert "shop_warehouse" in failure["logTail"]
    assert failure["pod"] in {pod["metadata"]["name"] for pod in alone.all("pods", "app=shop")}
    assert "Kubernetes starts it again by itself" in failure["hint"]
    assert alone.runs()[-1]["status"]["databaseState"] == "Dirty"
    assert database_state(alone) == "Dirty"

    alone.release("v4")
    always(lambda: len(alone.runs()), lambda count: count == 2, 3, "a new image alone starts nothing")
    alone.command("retry", "looked-at-it")
    alone.ready()
    (ours,) = init_containers(alone)
    assert ours["image"] == image("v4")
    assert alone.serves() == "v4"
    assert [run["status"]["outcome"] for run in alone.runs()] == ["NothingPending", "StartupFailed", "Migrated"]
    all_is_well(alone)


def test_two_pods_at_once_are_refused_until_the_target_is_changed(shop: Shop) -> None:
    shop.flow("v2", migration=AT_STARTUP)
    said = shop.waits("StartupUnsafe")
    assert "spec.replicas: 1 and spec.strategy: {type: Recreate}" in said["message"]
    assert not shop.runs()
    assert shop.live() == image("v1")
    deploy_alone(shop)
    shop.ready()
    assert shop.serves() == "v2"


def test_a_start_command_migrates_before_it_in_the_same_container(alone: Shop) -> None:
    alone.flow("v2", migration={**AT_STARTUP, "startCommand": ["gunicorn"]}, database=URL)
    alone.ready()
    (web,) = template(alone)["spec"]["containers"]
    assert web["command"][:2] == ["sh", "-c"]
    assert web["command"][2].endswith("python manage.py migrate --noinput && exec gunicorn")
    assert not init_containers(alone)
    assert alone.serves() == "v2"
    assert alone.runs()[-1]["status"]["outcome"] == "Migrated"

    alone.flow("v4", database=URL)
    alone.ready()
    assert "command" not in template(alone)["spec"]["containers"][0]
    assert alone.serves() == "v4"
    all_is_well(alone)


def test_two_pods_migrate_at_once_with_a_tool_that_waits_and_each_migration_is_applied_once(empty_shop: Shop) -> None:
    shop, knex = empty_shop, PRESETS["Knex"]
    typed(shop, commands(knex)[0])
    at_once = {"replicas": 2, "strategy": {"rollingUpdate": {"maxSurge": "100%", "maxUnavailable": 0}}}
    shop.kubectl("patch", "deployment", "widgets", "--type=merge", f"--patch={json.dumps({'spec': at_once})}")
    spec = {"image": image_of_tool(knex, "v4"), "migration": AT_STARTUP}
    shop.kubectl("patch", "rflow", "widgets", "--type=merge", f"--patch={json.dumps({'spec': spec})}")
    shop.ready("widgets")

    ended = [
        pod["status"]["initContainerStatuses"][0]["state"]["terminated"]["exitCode"] for pod in shop.pods("widgets")
    ]
    assert ended == [0, 0]
    assert shop.database.ask("select count(*) from knex_migrations where name like '0003%'") == ["1"]
    assert shop.database.ask("select pieces from stock") == ["12"]
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated", "Migrated"]
    at_peace(shop)


@pytest.mark.xdist_group("operator")
def test_a_killed_operator_finds_the_migration_where_it_is(alone: Shop, operators: Operators) -> None:
    alone.flow("v2", migration={**recorded(alone, 8), **AT_STARTUP})
    until(lambda: lines(alone), lambda count: count == 1, 90, "a migration that begins")
    leader = operators.leads().holder
    assert operators.kill(leader)
    operators.remove(leader)
    alone.ready()
    assert lines(alone) == 1, "the migration ran once"
    assert outcome(alone, alone.runs()[-1]["metadata"]["name"])["outcome"] == "Migrated"
    assert alone.serves() == "v2"
    operators.settled()
    all_is_well(alone)
