"""Story 3: a migration that fails halfway; the old version serves on, and nothing goes on without a person."""

import json
import re

import pytest

from tests.e2e.kubectl import RefusedError
from tests.e2e.stories import invariants
from tests.e2e.stories.database import PASSWORD
from tests.e2e.stories.migrations import at_peace, database_state, untouched
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import always

HALF_DONE = ["shop_warehouse"]
COLUMNS = "select column_name from information_schema.columns where table_name = 'shop_item' order by 1"
REFUSE = (
    "create function refuse() returns trigger language plpgsql as"
    " $$ begin raise exception 'no item may be changed'; end $$"
)
TABLES = "select tablename from pg_tables where tablename like 'shop_w%'"


def test_a_failed_migration_is_held_and_a_repaired_image_needs_a_retry(shop: Shop) -> None:
    shop.flow("v1")
    shop.ready()
    pods = shop.pod_uids()

    shop.release("v3")
    shop.stalled("MigrationFailed")
    at_peace(shop)
    status = shop.get("rflow", "shop")["status"]

    _tells_what_happened(shop, status["failure"])
    _is_seen_from_everywhere(shop)
    with pytest.raises(RefusedError, match="timed out"):
        shop.kubectl("wait", "--for=condition=Ready", "--timeout=1s", "rflow/shop")
    assert shop.database.ask(TABLES) == HALF_DONE, "the migration is not atomic: it left what it had done"
    _says_that_it_was_changed(shop, str(status["failure"]["hint"]))
    _serves_on(shop, pods)

    shop.release("v4")
    always(lambda: len(shop.runs()), lambda count: count == 2, 3, "a new image alone starts nothing")
    still = shop.condition("rflow", "shop")
    assert (still["status"], still["reason"]) == ("False", "MigrationFailed")
    _serves_on(shop, pods)

    shop.command("retry", "looked-at-it")
    shop.ready()

    assert shop.live() == image("v4")
    assert shop.serves() == "v4"
    assert [run["status"]["outcome"] for run in shop.runs()] == ["NothingPending", "MigrationFailed", "Migrated"]
    assert shop.database.ask("select city from shop_warehouse") == ["Utrecht"]
    invariants.data_is_whole(shop)
    invariants.are_kept(shop)


def test_a_migration_that_was_rolled_back_has_left_the_database_clean(shop: Shop) -> None:
    shop.flow("v1")
    shop.ready()
    pods, before = shop.pod_uids(), shop.database.ask(COLUMNS)
    shop.database.ask(REFUSE)
    shop.database.ask("create trigger refuse before update on shop_item execute function refuse()")

    shop.release("v2")
    shop.stalled("MigrationFailed")
    at_peace(shop)

    (_, run) = shop.runs()
    assert shop.database.ask(COLUMNS) == before, "the column was added, and taken back with the transaction"
    assert run["status"]["databaseState"] == "Clean"
    assert run["status"]["schemaBefore"] == run["status"]["schemaAfter"]
    assert database_state(shop) == "Unchanged"
    said = shop.condition("rflow", "shop")["message"]
    assert "nothing was changed in the database: schema and bookkeeping are as they were" in said
    assert "releaseflow.dev/retry" in said
    untouched(shop, pods, image("v1"))

    shop.release("v4")
    always(lambda: len(shop.runs()), lambda count: count == 2, 3, "a new image alone starts nothing, clean or not")

    shop.database.ask("drop trigger refuse on shop_item")
    shop.command("retry", "nothing refuses any more")
    shop.ready()
    assert shop.live() == image("v4")
    invariants.are_kept(shop)


def _tells_what_happened(shop: Shop, failure: dict[str, object]) -> None:
    (_, run) = shop.runs()
    assert failure == run["status"]["failure"]
    assert (failure["step"], failure["reason"], failure["exitCode"]) == ("Migrate", "MigrationFailed", 1)
    assert 'column "town" of relation "shop_warehouse" does not exist' in str(failure["logTail"])
    migrate = next(step for step in run["status"]["steps"] if step["type"] == "Migrate")
    assert str(failure["pod"]).startswith(migrate["jobName"])
    retry = f"kubectl annotate rflow shop -n {shop.kubectl.namespace} --overwrite releaseflow.dev/retry="
    assert retry in str(failure["hint"])
    assert run["status"]["backup"]["proof"], "the backup is there, for whoever wants to go back"
    everything = json.dumps([shop.all("rflow"), shop.runs(), shop.all("jobs"), shop.all("events")])
    assert PASSWORD not in everything


def _says_that_it_was_changed(shop: Shop, hint: str) -> None:
    run = shop.runs()[-1]
    assert run["status"]["databaseState"] == "Dirty"
    assert run["status"]["schemaBefore"]["fingerprint"] != run["status"]["schemaAfter"]["fingerprint"]
    message = run["status"]["databaseMessage"]
    assert re.search(r"the schema's fingerprint was \w{12} and is \w{12}, there were \d+ tables and are \d+", message)
    restore = f"kubectl get mrun {run['metadata']['name']} -n {shop.kubectl.namespace} -o jsonpath="
    assert hint.startswith(f"the database was changed. Repair it, or restore it: {restore}")
    assert f". It differs from before: {message}; the migration exited with 1. " in hint
    assert database_state(shop) == "Dirty"


def _is_seen_from_everywhere(shop: Shop) -> None:
    flow = shop.columns("rflow", "shop")
    assert list(flow) == ["NAME", "TARGETS", "WANTED", "LIVE", "GATE", "READY", "REASON", "AGE"]
    assert (flow["WANTED"], flow["LIVE"], flow["GATE"]) == ("v3", "v1", "RunSucceeded")
    assert (flow["READY"], flow["REASON"]) == ("False", "MigrationFailed")
    run = shop.columns("mrun", shop.runs()[-1]["metadata"]["name"])
    assert (run["VERSION"], run["BACKUP"], run["MIGRATION"], run["READY"]) == ("v3", "Succeeded", "Failed", "False")
    assert re.fullmatch(r"\d+s|\d+m\d+s", run["DURATION"])
    for kind, name in (("ReleaseFlow", "shop"), ("Deployment", "shop")):
        shop.warned(kind, name, "MigrationFailed")
    assert "MigrationFailed" in shop.kubectl("describe", "deployment", "shop")


def _serves_on(shop: Shop, pods: set[str]) -> None:
    assert shop.live() == image("v1")
    assert shop.pod_uids() == pods
    assert shop.restarts() == 0
    assert shop.serves() == "v1"
