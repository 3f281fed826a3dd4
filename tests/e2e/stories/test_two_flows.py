"""Story 9: two flows on one database."""

from tests.e2e.stories.migrations import at_peace, database_state, lines, migrated_once, recorded
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import always, until

OTHER = "worker"


def test_two_flows_on_one_database_go_one_at_a_time_and_in_order(shop: Shop) -> None:
    shop.deploy("v1", name=OTHER, replicas=0)
    shop.flow("v1", migration=recorded(shop, 3))
    until(shop.runs, lambda runs: len(runs) == 1, 15, "the first run")
    shop.flow("v1", name=OTHER, targets=[{"name": OTHER}], migration=recorded(shop, 1))

    waits = shop.waits("LockHeld", name=OTHER)
    assert shop.runs()[0]["metadata"]["name"] in waits["message"] or "older run" in waits["message"]
    assert lines(shop) <= 1
    shop.ready()
    shop.ready(name=OTHER)

    first, second = shop.runs()
    assert [first["spec"]["flowRef"]["name"], second["spec"]["flowRef"]["name"]] == ["shop", OTHER]
    begun = min(step["startTime"] for step in second["status"]["steps"])
    assert begun >= first["status"]["completionTime"], "nothing of the second began before the first was done"
    for run in (first, second):
        assert run["status"]["outcome"] == "Migrated"
        migrated_once(shop, run)
    assert lines(shop) == 2
    at_peace(shop)


def test_a_failed_migration_of_one_flow_stops_the_other_until_retry(shop: Shop) -> None:
    shop.deploy("v1", name=OTHER, replicas=0)
    shop.flow("v1", migration=recorded(shop, 0, "exit 3"))
    assert shop.stalled("MigrationFailed")["failure"]["exitCode"] == 3
    at_peace(shop)
    assert database_state(shop) == "Unchanged", "it failed, and left schema and bookkeeping as they were"

    shop.flow("v1", name=OTHER, targets=[{"name": OTHER}], migration=recorded(shop))
    failure = shop.stalled("DatabaseUnknown", name=OTHER)["failure"]
    assert shop.runs()[0]["metadata"]["name"] in failure["hint"], "it names the run that left the database so"
    assert "releaseflow.dev/retry" in failure["hint"], "it names the next command"
    shop.release("v2", name=OTHER)
    always(lambda: (len(shop.runs()), shop.live(OTHER)), lambda now: now == (2, image("v1")), 3, "nothing starts")
    assert lines(shop) == 1

    shop.command("retry", "looked at it", name=OTHER)
    shop.ready(name=OTHER)
    assert shop.live(OTHER) == image("v2")
    assert lines(shop) == 2
    at_peace(shop)
    assert database_state(shop) == "Clean"
    assert shop.condition("rflow", "shop")["reason"] == "MigrationFailed", "the first flow needs a retry of its own"
    assert shop.live() == image("v1")
