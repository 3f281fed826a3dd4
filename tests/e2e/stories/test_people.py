"""Story 12: what people ask for: suspend, approve, abort, retry."""

from tests.e2e.stories.invariants import locks
from tests.e2e.stories.migrations import at_peace, at_work, lines, outcome, recorded, untouched
from tests.e2e.stories.shop import Shop, flow_spec, image
from tests.e2e.stories.waiting import always, until

OTHER = "worker"


def test_a_suspended_flow_starts_nothing_and_what_runs_finishes_unpromoted(shop: Shop) -> None:
    pods = shop.pod_uids()
    shop.flow("v2", suspend=True, migration=recorded(shop, 4))
    assert "kubectl patch rflow shop" in shop.waits("Suspended")["message"], "it names the next command"
    always(lambda: len(shop.runs()) + lines(shop), lambda started: started == 0, 2, "nothing starts")

    suspend(shop, is_so=False)
    run = at_work(shop)["metadata"]["name"]
    suspend(shop, is_so=True)
    assert outcome(shop, run)["outcome"] == "Migrated"
    shop.waits("Suspended")
    untouched(shop, pods, image("v1"))
    at_peace(shop)

    suspend(shop, is_so=False)
    shop.ready()
    assert shop.live() == image("v2")
    assert lines(shop) == 1


def test_a_migration_waits_for_approval_of_its_own_run(shop: Shop) -> None:
    shop.flow("v2", approvals=["BeforeMigration"], migration=recorded(shop))
    message = shop.waits("AwaitingApproval")["message"]
    (run,) = shop.runs()
    name = run["metadata"]["name"]
    assert f"releaseflow.dev/approve={name}" in message, "the message is the command"
    assert "backup" not in run["status"], "no backup ages while a person is asked"
    until(lambda: holders(shop), lambda held: not held, 10, "the lock to be given back")

    shop.command("approve", "another-run")
    always(lambda: lines(shop), lambda n: n == 0, 2, "another run's approval does not count")
    shop.command("approve", name)
    shop.ready()
    assert (shop.live(), lines(shop)) == (image("v2"), 1)
    assert shop.get("rflow", "shop")["status"]["lastHandled"]["approve"] == name
    assert shop.runs()[0]["status"]["backup"]["sha256"], "the backup was taken once a person had approved"
    at_peace(shop)


def test_while_one_flow_waits_for_a_person_another_on_the_same_database_releases(shop: Shop) -> None:
    shop.deploy("v1", name=OTHER, replicas=0)
    shop.flow("v2", approvals=["BeforeMigration"])
    shop.waits("AwaitingApproval")
    (asked,) = shop.runs()
    shop.flow("v1", name=OTHER, targets=[{"name": OTHER}], migration=recorded(shop))
    shop.ready(name=OTHER)
    assert shop.condition("rflow", "shop")["reason"] == "AwaitingApproval"
    assert lines(shop) == 1, "the other flow has migrated while the first one waits"

    shop.command("approve", asked["metadata"]["name"])
    shop.ready()
    assert shop.live() == image("v2")
    status = shop.get("mrun", asked["metadata"]["name"])["status"]
    check = next(step for step in status["steps"] if step["type"] == "Check")
    assert (check["attempt"], check["askedBefore"]) == (2, 1), "the check was asked again under the lock"
    released = shop.runs()[-1]["status"]["completionTime"]
    assert status["approvalRequestTime"] < released <= status["approvalTime"] <= check["startTime"]
    at_peace(shop)


def test_a_promotion_waits_for_approval(shop: Shop) -> None:
    pods = shop.pod_uids()
    shop.flow("v2", approvals=["BeforePromotion"], migration=recorded(shop))
    message = shop.waits("AwaitingApproval")["message"]
    (run,) = shop.runs()
    approval = f"{run['metadata']['name']}/BeforePromotion"
    assert f"releaseflow.dev/approve={approval}" in message
    assert run["status"]["outcome"] == "Migrated"
    untouched(shop, pods, image("v1"))
    at_peace(shop)

    shop.command("approve", approval)
    shop.ready()
    assert (shop.live(), lines(shop)) == (image("v2"), 1)


