"""Stories of a migration that is executed in a running container, whose environment exists nowhere else."""

from collections.abc import Iterator

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories import invariants
from tests.e2e.stories.consoles import ACCOUNT, WITH, account, deploy_console, in_console, may_execute
from tests.e2e.stories.migrations import at_peace, at_work, database_state, lines, outcome, recorded, untouched
from tests.e2e.stories.operators import Operators
from tests.e2e.stories.shop import Raw, Shop, flow_spec, image
from tests.e2e.stories.waiting import until

SKU = "select count(*) from information_schema.columns where column_name = 'sku'"


@pytest.fixture
def consoled(shop: Shop) -> Shop:
    """A shop with a console, and an account that may execute in it."""
    deploy_console(shop, "v1")
    account(shop)
    may_execute(shop)
    return shop


@pytest.fixture
def operators(cluster: Kubectl) -> Iterator[Operators]:
    """The installed operator, and what kills its processes."""
    operators = Operators(cluster)
    operators.bring_killer()
    yield operators
    operators.settled()


def slowly(shop: Shop, seconds: float) -> dict[str, object]:
    """Return a migration in the console that leaves a line in the ledger, and takes its time."""
    known = recorded(shop, seconds)
    return in_console(**{**known, "command": [WITH, *known["command"]], "program": None})


def test_a_release_is_migrated_in_a_console_that_has_the_new_image_before(consoled: Shop) -> None:
    consoled.flow("v2", migration=in_console())
    consoled.ready()

    run = consoled.runs()[-1]["status"]
    assert (run["outcome"], run["backup"]["proof"] != "") == ("Migrated", True)
    assert (consoled.live(), consoled.live("console"), consoled.serves()) == (image("v2"), image("v2"), "v2")
    assert consoled.database.ask("select count(*) from shop_item where sku = ''") == ["0"]
    assert consoled.condition("rflow", "shop", "RunnerReady")["status"] == "True"
    [pod] = consoled.pods("console")
    [job] = invariants.migrations(consoled)
    log = str(consoled.kubectl("logs", f"job/{job['metadata']['name']}", "--container=migrate"))
    assert f"executing in pod {pod['metadata']['name']}, container web" in log
    assert "Applying shop." in log, "what the command writes is the log of the Job"
    assert _made(consoled, "console", "v2") <= job["status"]["startTime"]
    assert _made(consoled, "shop", "v2") >= run["completionTime"], "the target comes after the migration"
    at_peace(consoled)
    invariants.no_migration_ran_twice(consoled)


def test_an_account_that_may_not_execute_is_named_with_the_next_command_and_nothing_has_happened(shop: Shop) -> None:
    deploy_console(shop, "v1")
    account(shop)
    pods = shop.pod_uids()
    shop.flow("v2", migration=in_console(check={"policy": "Never"}))

    failure = shop.stalled("NotExecuted")["failure"]
    assert (failure["step"], failure["reason"]) == ("Migrate", "NotExecuted")
    assert "may not list pods" in failure["hint"]
    told = f"kubectl auth can-i --list -n {shop.kubectl.namespace} --as=system:serviceaccount:"
    assert f"{told}{shop.kubectl.namespace}:{ACCOUNT}" in failure["hint"]
    untouched(shop, pods, image("v1"))
    assert shop.database.ask(SKU) == ["0"]
    at_peace(shop)
    assert database_state(shop) == "Clean"

    may_execute(shop)
    shop.command("retry", "1")
    shop.ready()
    assert shop.live() == image("v2")


def test_a_migration_that_fails_there_shows_its_exit_code_and_log_and_the_old_version_serves(consoled: Shop) -> None:
    pods = consoled.pod_uids()
    consoled.flow("v3", migration=in_console())

    failure = consoled.stalled("MigrationFailed")["failure"]
    assert (failure["exitCode"], failure["step"]) == (1, "Migrate")
    assert "Traceback" in failure["logTail"] or "Error" in failure["logTail"]
    untouched(consoled, pods, image("v1"))
    assert consoled.live("console") == image("v3")
    at_peace(consoled)
    known = consoled.runs()[-1]["status"]["databaseState"], database_state(consoled)
    assert known == ("Dirty", "Dirty"), "the command has ended, so the database was asked"


