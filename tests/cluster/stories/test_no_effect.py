"""Story 14: the application migrates another database than the Secret names."""

from collections.abc import Iterator

import pytest

from tests.cluster.stories.database import Database
from tests.cluster.stories.migrations import at_peace, database_state, untouched
from tests.cluster.stories.shop import Shop, image

LOOK = ["python3", "manage.py", "migrate", "--check"]
MISLED = ["sh", "-c", "DATABASE_URL=$OTHER_URL exec python3 manage.py migrate --noinput"]


@pytest.fixture
def other(shop: Shop) -> Iterator[Database]:
    """Another database of the same server, as the shop's is."""
    database = Database(shop.database.server, f"{shop.database.name}_other").create("shop_v1")
    yield database
    database.drop()


def test_a_migration_of_another_database_is_noticed(shop: Shop, other: Database) -> None:
    pods, before = shop.pod_uids(), shop.database.dump()
    env = [{"name": "OTHER_URL", "value": other.url}]
    migration = {"tool": None, "command": MISLED, "check": {"command": LOOK}, "env": env}
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
