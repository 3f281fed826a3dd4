"""Stories of the Job as the application's pod: a proxy beside it, its node, no target, other words or image."""

from tests.e2e.stories import invariants
from tests.e2e.stories.migrations import outcome
from tests.e2e.stories.shop import Raw, Shop, deployment, image
from tests.e2e.stories.waiting import until

PROXY = """
import asyncio, os, pathlib, re
def crash(when):
    if re.search(os.environ.get(when, "^$"), os.environ["HOSTNAME"]):
        os._exit(3)
async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
async def serve(reader, writer):
    begin = await reader.read(65536)
    if begin:
        crash("CRASH_AT_WORK")
        far = await asyncio.open_connection(os.environ["DB_HOST"], 5432)
        far[1].write(begin)
        await asyncio.gather(copy(reader, far[1]), copy(far[0], writer), return_exceptions=True)
    writer.close()
async def main():
    async with await asyncio.start_server(serve, "0.0.0.0", 5433) as server:
        await server.serve_forever()
mark = pathlib.Path("/marks/was-here")
if not mark.exists():
    mark.touch()
    crash("CRASH_AT_START")
asyncio.run(main())
"""
"""A TCP proxy: what Cloud SQL's and others do, without their cloud; it crashes in pods whose names are given."""
WEB = [{"name": "shop", "containers": ["web"]}]
ALONE: Raw = {
    "targets": None,
    "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
    "migration": {"env": [{"name": "SECRET_KEY", "value": "for-the-stories-only"}]},
    "jobs": {"podLabels": {"db-client": "yes"}, "podAnnotations": {"acme.example/team": "shop"}},
}


def test_an_application_that_reaches_its_database_only_through_a_proxy_is_released(shop: Shop) -> None:
    _deploy_with_proxy(shop)
    shop.flow("v2", targets=WEB, migration={"sidecars": ["other"]})
    waits = shop.waits("ContainerNotFound")
    assert "has no container other to carry along" in waits["message"]

    shop.flow("v2", targets=WEB, migration={"sidecars": ["db-proxy"]})
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


def test_a_sidecar_that_crashes_is_started_again_and_ends_a_step_only_by_what_it_takes_along(shop: Shop) -> None:
    _deploy_with_proxy(shop, CRASH_AT_START="-check-", CRASH_AT_WORK="^shop-1-.*-migrate-")
    shop.flow("v2", targets=WEB, migration={"sidecars": ["db-proxy"]})
    until(lambda: _sidecars(shop, "Check"), lambda found: [one["restartCount"] for one in found] == [1], 90)

    failure = shop.stalled("MigrationFailed")["failure"]
    assert (failure["step"], failure["exitCode"]) == ("Migrate", 1), "the migration's own exit code, and no other"
    [proxy] = _sidecars(shop, "Migrate")
    ends = [proxy[state].get("terminated", {}).get("exitCode") for state in ("state", "lastState")]
    assert 3 in ends, "it crashed while the migration ran"
    assert shop.live() == image("v1")
    assert shop.database.ask("select count(*) from information_schema.columns where column_name = 'sku'") == ["0"]

    shop.command("retry", "1")
    shop.ready()
    assert (shop.runs()[-1]["status"]["outcome"], shop.live()) == ("Migrated", image("v2"))
    invariants.no_migration_ran_twice(shop)
    until(lambda: invariants.left_hanging(shop), lambda found: not found, 60, "the end of the sidecars")


def test_every_pod_of_a_run_has_the_priority_that_is_asked_for_and_the_nodes_of_the_workload(shop: Shop) -> None:
    one = {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}]}
    nodes = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [one]}}
    apart = {"labelSelector": {"matchLabels": {"app": "shop"}}, "topologyKey": "kubernetes.io/hostname"}
    spread = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": apart}]}
    shop.deploy("v1", beside={"affinity": {"nodeAffinity": nodes, "podAntiAffinity": spread}})
    name = f"batch-{shop.kubectl.namespace}"
    shop.flow("v2", jobs={"priorityClassName": name, "startDeadlineSeconds": 10})
    shop.stalled("PodNotCreated")
    assert f"no PriorityClass with name {name} was found" in shop.condition("rflow", "shop")["message"]

    shop.apply("scheduling.k8s.io/v1", "PriorityClass", name, value=7, description="of a story")
    try:
        shop.command("retry", "1")
        until(lambda: shop.all("pods", "releaseflow.dev/step=Check"), bool, 90, "the check's pod")
        [check] = shop.all("pods", "releaseflow.dev/step=Check")
        shop.ready()
        pods = [check, *shop.all("pods", "releaseflow.dev/step=Backup"), *invariants.migrations(shop, "pods")]
        assert [pod["metadata"]["labels"]["releaseflow.dev/step"] for pod in pods] == ["Check", "Backup", "Migrate"]
        for pod in (found["spec"] for found in pods):
            assert (pod["priorityClassName"], pod["priority"]) == (name, 7)
            required = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
            assert required == nodes["requiredDuringSchedulingIgnoredDuringExecution"]
            assert "podAntiAffinity" not in pod["affinity"], "it spreads the workload's own replicas"
    finally:
        shop.kubectl("delete", "priorityclass", name)


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


def _deploy_with_proxy(shop: Shop, **crashes: str) -> None:
    """Let the shop reach its database through a proxy in its pods alone."""
    host = f"postgres.{shop.database.server.namespace}"
    shop.secret(shop.database.url.replace(f"{host}:5432", "127.0.0.1:5433"))
    told = {"DB_HOST": host, **crashes}
    proxy = {
        "name": "db-proxy",
        "image": image("v1"),
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-c", PROXY],
        "env": [{"name": name, "value": value} for name, value in told.items()],
        "ports": [{"name": "pg", "containerPort": 5433}],
        "readinessProbe": {"tcpSocket": {"port": "pg"}, "periodSeconds": 1},
        "volumeMounts": [{"name": "marks", "mountPath": "/marks"}],
    }
    raw = deployment("shop", "v1", beside={"volumes": [{"name": "marks", "emptyDir": {}}]})
    raw["spec"]["template"]["spec"]["containers"].append(proxy)
    shop.kubectl("apply", "--filename=-", document=raw)
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")


def _sidecars(shop: Shop, step: str) -> list[Raw]:
    """Return the statuses of the sidecars of a step's pods."""
    found = [pod["status"].get("initContainerStatuses", []) for pod in shop.all("pods", f"{invariants.STEP}={step}")]
    return [status for statuses in found for status in statuses if status["name"] == "db-proxy"]
