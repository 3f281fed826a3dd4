"""Hooks: commands of the team's at four places of a release, each run once, and what becomes of one that fails."""

from typing import Any

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories import invariants
from tests.e2e.stories.migrations import at_peace, outcome
from tests.e2e.stories.operators import Operators
from tests.e2e.stories.shop import Raw, Shop, image
from tests.e2e.stories.waiting import until

MIGRATED = ["python3", "manage.py", "migrate", "--check"]
"""A smoke test that asks the new image whether the schema is its own."""
_WRITE = (
    "import os, sys, psycopg; connection = psycopg.connect(os.environ['DATABASE_URL'], autocommit=True); "
    "connection.execute('create table if not exists hooks (name text, version text)'); "
    "connection.execute('insert into hooks values (%s, %s)', (sys.argv[1], os.environ['SHOP_VERSION']))"
)


def test_all_run_once_in_their_order_and_a_failure_that_is_allowed_is_said(shop: Shop) -> None:
    hooks = {
        "beforeMigration": [_writes("drain"), _writes("page")],
        "beforePromotion": [{"name": "smoke", "command": MIGRATED}, _fails("lint", onFailure="Continue")],
        "afterRollout": [_writes("e2e")],
        "onFailure": [_writes("tell")],
    }
    shop.flow("v2", hooks=hooks)
    shop.ready()

    assert shop.live() == image("v2")
    assert _written(shop) == ["drain v2", "page v2", "e2e v2"], "with the new image, and none for a failure"
    migration, before, after = _run(shop, "Migration"), _run(shop, "BeforePromotion"), _run(shop, "AfterRollout")
    assert [(step["name"], step["type"]) for step in migration["status"]["steps"]] == [
        *(("check", "Check"), ("drain", "Hook"), ("page", "Hook")),
        *(("backup", "Backup"), ("migrate", "Migrate")),
    ]
    assert [(s["name"], s["outcome"]) for s in before["status"]["steps"]] == [
        ("smoke", "Succeeded"),
        ("lint", "Failed"),
    ]
    times = [step[key] for run in (migration, before) for step in run["status"]["steps"] for key in _TIMES]
    [target] = shop.get("rflow", "shop")["status"]["targets"]
    times += [target["promotedTime"], *(after["status"]["steps"][0][key] for key in _TIMES)]
    assert times == sorted(times), "one after the other"
    said = shop.condition("rflow", "shop", "BeforePromotionDone")
    assert (said["status"], said["reason"]) == ("True", "HookFailureAllowed")
    shop.warned("ReleaseFlow", "shop", "HookFailureAllowed")
    _ran_once(shop, 5)
    invariants.are_kept(shop)


def test_a_smoke_test_that_fails_promotes_nothing_and_says_what_to_do(shop: Shop) -> None:
    shop.flow("v2", hooks={"beforePromotion": [_fails("smoke")]})
    status = shop.stalled("HookFailed")

    assert (shop.live(), shop.serves()) == (image("v1"), "v1")
    failure = status["failure"]
    assert (failure["step"], failure["reason"], failure["exitCode"]) == ("Hook", "HookFailed", 7)
    assert "no answer" in failure["logTail"]
    assert failure["hint"].startswith("hook smoke: it exited with 7. Nothing was promoted: the old version serves on.")
    assert "releaseflow.dev/retry" in failure["hint"]
    shop.warned("Deployment", "shop", "HookFailed")
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated", "HookFailed"]

    shop.flow("v2", hooks={"beforePromotion": [{"name": "smoke", "command": MIGRATED}]})
    shop.command("retry", "the smoke test is repaired")
    shop.ready()

    assert shop.live() == image("v2")
    assert sorted(run["status"]["outcome"] for run in shop.runs()) == [
        *("HookFailed", "HooksDone", "Migrated", "NothingPending")
    ]
    _ran_once(shop, 2)
    invariants.are_kept(shop)


def test_a_failure_after_the_rollout_turns_back(shop: Shop) -> None:
    pods = shop.pod_uids()
    shop.flow("v2", hooks={"afterRollout": [_fails("e2e")]}, promotion={"onRolloutFailure": "Rollback"})
    status = shop.stalled("RolledBack")

    assert (status["release"]["outcome"], status["failure"]["reason"]) == ("RolledBack", "HookFailed")
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")
    assert (shop.live(), shop.serves()) == (image("v1"), "v1")
    assert not pods & shop.pod_uids(), "the new version had served"
    invariants.are_kept(shop)


def test_hooks_run_after_a_migration_that_failed(shop: Shop) -> None:
    shop.flow("v3", hooks={"beforeMigration": [_writes("page")], "onFailure": [_writes("page-off"), _fails("tell")]})
    shop.stalled("MigrationFailed")
    until(lambda: _written(shop), lambda said: said == ["page v3", "page-off v3"], 60, "the hooks of the failure")

    run = outcome(shop, _run(shop, "OnFailure")["metadata"]["name"])
    assert run["outcome"] == "HookFailed"
    until(
        lambda: shop.condition("rflow", "shop")["message"],
        lambda said: "The hooks of onFailure ended with HookFailed" in said,
        *(30, "a word on them"),
    )
    assert shop.condition("rflow", "shop")["reason"] == "MigrationFailed", "a failure of theirs changes nothing"
    at_peace(shop)
    _ran_once(shop, 3)


@pytest.mark.xdist_group("operator")
def test_the_operator_is_killed_in_a_hook_and_the_hook_runs_once(cluster: Kubectl, server: Kubectl, shop: Shop) -> None:
    operators = Operators(cluster)
    operators.bring_killer()
    operators.settled()
    shop.flow("v2", hooks={"beforeMigration": [_writes("page", 6)], "beforePromotion": [_writes("smoke", 6)]})
    for name in ("page", "smoke"):
        until(lambda: _written(shop)[-1:], [f"{name} v2"].__eq__, 90, f"the hook {name}")
        leader = operators.leads().holder
        assert operators.kill(leader)
        operators.remove(leader)
        operators.leads(but=leader)

    shop.ready(seconds=240)
    assert _written(shop) == ["page v2", "smoke v2"]
    _ran_once(shop, 2)
    invariants.are_kept(shop)
    operators.settled()


_TIMES = ("startTime", "completionTime")


def _writes(name: str, seconds: int = 0) -> Raw:
    """Return a hook that writes its name and version into the database, and works on for a while."""
    return {"name": name, "command": ["sh", "-c", f'python3 -c "{_WRITE}" {name} && sleep {seconds}']}


def _fails(name: str, **facts: Any) -> Raw:
    return {"name": name, "command": ["sh", "-c", "echo no answer; exit 7"], **facts}


def _written(shop: Shop) -> list[str]:
    there = shop.database.ask("select 1 from pg_tables where tablename = 'hooks'")
    return [line.replace("|", " ") for line in shop.database.ask("select * from hooks")] if there else []


def _run(shop: Shop, role: str) -> Raw:
    [found] = [run for run in shop.runs() if run["spec"]["flowRef"]["role"] == role]
    return found


def _ran_once(shop: Shop, hooks: int) -> None:
    """Assert that so many hooks ran, each in one Job and one pod."""
    jobs, pods = (shop.all(kind, f"{invariants.STEP}=Hook") for kind in ("jobs", "pods"))
    assert (len(jobs), len(pods)) == (hooks, hooks)