def test_a_console_that_is_killed_under_a_migration_leaves_the_outcome_unknown_until_a_person_says_so(
    consoled: Shop,
) -> None:
    pods = consoled.pod_uids()
    consoled.flow("v2", migration=slowly(consoled, 60))
    run = at_work(consoled, 120)
    [pod] = consoled.pods("console")
    consoled.kubectl("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force")

    failure = consoled.stalled("OutcomeUnknown")["failure"]
    assert f"kubectl delete pod {pod['metadata']['name']} -n {consoled.kubectl.namespace}" in failure["hint"]
    assert outcome(consoled, run["metadata"]["name"])["outcome"] == "OutcomeUnknown"
    untouched(consoled, pods, image("v1"))
    at_peace(consoled)
    assert (database_state(consoled), lines(consoled)) == ("Unknown", 1)
    consoled.release("v4")
    assert len(consoled.runs()) == 1, "not even another image starts anything"

    consoled.command("retry", "1")
    consoled.ready()
    assert (consoled.live(), lines(consoled)) == (image("v4"), 2)
    invariants.no_migration_ran_twice(consoled)


def test_the_leader_is_killed_under_a_migration_and_its_outcome_is_not_lost(
    consoled: Shop, operators: Operators
) -> None:
    consoled.flow("v2", migration=slowly(consoled, 15))
    at_work(consoled, 120)
    assert operators.kill(operators.leads().holder)

    consoled.ready()
    assert (consoled.live(), lines(consoled)) == (image("v2"), 1)
    assert consoled.runs()[-1]["status"]["outcome"] == "Migrated"
    invariants.no_migration_ran_twice(consoled)


def test_a_run_by_hand_needs_a_ready_pod_with_its_image_and_moves_nothing(consoled: Shop) -> None:
    missing = outcome(consoled, _by_hand(consoled, "v2", check={"policy": "Never"}), 180)
    assert (missing["outcome"], missing["failure"]["step"]) == ("NotExecuted", "Migrate")
    assert f"no pod of Deployment console is ready with {image('v2')}" in missing["failure"]["hint"]
    assert (consoled.live("console"), consoled.database.ask(SKU)) == (image("v1"), ["0"])

    deploy_console(consoled, "v2")
    assert outcome(consoled, _by_hand(consoled, "v2"))["outcome"] == "Migrated"
    assert outcome(consoled, _by_hand(consoled, "v2"))["outcome"] == "NothingPending", "the check is executed there too"
    at_peace(consoled)


def test_a_console_that_does_not_come_up_ends_the_release_before_a_backup(consoled: Shop) -> None:
    pods = consoled.pod_uids()
    consoled.flow("none-such", migration=in_console(), promotion={"progressDeadlineSeconds": 10})

    failure = consoled.stalled("RolloutFailed")["failure"]
    assert "did not come up in Deployment console" in failure["hint"]
    assert (consoled.runs(), consoled.database.ask(SKU)) == ([], ["0"])
    untouched(consoled, pods, image("v1"))
    consoled.flow("v2", migration=in_console())
    consoled.ready()
    assert (consoled.live(), consoled.live("console")) == (image("v2"), image("v2"))


def _by_hand(shop: Shop, version: str, **migration: object) -> str:
    """Create a run as a person would; returns its name."""
    common = {key: flow_spec(version)[key] for key in ("image", "database", "backup")}
    body = {
        "apiVersion": "releaseflow.dev/v1alpha1",
        "kind": "MigrationRun",
        "metadata": {"generateName": "by-hand-"},
        "spec": {**common, "migration": in_console(tool="Django", **migration)},
    }
    made: Raw = shop.kubectl.create(body)
    return str(made["metadata"]["name"])


def _made(shop: Shop, deployment: str, version: str) -> str:
    """Return when the ReplicaSet of a version was made."""
    sets = shop.all("replicasets", f"app={deployment}")
    images = {one["spec"]["template"]["spec"]["containers"][0]["image"]: one for one in sets}
    return str(images[image(version)]["metadata"]["creationTimestamp"])


def test_nothing_waits_for_a_console_that_is_gone(consoled: Shop) -> None:
    consoled.kubectl("delete", "deployment", "console")
    consoled.flow("v2", migration=in_console())
    waits = consoled.waits("TargetNotFound")
    assert "kubectl get deployment console" in waits["message"]
    deploy_console(consoled, "v1")
    consoled.ready()
    until(lambda: consoled.pods("console"), lambda found: len(found) == 1, 60, "the console")
