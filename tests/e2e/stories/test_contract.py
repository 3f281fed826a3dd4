"""The contract: what only the old version needed goes once it is gone, in a run of its own, later."""

from typing import Any

from releaseflow.presets.registry import PRESETS
from tests.e2e.stories import invariants, tools
from tests.e2e.stories.migrations import at_peace
from tests.e2e.stories.pages import blocks, manifests
from tests.e2e.stories.shop import Raw, Shop, deployment, image
from tests.e2e.stories.waiting import always

PAGE = "guides/contract.md"
INITIALIZER = "config/initializers/0_post_deployment_migrations.rb"
KEPT_BACK = "db/post_migrate/20260101000009_drop_name.rb"
DROP_NAME = """
class DropName < ActiveRecord::Migration[6.1]
  def change
    remove_column :widgets, :name, :text
  end
end
"""
COLUMNS = "select string_agg(column_name, ' ' order by 1) from information_schema.columns where table_name = 'widgets'"
_DROP = (
    "import os, psycopg; connection = psycopg.connect(os.environ['DATABASE_URL'], autocommit=True); "
    "connection.execute('create table contracted (at timestamptz not null default now())')"
)
DROPS = ["python3", "-c", _DROP]
CONTRACTED = "select 1 from pg_tables where tablename = 'contracted'"


def test_it_begins_after_the_soak_and_once_no_pod_of_the_old_version_is_left(shop: Shop) -> None:
    old = deployment("shop", "v1")["spec"]["template"]
    shop.apply("v1", "Pod", "left-over", **{**old, "metadata": {"name": "left-over", **old["metadata"]}})
    shop.kubectl("wait", "--for=condition=Ready", "pod/left-over", "--timeout=60s")

    shop.flow("v2", contract={"soakSeconds": 8, "command": DROPS})
    shop.ready()
    assert _contracted(shop, "Soaking")["status"] == "Unknown"
    waits = _contracted(shop, "OldPodsAlive")
    assert "pods left-over" in waits["message"]
    always(lambda: len(shop.runs()), lambda count: count == 1, 3, "it waits")
    assert shop.condition("rflow", "shop")["status"] == "True"

    shop.kubectl("delete", "pod", "left-over", "--now")
    _contracted(shop, "Migrated")

    assert shop.condition("rflow", "shop")["status"] == "True"
    assert shop.database.ask(CONTRACTED) == ["1"]
    migration, contract = shop.runs()
    assert contract["spec"]["flowRef"] == {**migration["spec"]["flowRef"], "role": "Contract"}
    assert [step["name"] for step in contract["status"]["steps"]] == ["backup", "migrate"]
    assert contract["status"]["backup"]["location"] != migration["status"]["backup"]["location"]
    assert contract["status"]["startTime"] >= shop.get("rflow", "shop")["status"]["release"]["completionTime"]
    invariants.are_kept(shop)


def test_one_that_fails_leaves_the_release_ready_and_the_next_one_to_a_person(shop: Shop) -> None:
    shop.flow("v2", contract={"soakSeconds": 0, "command": ["sh", "-c", "echo table is in use; exit 3"]})
    failed = _contracted(shop, "ContractFailed")

    assert failed["status"] == "False"
    assert "The release serves on. Its contract failed" in failed["message"]
    shop.warned("ReleaseFlow", "shop", "ContractFailed")
    assert shop.condition("rflow", "shop")["status"] == "True"
    assert "Stalled" not in {c["type"] for c in shop.get("rflow", "shop")["status"]["conditions"]}
    at_peace(shop)
    run = shop.runs()[-1]["status"]
    assert (run["outcome"], run["failure"]["exitCode"]) == ("MigrationFailed", 3)
    assert "table is in use" in run["failure"]["logTail"]

    shop.flow("v4")
    shop.stalled("DatabaseUnknown")
    assert shop.serves() == "v2"
    shop.command("retry", "the database was looked at")
    shop.ready()
    assert shop.live() == image("v4")
    invariants.are_kept(shop)


def test_an_older_image_does_not_come_back_over_it(shop: Shop) -> None:
    shop.flow("v1")
    shop.ready()
    shop.flow("v2", contract={"soakSeconds": 0, "command": DROPS})
    _contracted(shop, "Migrated")

    shop.release("v1")
    shop.stalled("SchemaAhead")
    assert shop.serves() == "v2"


def test_rails_runs_what_was_kept_back_as_the_guide_says(empty_shop: Shop) -> None:
    shop = empty_shop
    [initializer] = blocks(PAGE, "ruby")
    _deploy_rails(shop, {INITIALIZER: initializer, KEPT_BACK: DROP_NAME})

    _apply_guide(shop, "v1")
    shop.ready()
    _contracted(shop, "Migrated")
    expand, contract = (run["status"] for run in shop.runs())
    assert expand["schemaAfter"]["version"] == "2 applied, last: 20260101000002"
    assert contract["schemaAfter"]["version"] == "3 applied, last: 20260101000009"
    assert shop.database.ask(COLUMNS) == ["id price_cents"]

    _apply_guide(shop, "v2")
    shop.ready()
    _contracted(shop, "NothingPending")
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated", "Migrated", *["NothingPending"] * 2]
    at_peace(shop)
    invariants.no_migration_ran_twice(shop)


def _deploy_rails(shop: Shop, application: dict[str, str]) -> None:
    """Apply a Deployment of the example of Rails with more files of its application, by their paths."""
    names = {path: path.rpartition("/")[2] for path in application}
    shop.apply("v1", "ConfigMap", "files", data={names[path]: text for path, text in application.items()})
    mounts = [{"name": "files", "mountPath": f"/app/{path}", "subPath": name} for path, name in names.items()]
    env = [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "shop-db", "key": "url"}}}]
    web = {"name": "web", "image": tools.image(PRESETS["Rails"], "v1"), "env": env, "volumeMounts": mounts}
    pod = {"containers": [web], "volumes": [{"name": "files", "configMap": {"name": "files"}}]}
    labels = {"app": "shop"}
    template = {"metadata": {"labels": labels}, "spec": {**pod, "terminationGracePeriodSeconds": 1}}
    shop.apply("apps/v1", "Deployment", "shop", spec={"selector": {"matchLabels": labels}, "template": template})


def _apply_guide(shop: Shop, version: str) -> None:
    """Apply the flow of the guide for a version of the example."""
    there = "ghcr.io/acme/shop:1.4.2"
    differs = {there: tools.image(PRESETS["Rails"], version), ", {name: shop-worker}": "", "86400": "0"}
    [flow] = manifests(PAGE, differs)
    shop.kubectl("apply", "--filename=-", document=flow)


def _contracted(shop: Shop, reason: str) -> Raw:
    """Wait until the contract stands so."""
    found: Any = shop.until_condition(
        "rflow", "shop", lambda c: c.get("reason") == reason, 120, reason, condition="Contracted"
    )
    return dict(found)
