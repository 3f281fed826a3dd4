"""Bad days of each migration tool: a database that cannot be reached, an end by force, another flow, a closed pod."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from releaseflow.presets.preset import Preset
from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Raw, Shop
from tests.e2e.stories.tools import EXAMPLES, each_tool, image, seen, state_left
from tests.e2e.stories.waiting import until

APP = Path("/app")
FLOW = "widgets"
CLOSED_PORT = 1
GIVEN_UP = {"DeadlineExceeded", "MigrationFailed"}
"""How a migration ends that waits for a server without an answer: by its deadline, or by a time-out of the tool's."""
SILENT_PORT = 8001
SLOW_DEADLINE = 20
"""Seconds in which the slowest tool begins, on a busy machine too, the statement that takes half a minute."""
LISTEN = f"import socket; s = socket.create_server(('', {SILENT_PORT})); held = [s.accept() for _ in iter(int, 1)]"


@pytest.mark.parametrize("preset", each_tool("rails"))
def test_a_port_that_is_closed_fails_the_migration_and_nothing_is_changed(empty_shop: Shop, preset: Preset) -> None:
    shop = empty_shop
    _deploy(shop, preset, "v1", url=_at(shop, urlsplit(shop.database.url).hostname or "", CLOSED_PORT))
    _flow(shop, preset, "v1", migration={"check": {"policy": "Never"}})

    status = shop.stalled("MigrationFailed", FLOW)
    assert state_left(shop) == "Clean"
    seen(preset, closed=f"MigrationFailed, exit code {status['failure']['exitCode']}, Clean")


@pytest.mark.parametrize("preset", each_tool("alembic"))
def test_a_port_that_never_answers_is_given_up_at_the_deadline(empty_shop: Shop, preset: Preset) -> None:
    shop = empty_shop
    _listen(shop)
    _deploy(shop, preset, "v1", url=_at(shop, "silent", SILENT_PORT))
    _flow(shop, preset, "v1", migration={"check": {"policy": "Never"}, "deadlineSeconds": 10})

    ended = shop.until_condition("rflow", FLOW, lambda c: c.get("reason") in GIVEN_UP, 180, "given up", "Stalled")
    assert state_left(shop) == "Clean"
    seen(preset, silent=f"{ended['reason']}, Clean")


@pytest.mark.parametrize("preset", each_tool("knex"))
def test_a_migration_that_is_ended_leaves_what_is_said_and_the_next_one_runs_after_it(
    empty_shop: Shop, preset: Preset
) -> None:
    shop = empty_shop
    _deploy(shop, preset, "v1")
    _flow(shop, preset, "v1")
    shop.ready(FLOW)

    _flow(shop, preset, "slow", migration={"deadlineSeconds": SLOW_DEADLINE})
    until(lambda: _asleep(shop), bool, 120, "the slow statement, which the deadline then ends")
    failure = shop.stalled("DeadlineExceeded", FLOW)["failure"]
    assert preset.leftovers["PostgreSQL"].killed in failure["hint"]
    assert shop.live(FLOW) == image(preset, "v1")
    state = state_left(shop)
    assert not _sessions(shop), "the state is said once no session of the migration is left"

    _flow(shop, preset, "v4")
    shop.command("retry", "repaired", FLOW)
    outcome = until(lambda: _outcomes(shop), lambda found: len(found) > 2 and all(found), 180, "the next migration")[-1]
    seen(preset, killed=f"{state}, then {outcome}")
    assert outcome == ("MigrationFailed" if preset.leftovers["PostgreSQL"].blocks else "Migrated")
    invariants.no_migration_ran_twice(shop)


@pytest.mark.parametrize("preset", each_tool("laravel"))
def test_two_flows_on_one_database_migrate_it_once(empty_shop: Shop, preset: Preset) -> None:
    shop = empty_shop
    names = (FLOW, "other")
    for name in names:
        _deploy(shop, preset, "v4", name)
    for name in names:
        _flow(shop, preset, "v4", name, database={"lockKey": FLOW})
    for name in names:
        shop.ready(name)

    assert shop.database.ask("select pieces from stock") == ["12"]
    invariants.no_migration_ran_twice(shop)
    seen(preset, two=", ".join(sorted(_outcomes(shop))))


