"""The README of each migration tool's example, typed: first run, nothing pending, a failure, its repair."""

import pytest

from releaseflow.presets.preset import Preset
from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Shop
from tests.e2e.stories.tools import commands, each_tool, image, seen, state_left, typed
from tests.e2e.stories.waiting import until

COLUMNS = "select string_agg(column_name, ',' order by ordinal_position) from information_schema.columns where "
FLOW = "widgets"


@pytest.mark.parametrize("preset", each_tool())
def test_the_readme_of_a_tool_releases_is_held_and_repaired(empty_shop: Shop, preset: Preset) -> None:
    shop, leftovers = empty_shop, preset.leftovers["PostgreSQL"]
    first, unchanged, failing, *repaired = commands(preset)

    typed(shop, first)
    assert _columns(shop, "widgets") == "id,name,price_cents"
    assert "2" in _version(shop)

    typed(shop, unchanged)
    assert shop.live(FLOW) == image(preset, "v2")
    shop.kubectl("rollout", "status", f"deployment/{FLOW}", "--timeout=60s")
    pods = shop.pod_uids(FLOW)

    typed(shop, failing)
    failure = shop.stalled("MigrationFailed", FLOW)["failure"]
    assert leftovers.failed in failure["hint"]
    assert "wigets" in failure["logTail"]
    assert (_columns(shop, "stock") == "") is leftovers.undone, "as the hint says"
    assert shop.live(FLOW) == image(preset, "v2")
    assert shop.pod_uids(FLOW) == pods
    state = state_left(shop)

    for block in repaired:
        typed(shop, block)
    assert shop.live(FLOW) == image(preset, "v4")
    assert shop.database.ask("select pieces from stock") == ["12"]
    assert "3" in _version(shop)

    outcomes = [run["status"]["outcome"] for run in shop.runs()]
    asks = preset.check_command() or preset.check.files is not None
    nothing = "NothingPending" if asks else "Migrated"
    assert outcomes == ["Migrated", nothing, "MigrationFailed", "Migrated"]
    seen(preset, first=outcomes[0], unchanged=outcomes[1], failing=f"{outcomes[2]}, {state}", repaired=outcomes[3])
    invariants.no_migration_ran_twice(shop)
    until(lambda: invariants.left_hanging(shop), lambda found: not found, 30, "the clean-up after the runs")


def _columns(shop: Shop, table: str) -> str:
    return "".join(shop.database.ask(f"{COLUMNS} table_schema = 'public' and table_name = '{table}'"))


def _version(shop: Shop) -> str:
    return str(shop.runs()[-1]["status"]["schemaAfter"]["version"])
