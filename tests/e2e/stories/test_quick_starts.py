"""Stories of the quick starts: each is played from its page, with the images of the examples."""

import json

from tests.e2e.stories import invariants
from tests.e2e.stories.connections import parts
from tests.e2e.stories.database import PASSWORD, USER
from tests.e2e.stories.pages import blocks, manifests
from tests.e2e.stories.shop import Shop, image

LEDGER = "localhost/releaseflow/ledger:"
STORE = "localhost/releaseflow/rails:"
WEB = "localhost/releaseflow/shop:"
MIGRATOR = "localhost/releaseflow/prisma:"
NODE_PAGE = "start/quick-start-node.md"


def test_a_go_binary_without_a_shell_is_released_as_root(empty_shop: Shop) -> None:
    shop = empty_shop
    url = "postgresql://ledger:PASSWORD@postgres:5432/ledger"
    differs = {"ghcr.io/acme/ledger:1.0.0": f"{LEDGER}v1", url: shop.database.url}
    for document in manifests("start/quick-start-go.md", differs):
        shop.kubectl("apply", "--filename=-", document=document)

    shop.ready("ledger")
    assert shop.live("ledger") == f"{LEDGER}v1"
    shop.kubectl("rollout", "status", "deployment/ledger", "--timeout=60s")

    _release(shop, "ledger", LEDGER + "v2")
    shop.ready("ledger")
    assert shop.live("ledger") == f"{LEDGER}v2"
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated", "Migrated"]
    assert all(run["status"]["backup"]["proof"] for run in shop.runs())
    assert shop.database.ask("select name from schema_migrations order by name") == [
        "0001_entries.sql",
        "0002_booked_at.sql",
    ]
    invariants.no_migration_ran_twice(shop)


def test_a_pipeline_migrates_and_reads_the_result(shop: Shop) -> None:
    (flow,) = manifests("guides/ci.md", {"ghcr.io/acme/shop:1.4.2": image("v2")})
    flow["spec"]["migration"]["env"] = [{"name": "SECRET_KEY", "value": "for-the-stories-only"}]
    shop.kubectl("apply", "--filename=-", document=flow)
    shop.kubectl("wait", "--for=condition=Ready", "releaseflow/shop-db", "--timeout=3m")
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated"]
    assert shop.columns("rflow", "shop-db")["TARGETS"] == "none"
    assert (shop.live(), shop.serves()) == (image("v1"), "v1"), "the pipeline moves the image, not the flow"

    shop.release("v3", "shop-db")
    shop.kubectl("wait", "--for=condition=Stalled", "releaseflow/shop-db", "--timeout=3m")
    failure = shop.get("rflow", "shop-db")["status"]["failure"]
    assert (failure["step"], failure["reason"], failure["exitCode"]) == ("Migrate", "MigrationFailed", 1)
    assert shop.live() == image("v1")
    invariants.no_migration_ran_twice(shop)


def test_node_is_released_by_prisma_in_another_image_held_and_repaired(empty_shop: Shop) -> None:
    shop = empty_shop
    differs = {
        "ghcr.io/acme/web:v1": WEB + "v1",
        "ghcr.io/acme/web-migrator:": MIGRATOR,
        "postgresql://web:PASSWORD@postgres:5432/web": shop.database.url,
    }
    for document in manifests(NODE_PAGE, differs):
        if document["kind"] == "Deployment":
            # An image without Node's tool, which serves in the place of the page's.
            document["spec"]["template"]["spec"]["containers"][0]["command"] = ["python3", "-m", "http.server"]
        shop.kubectl("apply", "--filename=-", document=document)
    shop.ready("web")
    _release(shop, "web", WEB + "v2")
    shop.ready("web")

    _release(shop, "web", WEB + "v3")
    failure = shop.stalled("MigrationFailed", "web")["failure"]
    assert "wigets" in failure["logTail"]
    assert shop.live("web") == WEB + "v2"
    assert shop.database.ask("select to_regclass('stock') is null") == ["t"], "as the page says"
    failed = "select count(*) from _prisma_migrations where finished_at is null and rolled_back_at is null"
    assert shop.database.ask(failed) == ["1"], "as the page says"

    (statement,) = blocks(NODE_PAGE, "sql")
    shop.database.ask(statement)
    _repair(shop, "web", WEB + "v4")
    outcomes = [run["status"]["outcome"] for run in shop.runs()]
    assert outcomes == ["Migrated", "Migrated", "MigrationFailed", "Migrated"]
    migrated = {pod["spec"]["initContainers"][0]["image"] for pod in invariants.migrations(shop, "pods")}
    assert migrated == {f"{MIGRATOR}{version}" for version in ("v1", "v2", "v3", "v4")}
    invariants.no_migration_ran_twice(shop)


def test_rails_is_released_by_separate_variables_held_and_repaired(empty_shop: Shop) -> None:
    shop = empty_shop
    given = parts(shop.database, USER, PASSWORD)
    differs = {"ghcr.io/acme/store:1.0.0": STORE + "v1"} | {
        f'{key}: "{there}"': f"{key}: {json.dumps(given[part])}"
        for key, there, part in (
            ("username", "store", "username"),
            ("password", "PASSWORD", "password"),
            ("DB_HOST, value", "postgres", "host"),
            ("DB_NAME, value", "store", "database"),
        )
    }
    for document in manifests("start/quick-start-rails.md", differs):
        shop.kubectl("apply", "--filename=-", document=document)
    shop.ready("store")
    shop.kubectl("rollout", "status", "deployment/store", "--timeout=60s")

    _release(shop, "store", STORE + "v2")
    shop.ready("store")
    shop.kubectl("rollout", "status", "deployment/store", "--timeout=60s")
    pods = shop.pod_uids("store")

    _release(shop, "store", STORE + "v3")
    failure = shop.stalled("MigrationFailed", "store")["failure"]
    assert (failure["step"], failure["exitCode"]) == ("Migrate", 1)
    assert 'relation "wigets" does not exist' in failure["logTail"]
    assert shop.live("store") == STORE + "v2"
    assert shop.pod_uids("store") == pods
    assert shop.database.ask("select to_regclass('stock') is null") == ["t"], "as the page says"

    _repair(shop, "store", STORE + "v4")
    outcomes = [run["status"]["outcome"] for run in shop.runs()]
    assert outcomes == ["Migrated", "NothingPending", "MigrationFailed", "Migrated"]
    assert all(run["status"]["backup"]["proof"] for run in shop.runs() if run["status"]["outcome"] != "NothingPending")
    invariants.no_migration_ran_twice(shop)


def _release(shop: Shop, flow: str, image: str) -> None:
    """Type the page's command."""
    shop.kubectl("patch", "rflow", flow, "--type=merge", f'--patch={{"spec":{{"image":"{image}"}}}}')


def _repair(shop: Shop, flow: str, image: str) -> None:
    """Release an image with a repaired migration, and allow it, as the page says."""
    _release(shop, flow, image)
    shop.command("retry", "repaired", flow)
    shop.ready(flow)
    assert shop.live(flow) == image
    assert shop.database.ask("select pieces from stock") == ["12"]