@pytest.mark.parametrize("preset", each_tool("sqlx"))
def test_a_pod_that_may_write_nothing_migrates(empty_shop: Shop, preset: Preset) -> None:
    shop = empty_shop
    closed = {"readOnlyRootFilesystem": True, "runAsNonRoot": True, "runAsUser": 10002, "runAsGroup": 10002}
    mounts = [{"name": f"w{number}", "mountPath": str(APP / folder)} for number, folder in enumerate(preset.writes)]
    volumes = [{"name": mount["name"], "emptyDir": {}} for mount in mounts]
    beside = {"volumes": volumes, "securityContext": {"fsGroup": 10002}}
    _deploy(shop, preset, "v1", beside=beside, securityContext=closed, volumeMounts=mounts)
    _flow(shop, preset, "v1")

    shop.ready(FLOW)
    seen(preset, closed_pod=", ".join(_outcomes(shop)))


def _deploy(  # noqa: PLR0913, PLR0917 - what a Deployment may differ in
    shop: Shop,
    preset: Preset,
    version: str,
    name: str = FLOW,
    url: str = "",
    beside: Raw | None = None,
    **container: Any,
) -> None:
    """Apply a Deployment of the example; with a URL, its own tool is sent there, and only our client is not."""
    env = [{"name": "OUR_URL", "value": shop.database.url}, {"name": "DATABASE_URL", "value": url or shop.database.url}]
    one = {"name": "web", "image": image(preset, version), "env": env, **container}
    labels = {"app": name}
    pod = {"containers": [one], "terminationGracePeriodSeconds": 1, **(beside or {})}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    shop.apply("apps/v1", "Deployment", name, spec=spec)


def _flow(shop: Shop, preset: Preset, version: str, name: str = FLOW, **changes: Any) -> None:
    """Apply the example's flow with some fields of its own."""
    flow: Raw = yaml.safe_load((EXAMPLES / preset.name.lower() / "flow.yaml").read_text("utf-8"))
    flow["metadata"]["name"] = name
    spec = flow["spec"]
    spec["image"], spec["targets"] = image(preset, version), [{"name": name}]
    spec["database"] = {"fromEnv": {"url": "OUR_URL"}, **changes.get("database", {})}
    spec["backup"] = {"persistentVolumeClaim": {"claimName": "shop-backups"}}
    spec["migration"] |= changes.get("migration", {})
    shop.kubectl("apply", "--filename=-", document=flow)


def _at(shop: Shop, host: str, port: int) -> str:
    """Return the URL of the shop's database at another address."""
    url = urlsplit(shop.database.url)
    user = url.netloc.rpartition("@")[0]
    return url._replace(netloc=f"{user}@{host}:{port}").geturl()


def _listen(shop: Shop) -> None:
    """Have a Service whose port takes connections, and says nothing."""
    words = [f"--overrides={json.dumps({'spec': {'terminationGracePeriodSeconds': 1}})}", "--command", "--"]
    port = f"--port={SILENT_PORT}"
    shop.kubectl("run", "silent", "--image=localhost/releaseflow/shop:v1", port, *words, "python3", "-c", LISTEN)
    shop.kubectl("expose", "pod", "silent", port)
    shop.kubectl("wait", "--for=condition=Ready", "pod/silent", "--timeout=60s")


def _outcomes(shop: Shop) -> list[str]:
    return [str(run["status"].get("outcome", "")) for run in shop.runs()]


def _asleep(shop: Shop) -> list[str]:
    """Return the sessions in which the slow statement is at work."""
    busy = f"datname = '{shop.database.name}' and state = 'active' and pid <> pg_backend_pid()"
    return shop.database.ask(f"select pid from pg_stat_activity where {busy} and query ~ 'pg_sleep'")


def _sessions(shop: Shop) -> list[str]:
    own = f"datname = '{shop.database.name}' and application_name like 'releaseflow-%'"
    return shop.database.ask(f"select application_name from pg_stat_activity where {own}")
