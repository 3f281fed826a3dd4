"""Stories of the Job as the application's pod: a proxy beside it, no target, other words and another image."""

from tests.e2e.stories import invariants
from tests.e2e.stories.migrations import outcome
from tests.e2e.stories.shop import Raw, Shop, deployment, image
from tests.e2e.stories.waiting import until

PROXY = """
import asyncio, os
async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
async def serve(reader, writer):
    far = await asyncio.open_connection(os.environ["DB_HOST"], 5432)
    await asyncio.gather(copy(reader, far[1]), copy(far[0], writer), return_exceptions=True)
async def main():
    async with await asyncio.start_server(serve, "0.0.0.0", 5433) as server:
        await server.serve_forever()
asyncio.run(main())
"""
"""A TCP proxy: what Cloud SQL's and others do, without their cloud."""
ALONE: Raw = {
    "targets": None,
    "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
    "migration": {"env": [{"name": "SECRET_KEY", "value": "for-the-stories-only"}]},
    "jobs": {"podLabels": {"db-client": "yes"}, "podAnnotations": {"acme.example/team": "shop"}},
}


def test_an_application_that_reaches_its_database_only_through_a_proxy_is_released(shop: Shop) -> None:
    host = f"postgres.{shop.database.server.namespace}"
    shop.secret(shop.database.url.replace(f"{host}:5432", "127.0.0.1:5433"))
    _deploy_with_proxy(shop, host)
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")

    targets = [{"name": "shop", "containers": ["web"]}]
    shop.flow("v2", targets=targets, migration={"sidecars": ["other"]})
    waits = shop.waits("ContainerNotFound")
    assert "has no container other to carry along" in waits["message"]

    shop.flow("v2", targets=targets, migration={"sidecars": ["db-proxy"]})
    shop.command("abort", "1")
    shop.stalled("Aborted")
    shop.command("retry", "1")
    shop.ready()

    run = shop.runs()[-1]["status"]
    assert (run["outcome"], run["backup"]["proof"] != "") == ("Migrated", True)
    assert shop.live() == image("v2")
    assert shop.database.ask("select count(*) from shop_item where sku = ''") == ["0"]
    [job] = invariants.migrations(shop)[-1:]
    first = job["spec"]["template"]["spec"]["initContainers"][0]
    assert (first["name"], first["restartPolicy"]) == ("db-proxy", "Always")
    invariants.no_migration_ran_twice(shop)
    until(lambda: invariants.left_hanging(shop), lambda found: not found, 60, "the end of the sidecars")


def test_a_flow_without_targets_migrates_and_leaves_every_workload_alone(shop: Shop) -> None:
    pods = shop.pod_uids()
    shop.flow("v2", **ALONE)
    shop.kubectl("wait", "--for=condition=Ready", "--timeout=180s", "releaseflow/shop")
    status = shop.get("rflow", "shop")["status"]
    assert [c["type"] for c in status["conditions"]] == ["RunSucceeded", "Ready"]
    assert shop.condition("rflow", "shop")["message"] == f"The database is ready for {image('v2')}"
    assert "workloadRef" not in shop.runs()[0]["spec"]["migration"]
    [pod] = invariants.migrations(shop, "pods")
    assert pod["metadata"]["labels"]["db-client"] == "yes"
    assert pod["metadata"]["annotations"]["acme.example/team"] == "shop"
    row = shop.columns("rflow", "shop")
    assert (row["TARGETS"], row["WANTED"], row["LIVE"], row["READY"]) == ("none", "v2", "", "True")
    assert shop.database.ask("select count(*) from shop_item where sku = ''") == ["0"]

    shop.release("v3")
    assert shop.stalled("MigrationFailed")["failure"]["step"] == "Migrate"
    assert (shop.live(), shop.pod_uids()) == (image("v1"), pods), "nothing is written into a workload"

    shop.release("v4")
    shop.command("retry", "repaired")
    shop.ready()
    assert (shop.live(), shop.pod_uids()) == (image("v1"), pods)
    invariants.no_migration_ran_twice(shop)


def test_another_image_migrates_in_the_users_words(empty_shop: Shop) -> None:
    shop = empty_shop
    migration: Raw = {
        "tool": "Alembic",
        "program": ["python3", "-m", "alembic"],
        "path": "../app/alembic.ini",
        "workingDir": "/app",
        "image": "localhost/releaseflow/alembic:$(TAG)",
        "runAsUser": 10002,
    }
    shop.flow("v1", targets=None, migration=migration)
    shop.ready()
    [run] = shop.runs()
    assert outcome(shop, run["metadata"]["name"])["outcome"] == "Migrated"
    [job] = invariants.migrations(shop)
    migrate = job["spec"]["template"]["spec"]["initContainers"][0]
    assert migrate["image"] == "localhost/releaseflow/alembic:v1"
    assert migrate["command"] == ["python3", "-m", "alembic", "-c", "../app/alembic.ini", "upgrade", "head"]
    assert migrate["securityContext"]["runAsUser"] == 10002
    assert "0002" in shop.runs()[-1]["status"]["schemaAfter"]["version"]

    shop.release("v2")
    shop.ready()
    assert shop.runs()[-1]["status"]["outcome"] == "NothingPending", "the check runs in the same image and words"


def _deploy_with_proxy(shop: Shop, host: str) -> None:
    proxy = {
        "name": "db-proxy",
        "image": image("v1"),
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-c", PROXY],
        "env": [{"name": "DB_HOST", "value": host}],
        "ports": [{"name": "pg", "containerPort": 5433}],
        "readinessProbe": {"tcpSocket": {"port": "pg"}, "periodSeconds": 1},
    }
    raw = deployment("shop", "v1")
    raw["spec"]["template"]["spec"]["containers"].append(proxy)
    shop.kubectl("apply", "--filename=-", document=raw)