def test_of_two_approvals_each_is_waited_for(shop: Shop) -> None:
    pods = shop.pod_uids()
    shop.flow("v2", approvals=["BeforeMigration", "BeforePromotion"], migration=recorded(shop))
    shop.waits("AwaitingApproval")
    (run,) = shop.runs()
    name = run["metadata"]["name"]
    shop.command("approve", name)
    until(lambda: shop.condition("rflow", "shop")["message"], lambda said: f"{name}/BeforePromotion" in said, 60, "it")
    assert lines(shop) == 1
    always(shop.live, lambda live: live == image("v1"), 2, "an approval of the migration is none of the promotion")
    untouched(shop, pods, image("v1"))

    shop.command("approve", f"{name}/BeforePromotion")
    shop.ready()
    assert (shop.live(), lines(shop)) == (image("v2"), 1)


def test_abort_before_the_migration_ends_the_run_and_retry_starts_again(shop: Shop) -> None:
    pods = shop.pod_uids()
    shop.flow("v2", approvals=["BeforeMigration"], migration=recorded(shop))
    shop.waits("AwaitingApproval")

    shop.command("abort", "not today")
    status = shop.stalled("Aborted", seconds=20)
    assert status["lastHandled"]["abort"] == "not today"
    assert "releaseflow.dev/retry" in shop.condition("rflow", "shop")["message"]
    at_peace(shop)
    assert lines(shop) == 0
    untouched(shop, pods, image("v1"))

    shop.command("retry", "now")
    shop.waits("AwaitingApproval")
    shop.command("approve", shop.runs()[-1]["metadata"]["name"])
    shop.ready()
    assert (shop.live(), lines(shop)) == (image("v2"), 1)


def test_abort_in_mid_migration_lets_it_finish_and_withholds_the_promotion(shop: Shop) -> None:
    pods = shop.pod_uids()
    shop.flow("v2", migration=recorded(shop, 4))
    run = at_work(shop)["metadata"]["name"]

    shop.command("abort", "not today")
    shop.stalled("Aborted")
    assert outcome(shop, run)["outcome"] == "Migrated"
    untouched(shop, pods, image("v1"))
    assert lines(shop) == 1
    at_peace(shop)


def test_commands_set_before_are_echoed_and_what_does_not_apply_is_reported(shop: Shop) -> None:
    brought = {"retry": "of another cluster", "abort": "of another cluster"}
    metadata = {"name": "shop", "annotations": {f"releaseflow.dev/{word}": value for word, value in brought.items()}}
    api = "releaseflow.dev/v1alpha1"
    shop.kubectl.create({"apiVersion": api, "kind": "ReleaseFlow", "metadata": metadata, "spec": flow_spec("v1")})
    shop.ready()

    assert handled(shop, "abort") == "of another cluster", "it is echoed, and was not acted on"

    before = shop.get("rflow", "shop")["metadata"]["resourceVersion"]
    always(
        lambda: shop.get("rflow", "shop")["metadata"]["resourceVersion"], lambda v: v == before, 3, "idle is no writes"
    )
    shop.command("reconcile", "check")
    until(lambda: handled(shop, "reconcile"), lambda value: value == "check", 10, "an echo")
    shop.command("abort", "nothing to abort")
    until(lambda: handled(shop, "abort"), lambda value: value == "nothing to abort", 10, "an echo")
    assert shop.condition("rflow", "shop")["status"] == "True"
    told = until(
        lambda: shop.kubectl("events", "--for=releaseflow/shop"), lambda text: "does not apply" in text, 10, "an event"
    )
    assert "CommandIgnored" in told
    assert "no release is under way" in told, "it says why nothing was done"


def holders(shop: Shop) -> list[str]:
    """Return who holds a lock of the namespace."""
    return [lock["spec"]["holderIdentity"] for lock in locks(shop) if lock["spec"].get("holderIdentity")]


def handled(shop: Shop, word: str) -> str:
    """Return what the flow has echoed of a command."""
    return str(shop.get("rflow", "shop")["status"]["lastHandled"].get(word, ""))


def suspend(shop: Shop, *, is_so: bool) -> None:
    """Suspend the flow, or go on."""
    shop.kubectl("patch", "rflow", "shop", "--type=merge", f'--patch={{"spec":{{"suspend":{str(is_so).lower()}}}}}')
