"""The way down: a run by hand takes the schema back, as the guide says it, and what it refuses."""

from pathlib import Path
from typing import Any

import pytest

from releaseflow.presets.preset import Preset
from releaseflow.presets.registry import PRESETS
from tests.e2e.stories import invariants
from tests.e2e.stories.database import Database
from tests.e2e.stories.migrations import at_peace, database_state, outcome
from tests.e2e.stories.pages import blocks, typed
from tests.e2e.stories.shop import Raw, Shop
from tests.e2e.stories.tools import each_tool, image, seen, state_left

PAGE = "guides/down.md"
RAILS = PRESETS["Rails"]
COLUMNS = (
    "select string_agg(table_name || '.' || column_name, ' ' order by 1) from information_schema.columns"
    " where table_schema = 'public' and table_name in ('widgets', 'stock')"
)
LOWER = "widgets.id widgets.name widgets.price_cents"
WITH_DOWN = [tool for tool in each_tool() if tool.values[0].down is not None]


def test_the_guide_leads_back_to_the_older_schema_and_image(empty_shop: Shop, tmp_path: Path) -> None:
    shop = empty_shop
    at_newest(shop, RAILS)
    shop.database.ask("insert into widgets (name, price_cents) values ('kept', 5)")
    find, stop, down, older, approve, serve = (said(shop, RAILS, text) for text in blocks(PAGE, "sh"))
    [manifest] = blocks(PAGE, "yaml")
    newest = shop.runs()[-1]["metadata"]["name"]
    assert "shop-2-1b9c33a6f0" in manifest
    (tmp_path / "down.yaml").write_text(said(shop, RAILS, manifest).replace("shop-2-1b9c33a6f0", newest))

    assert newest in typed(find, tmp_path)
    typed(stop, tmp_path)
    assert "3 applied, last: 20260101000003 -> 2 applied, last: 20260101000002" in typed(down, tmp_path)
    assert columns(shop) == LOWER
    assert shop.database.ask("select name, price_cents from widgets") == ["kept|5"]
    status = shop.get("mrun", "shop-down")["status"]
    assert (status["outcome"], status["down"]["version"]) == ("WentDown", "2 applied, last: 20260101000002")
    assert status["backup"]["restoreCommand"]
    assert status["approvalTime"]
    at_peace(shop)
    assert database_state(shop) == "Clean"

    typed(older, tmp_path)
    shop.stalled("SchemaAhead")
    typed(approve, tmp_path)
    typed(serve, tmp_path)
    assert shop.live() == image(RAILS, "v1")
    assert columns(shop) == LOWER
    at_peace(shop)
    invariants.no_migration_ran_twice(shop)


@pytest.mark.parametrize("preset", WITH_DOWN)
def test_a_tool_goes_down_and_a_script_that_fails_leaves_what_is_said(empty_shop: Shop, preset: Preset) -> None:
    shop, newest = empty_shop, at_newest(empty_shop, preset)
    way = preset.down
    assert way is not None
    suspend(shop)

    done = outcome(shop, undo(shop, preset, newest))
    assert done["outcome"] == "WentDown"
    assert columns(shop) == LOWER
    assert done["schemaAfter"] == newest["status"]["schemaBefore"], "to the letter, and by its fingerprint"
    assert outcome(shop, undo(shop, preset, newest))["outcome"] == "AlreadyDown"
    up = outcome(shop, by_hand(shop, preset, "up-"))
    assert up["outcome"] == "Migrated"

    shop.database.ask("drop table stock")
    failed = outcome(shop, undo(shop, preset, newest))
    assert failed["outcome"] == "MigrationFailed"
    assert way.leftovers["PostgreSQL"].failed in failed["failure"]["hint"]
    assert "stock" in failed["failure"]["logTail"]
    state = state_left(shop)
    assert outcome(shop, undo(shop, preset, newest))["outcome"] == "DatabaseUnknown"
    again = outcome(shop, undo(shop, preset, newest, acceptUnknownDatabase=True))
    assert again["outcome"] == ("DownRefused" if way.leftovers["PostgreSQL"].blocks else "MigrationFailed")
    seen(preset, down=f"{done['outcome']}; of a failing script MigrationFailed, {state}")
    at_peace(shop)


