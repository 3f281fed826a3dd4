"""Story 14: a migration that leaves the schema as it was: of another database, or of rows alone."""

from collections.abc import Iterator

import pytest

from tests.e2e.stories.database import Database
from tests.e2e.stories.migrations import at_peace, database_state, untouched
from tests.e2e.stories.shop import Shop, image

CHECK = ["python3", "manage.py", "migrate", "--check"]
MISLED = ["sh", "-c", "DATABASE_URL=$OTHER_URL exec python3 manage.py migrate --noinput"]

ASK = 'python3 -c \'import os, psycopg; at = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)'
NUMBERED = f"""{ASK}; exit(at.execute("select count(*) from shop_item where sku is null").fetchone()[0] > 0)'"""
NUMBER = f"""{ASK}; at.execute("update shop_item set sku = concat(chr(35), id)")'"""


@pytest.fixture
def other(shop: Shop) -> Iterator[Database]:
    """Another database of the same server, as the shop's is."""
    database = Database(shop.database.server, f"{shop.database.name}_other").create("shop_v1")
    yield database
    database.drop()


def test_a_migration_of_another_database_is_noticed(shop: Shop, other: Database) -> None:
    pods, before = shop.pod_uids(), shop.database.dump()
    env = [{"name": "OTHER_URL", "value": other.url}]
    migration = {"tool": None, "command": MISLED, "check": {"command": CHECK}, "env": env}
    shop.flow("v2", migration=migration)

    failure = shop.stalled("NoEffect")["failure"]
    assert failure["step"] == "Migrate"
    assert "another database than the Secret names" in failure["hint"], "it says where to look"
    (run,) = shop.runs()
    assert run["status"]["schemaBefore"] == run["status"]["schemaAfter"]
    assert other.ask("select count(*) from django_migrations where name = '0002_item_sku'") == ["1"]
    assert shop.database.dump() == before
    untouched(shop, pods, image("v1"))
    at_peace(shop)
    assert database_state(shop) == "Unknown"

    shop.flow("v2", migration={"tool": "Django", "command": None, "check": None, "env": None})
    shop.command("retry", "the settings are right now")
    shop.ready()
    assert shop.live() == image("v2")


def test_a_migration_of_rows_alone_by_a_tool_whose_bookkeeping_is_not_known_is_released(shop: Shop) -> None:
    shop.database.ask("alter table shop_item add column sku varchar(24)")
    shop.database.ask("alter table django_migrations rename to homegrown_migrations")

    check = {"command": ["sh", "-c", NUMBERED]}
    shop.flow("v2", migration={"tool": None, "command": ["sh", "-c", NUMBER], "check": check})

    assert shop.ready()["reason"] == "Released"
    (run,) = shop.runs()
    assert run["status"]["outcome"] == "Migrated"
    assert run["status"]["schemaBefore"] == run["status"]["schemaAfter"], "the schema is what it was"
    asked = next(step for step in run["status"]["steps"] if step["type"] == "Check")
    assert (asked["attempt"], asked["exitCode"]) == (2, 0), "the check was asked once more"
    assert shop.database.ask("select count(*) from shop_item where sku is null") == ["0"]
    assert (shop.live(), shop.serves()) == (image("v2"), "v2")
    at_peace(shop)
    assert database_state(shop) == "Clean"


def test_a_migration_that_did_nothing_by_a_tool_whose_bookkeeping_is_not_known_is_still_pending(shop: Shop) -> None:
    shop.database.ask("alter table shop_item add column sku varchar(24)")
    shop.database.ask("alter table django_migrations rename to homegrown_migrations")
    pods = shop.pod_uids()

    check = {"command": ["sh", "-c", NUMBERED]}
    shop.flow("v2", migration={"tool": None, "command": ["true"], "check": check})

    failure = shop.stalled("StillPending")["failure"]
    assert failure["step"] == "Migrate"
    assert "the check still exits with 1" in failure["hint"]
    untouched(shop, pods, image("v1"))
    at_peace(shop)
    assert database_state(shop) == "Unknown"
