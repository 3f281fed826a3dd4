"""Story 10: somebody deletes something in the middle of a migration."""

import pytest

from tests.e2e.kubectl import RefusedError
from tests.e2e.stories.invariants import locks
from tests.e2e.stories.migrations import at_peace, at_work, database_state, lines, outcome, recorded, untouched
from tests.e2e.stories.shop import Raw, Shop, image
from tests.e2e.stories.waiting import until

SECONDS = 8
STEP = "releaseflow.dev/step=Migrate"


@pytest.fixture
def migrating(shop: Shop) -> Raw:
    """The run of a migration of a first sight that is at work."""
    shop.flow("v1", migration=recorded(shop, SECONDS, "true"))
    return at_work(shop)


@pytest.mark.parametrize("how", ["background", "foreground"])
def test_the_flow_is_deleted_and_the_migration_finishes_unpromoted(shop: Shop, migrating: Raw, how: str) -> None:
    pods = shop.pod_uids()
    shop.kubectl("delete", "rflow", "shop", f"--cascade={how}", "--wait=false")

    assert migrating_pod(shop)["status"]["phase"] in {"Pending", "Running"}
    gone(shop, "rflow", "shop")
    shop.warned("Deployment", "shop", "FlowDeleted")
    gone(shop, "mrun", migrating["metadata"]["name"])
    at_peace(shop)
    assert database_state(shop) == "Clean", "the migration was left to finish, and its end was seen"
    assert lines(shop) == 1
    untouched(shop, pods, image("v1"))
    until(lambda: shop.all("jobs"), lambda jobs: not jobs, 30, "the Jobs to go with their run")


def test_the_run_is_deleted_and_stays_until_its_outcome_is_recorded(shop: Shop, migrating: Raw) -> None:
    shop.kubectl("delete", "mrun", migrating["metadata"]["name"], "--wait=false")

    shop.ready(seconds=60)
    assert shop.get("rflow", "shop")["status"]["release"]["runOutcome"] == "Migrated"
    gone(shop, "mrun", migrating["metadata"]["name"])
    at_peace(shop)
    assert lines(shop) == 1
    assert database_state(shop) == "Clean"
    assert shop.runs() == [], "it is not made again"


def test_the_run_is_deleted_before_its_migration(shop: Shop) -> None:
    shop.flow("v1", approvals=["BeforeMigration"], migration=recorded(shop))
    shop.waits("AwaitingApproval")
    run = str(shop.runs()[0]["metadata"]["name"])
    shop.kubectl("delete", "mrun", run, "--wait=false")

    gone(shop, "mrun", run)
    assert shop.stalled("RunDeleted", seconds=30)["release"]["outcome"] == "Failed"
    at_peace(shop)
    assert lines(shop) == 0
    assert locks(shop) == [], "nothing is known of the database yet, so no lock stays"


@pytest.mark.parametrize("how", ["background", "foreground", "orphan"])
def test_the_job_is_deleted_and_the_outcome_is_unknown(shop: Shop, migrating: Raw, how: str) -> None:
    pods = shop.pod_uids()
    (job,) = shop.all("jobs", STEP)
    shop.kubectl("delete", "job", job["metadata"]["name"], f"--cascade={how}", "--wait=false")

    status = shop.stalled("OutcomeUnknown", seconds=60)
    assert "releaseflow.dev/retry" in status["failure"]["hint"]
    at_peace(shop)
    assert lines(shop) == 1, "it is not run again"
    assert database_state(shop) == "Unknown"
    untouched(shop, pods, image("v1"))

    shop.flow("v1", migration=recorded(shop, 0, "true"))
    shop.command("retry", "looked at it")
    shop.ready()
    assert lines(shop) == 2
    at_peace(shop)


def test_the_pod_is_deleted_and_the_migration_counts_as_interrupted(shop: Shop, migrating: Raw) -> None:
    pods = shop.pod_uids()
    shop.kubectl("delete", "pod", migrating_pod(shop)["metadata"]["name"], "--wait=false")

    status = shop.stalled("Interrupted", seconds=60)
    assert status["failure"]["step"] == "Migrate"
    assert "pod" in status["failure"]
    at_peace(shop)
    assert lines(shop) == 1, "no second pod is made"
    assert database_state(shop) == "Unchanged"
    untouched(shop, pods, image("v1"))


def test_the_target_is_deleted_and_made_again(shop: Shop, migrating: Raw) -> None:
    shop.kubectl("delete", "deployment", "shop", "--wait=false")

    assert outcome(shop, migrating["metadata"]["name"])["outcome"] == "Migrated", "what was started finishes"
    shop.waits("TargetNotFound", seconds=20)
    shop.deploy("v1")
    shop.stalled("TargetReplaced", seconds=20)
    shop.command("retry", "it is the right one")
    shop.ready()
    at_peace(shop)


def test_the_namespace_is_deleted_within_seconds(shop: Shop, migrating: Raw) -> None:
    name = shop.kubectl.namespace
    shop.kubectl("delete", "namespace", name, "--wait=false")

    until(lambda: exists(shop, "namespace", name), lambda there: not there, 45, "the namespace to be gone")


def test_a_run_that_was_torn_away_leaves_nothing_behind(shop: Shop, migrating: Raw) -> None:
    run = migrating["metadata"]["name"]
    shop.kubectl("delete", "rflow", "shop", "--cascade=orphan", "--wait=false")
    shop.kubectl("patch", "mrun", run, "--type=merge", '--patch={"metadata":{"finalizers":null}}')
    shop.kubectl("delete", "mrun", run, "--wait=false", "--ignore-not-found")
    if exists(shop, "mrun", run):
        shop.kubectl("patch", "mrun", run, "--type=merge", '--patch={"metadata":{"finalizers":null}}')

    gone(shop, "mrun", run)
    assert migrating_pod(shop)["status"]["phase"] in {"Pending", "Running"}, "it is left to finish"
    until(lambda: kept(shop), lambda names: not names, 60, "Job and pod to be let go of")
    assert lines(shop) == 1

    shop.flow("v1", name="next", migration=recorded(shop))
    shop.stalled("DatabaseUnknown", name="next")
    shop.command("retry", "looked at it", name="next")
    shop.ready(name="next")
    at_peace(shop)


def migrating_pod(shop: Shop) -> Raw:
    """Return the one pod of the migration."""
    (pod,) = shop.all("pods", STEP)
    return pod


def kept(shop: Shop) -> list[str]:
    """Return the Jobs and pods that our finalizer keeps."""
    found = [*shop.all("jobs"), *shop.all("pods")]
    return [it["metadata"]["name"] for it in found if "releaseflow.dev/outcome" in it["metadata"].get("finalizers", [])]


def gone(shop: Shop, kind: str, name: str, seconds: float = 60) -> None:
    """Wait until an object is gone."""
    until(lambda: exists(shop, kind, name), lambda there: not there, seconds, f"{kind} {name} to be gone")


def exists(shop: Shop, kind: str, name: str) -> bool:
    """Whether there is such an object."""
    try:
        return bool(shop.kubectl("get", kind, name, "--ignore-not-found", "--output=name"))
    except RefusedError:
        return False
