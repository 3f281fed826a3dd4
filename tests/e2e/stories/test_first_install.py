"""Story 1, second half: over a first install, whose pods crash since their tables are missing."""

from datetime import datetime

from tests.e2e.stories.migrations import at_peace, migrated_once
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import until

NEEDS_TABLES = ["sh", "-c", "python3 manage.py migrate --check && exec gunicorn"]


def test_a_first_install_is_backed_up_and_migrated_and_its_pods_recover(empty_shop: Shop) -> None:
    shop = empty_shop
    shop.deploy("v1", command=NEEDS_TABLES)
    until(shop.restarts, lambda count: count >= 2, 60, "pods that crash again and again")
    crashing = shop.pod_uids()

    shop.flow("v1")
    ready = shop.ready()

    assert ready["reason"] == "Released"
    (run,) = shop.runs()
    assert run["status"]["outcome"] == "Migrated"
    assert run["status"]["backup"].get("tables", 0) == 0, "the database was empty"
    assert run["status"]["backup"]["sizeBytes"] > 0
    migrated_once(shop, run)
    assert shop.database.ask("select count(*) from shop_item") == ["0"]
    at_peace(shop)

    assert not crashing & shop.pod_uids(), "the pods in back-off are replaced"
    until(shop.restarts, lambda count: count == 0, 30, "only new pods, which start at the first try")
    waited = _moment(ready["lastTransitionTime"]) - _moment(run["status"]["completionTime"])
    assert waited.total_seconds() < 30, "they are not waited for in back-off"


def test_the_next_reconcile_of_what_was_installed_restarts_nothing(empty_shop: Shop) -> None:
    shop = empty_shop
    shop.flow("v1")
    shop.waits("TargetNotFound")
    shop.deploy("v1", command=NEEDS_TABLES)
    shop.ready()
    pods = shop.pod_uids()

    shop.command("retry", "nothing is wrong")
    shop.command("reconcile", "now")
    until(
        lambda: shop.get("rflow", "shop")["status"]["lastHandled"].get("reconcile"), lambda v: v == "now", 15, "an echo"
    )

    assert shop.condition("rflow", "shop")["status"] == "True"
    assert shop.pod_uids() == pods
    assert shop.live() == image("v1")
    assert len(shop.runs()) == 1


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
