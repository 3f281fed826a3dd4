"""Story 17: the database is away for longer than a moment, as in a fail-over, and comes back."""

from tests.e2e.stories import invariants
from tests.e2e.stories.database import scale
from tests.e2e.stories.migrations import at_peace, migrated_once, served_afterwards
from tests.e2e.stories.shop import Raw, Shop, image
from tests.e2e.stories.waiting import until

TRIES_OF_ANYTHING_ELSE = 3


def test_a_database_that_is_away_for_a_minute_is_waited_for(shop_apart: Shop) -> None:
    shop = shop_apart
    shop.deploy("v1")
    shop.flow("v1")
    shop.ready()

    scale(shop.database.server, 0)
    shop.release("v2")
    condition = shop.waits("ConnectionFailed")
    assert condition["status"] == "Unknown", "it goes on by itself"
    assert "cannot be reached" in condition["message"]
    until(lambda: _tries(shop), lambda count: count > TRIES_OF_ANYTHING_ELSE, 180, "a fourth try of the backup")
    assert len(invariants.migrations(shop)) == 1, "that of the first release"
    scale(shop.database.server, 1)

    shop.ready()
    run = shop.runs()[-1]
    assert run["status"]["outcome"] == "Migrated"
    assert run["status"]["backup"]["tables"] > 0
    migrated_once(shop, run)
    assert (shop.live(), shop.serves()) == (image("v2"), "v2")
    served_afterwards(shop, run)
    at_peace(shop)


def _tries(shop: Shop) -> int:
    """Return which attempt the backup of the newest run is at."""
    steps: list[Raw] = shop.runs()[-1]["status"]["steps"]
    return max((step["attempt"] for step in steps if step["type"] == "Backup"), default=0)
