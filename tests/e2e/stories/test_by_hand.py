"""Story 11: a MigrationRun made by hand."""

from tests.e2e.stories.migrations import at_peace, database_state, migrated_once, outcome, untouched
from tests.e2e.stories.shop import Raw, Shop, flow_spec, image


def test_a_run_by_hand_migrates_and_promotes_nothing(shop: Shop) -> None:
    pods = shop.pod_uids()

    first = by_hand(shop, "v2")
    assert outcome(shop, first)["outcome"] == "Migrated"
    shop.kubectl("wait", "--for=condition=Succeeded", "--timeout=1s", f"mrun/{first}")
    assert shop.database.ask("select count(*) from shop_item where sku = ''") == ["0"]
    untouched(shop, pods, image("v1"))
    migrated_once(shop, shop.get("mrun", first))
    assert shop.get("mrun", first)["status"]["backup"]["restoreCommand"]

    again = outcome(shop, by_hand(shop, "v2"))
    assert again["outcome"] == "NothingPending"
    assert "backup" not in again
    at_peace(shop)


def test_a_failed_run_by_hand_is_not_repeated_and_another_must_say_that_the_database_may_be_used(shop: Shop) -> None:
    failed = outcome(shop, by_hand(shop, "v3"))
    assert failed["outcome"] == "MigrationFailed"
    assert failed["failure"]["logTail"]
    at_peace(shop)
    assert database_state(shop) == "Dirty"

    refused = outcome(shop, by_hand(shop, "v4"))
    assert refused["outcome"] == "DatabaseUnknown"
    assert "acceptUnknownDatabase" in refused["failure"]["hint"], "it says what to write"

    assert outcome(shop, by_hand(shop, "v4", acceptUnknownDatabase=True))["outcome"] == "Migrated"
    at_peace(shop)
    assert database_state(shop) == "Clean"
    assert shop.live() == image("v1")


def by_hand(shop: Shop, version: str, **spec: object) -> str:
    """Create a run as a person would; returns its name."""
    common = {key: flow_spec(version)[key] for key in ("image", "database", "backup", "migration")}
    common["migration"]["workloadRef"] = {"name": "shop"}
    made: Raw = shop.kubectl.create(
        {
            "apiVersion": "releaseflow.dev/v1alpha1",
            "kind": "MigrationRun",
            "metadata": {"generateName": "by-hand-"},
            "spec": {**common, **spec},
        }
    )
    return str(made["metadata"]["name"])