def test_an_older_image_without_the_scripts_is_no_success(empty_shop: Shop) -> None:
    shop = empty_shop
    newest = at_newest(shop, RAILS)
    suspend(shop)
    done = outcome(shop, undo(shop, RAILS, newest, image=image(RAILS, "v1")))
    assert done["outcome"] == "VersionMismatch", "the tool exits with 0, and does nothing"
    assert "its bookkeeping is 3 applied, last: 20260101000003 and not 2 applied" in done["failure"]["hint"]
    assert done["databaseState"] == "Unknown"
    at_peace(shop)
    assert database_state(shop) == "Unknown"


def test_a_down_waits_for_its_flow_and_is_refused_where_nothing_leads_down(empty_shop: Shop) -> None:
    shop = empty_shop
    newest = at_newest(shop, RAILS)
    name = undo(shop, RAILS, newest)
    shop.until_condition("mrun", name, lambda c: c.get("reason") == "FlowNotSuspended", 60, "FlowNotSuspended")
    message = shop.condition("mrun", name)["message"]
    assert f"kubectl patch rflow shop -n {shop.kubectl.namespace} --type merge" in message
    assert not shop.get("mrun", name)["status"].get("steps")
    shop.kubectl("delete", "mrun", name)

    suspend(shop)
    gone = outcome(shop, undo(shop, RAILS, {"metadata": {"name": "gone"}}))
    assert (gone["outcome"], gone.get("backup")) == ("DownRefused", None)
    first = outcome(shop, undo(shop, RAILS, shop.runs()[0]))
    assert "recorded no version before it migrated" in first["failure"]["hint"]

    elsewhere = Database(shop.database.server, f"{shop.database.name}_other").create()
    shop.secret(elsewhere.url, "elsewhere")
    database = {"urlSecretRef": {"name": "elsewhere", "key": "url"}, "lockKey": "Deployment/shop/DATABASE_URL"}
    other = outcome(shop, undo(shop, RAILS, newest, database=database))
    assert other["outcome"] == "DownRefused"
    assert "another one than that of the earlier run" in other["failure"]["hint"]
    elsewhere.drop()
    assert columns(shop) != LOWER, "nothing was undone"
    at_peace(shop)


def at_newest(shop: Shop, preset: Preset) -> Raw:
    """Release v1 and then v4 with a Breaking migration; returns the run of v4."""
    env = [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "shop-db", "key": "url"}}}]
    labels = {"app": "shop"}
    pod = {"containers": [{"name": "web", "image": image(preset, "v1"), "env": env}]}
    template = {"metadata": {"labels": labels}, "spec": {**pod, "terminationGracePeriodSeconds": 1}}
    shop.apply("apps/v1", "Deployment", "shop", spec={"selector": {"matchLabels": labels}, "template": template})
    for version in ("v1", "v4"):
        shop.apply("releaseflow.dev/v1alpha1", "ReleaseFlow", "shop", spec=flow_spec(preset, version))
        shop.ready()
    return shop.runs()[-1]


def flow_spec(preset: Preset, version: str) -> Raw:
    return {
        "image": image(preset, version),
        "targets": [{"name": "shop"}],
        "backup": {"persistentVolumeClaim": {"claimName": "shop-backups"}},
        "migration": {"tool": preset.name},
    }


def undo(shop: Shop, preset: Preset, earlier: Raw, **spec: Any) -> str:
    """Write a run that goes down, as the guide does; returns its name."""
    return by_hand(shop, preset, "down-", operation="Down", down={"runName": earlier["metadata"]["name"]}, **spec)


def by_hand(shop: Shop, preset: Preset, prefix: str, **spec: Any) -> str:
    """Write a run of the newest image; returns its name."""
    given = flow_spec(preset, "v4")
    del given["targets"]
    given["migration"]["workloadRef"] = {"name": "shop"}
    made: Raw = shop.kubectl.create(
        {
            "apiVersion": "releaseflow.dev/v1alpha1",
            "kind": "MigrationRun",
            "metadata": {"generateName": prefix},
            "spec": {**given, **spec},
        }
    )
    return str(made["metadata"]["name"])


def suspend(shop: Shop) -> None:
    shop.kubectl("patch", "rflow", "shop", "--type=merge", '--patch={"spec":{"suspend":true}}')


def columns(shop: Shop) -> str:
    return "".join(shop.database.ask(COLUMNS))


def said(shop: Shop, preset: Preset, text: str) -> str:
    """Return a block of the guide with what differs on the cluster of the stories."""
    for there, here in {
        "NAMESPACE": shop.kubectl.namespace,
        "ghcr.io/acme/shop:2": image(preset, "v4"),
        "ghcr.io/acme/shop:1": image(preset, "v1"),
    }.items():
        text = text.replace(there, here)
    return text
