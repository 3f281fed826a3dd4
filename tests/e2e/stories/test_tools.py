"""Story of each migration tool: first run, nothing pending, a failure that holds the old version, repaired."""

from pathlib import Path

import pytest

from releaseflow.presets.preset import Preset
from releaseflow.presets.registry import PRESETS
from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Shop
from tests.e2e.stories.waiting import until

EXAMPLES = Path(__file__).parents[3] / "examples" / "tools"
TOOLS = [preset for preset in PRESETS.values() if (EXAMPLES / preset.name.lower()).is_dir()]
COLUMNS = "select string_agg(column_name, ',' order by ordinal_position) from information_schema.columns where "


@pytest.mark.parametrize("preset", TOOLS, ids=lambda preset: preset.name)
def test_a_tool_is_released_held_and_repaired(empty_shop: Shop, preset: Preset) -> None:
    shop = empty_shop
    shop.deploy("v1", image=_image(preset, "v1"))

    _flow(shop, preset, "v1")
    shop.ready()
    assert _columns(shop, "widgets") == "id,name,price_cents"
    assert "0002" in _version(shop)

    _flow(shop, preset, "v2")
    shop.ready()
    pods = shop.pod_uids()

    _flow(shop, preset, "v3")
    failure = shop.stalled("MigrationFailed")["failure"]
    assert preset.leftovers["PostgreSQL"].failed in failure["hint"]
    assert "wigets" in failure["logTail"]
    assert _columns(shop, "stock") == "", "the failed migration is undone, as the hint says"
    assert shop.live() == _image(preset, "v2")
    assert shop.pod_uids() == pods

    _flow(shop, preset, "v4")
    shop.command("retry", "repaired")
    shop.ready()
    assert shop.live() == _image(preset, "v4")
    assert shop.database.ask("select pieces from stock") == ["12"]
    assert "0003" in _version(shop)

    without_pending = "NothingPending" if preset.check_command() else "Migrated"
    outcomes = [run["status"]["outcome"] for run in shop.runs()]
    assert outcomes == ["Migrated", without_pending, "MigrationFailed", "Migrated"]
    invariants.no_migration_ran_twice(shop)
    until(lambda: invariants.left_hanging(shop), lambda found: not found, 30, "the clean-up after the runs")


def _image(preset: Preset, version: str) -> str:
    return f"localhost/releaseflow/{preset.name.lower()}:{version}"


def _flow(shop: Shop, preset: Preset, version: str) -> None:
    shop.flow(version, image=_image(preset, version), migration={"tool": preset.name})


def _columns(shop: Shop, table: str) -> str:
    return "".join(shop.database.ask(f"{COLUMNS} table_schema = 'public' and table_name = '{table}'"))


def _version(shop: Shop) -> str:
    return str(shop.runs()[-1]["status"]["schemaAfter"]["version"])
