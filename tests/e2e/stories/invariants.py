"""What holds in every story, whatever goes wrong in it."""

from typing import Any

from tests.e2e.api import read
from tests.e2e.stories.installation import NAMESPACE
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import until

Raw = dict[str, Any]
SUCCESSFUL = frozenset({"Migrated", "NothingPending"})
MANAGED = "releaseflow.dev/managed=true"
STEP = "releaseflow.dev/step"
RUN = "releaseflow.dev/run-uid"
ROWS = 1000


def are_kept(shop: Shop, first: str = "v1") -> None:
    """Assert that no image served before its migration, that none ran twice, and that nothing is left hanging."""
    no_image_served_before_its_migration(shop, first)
    no_migration_ran_twice(shop)
    until(lambda: left_hanging(shop), lambda found: not found, 30, "the clean-up after the runs")


def no_image_served_before_its_migration(shop: Shop, first: str = "v1") -> None:
    """Assert that pods of an image were made only after a run of this image had succeeded."""
    done = [run for run in shop.runs() if run["status"].get("outcome") in SUCCESSFUL]
    for replica_set in shop.all("replicasets"):
        (container,) = replica_set["spec"]["template"]["spec"]["containers"]
        if container["image"] == image(first):
            continue
        made = replica_set["metadata"]["creationTimestamp"]
        times = [run["status"]["completionTime"] for run in done if run["spec"]["image"] == container["image"]]
        assert times, f"{container['image']} was promoted without a successful run"
        assert min(times) <= made, f"{container['image']} was promoted before its run had ended"


def no_migration_ran_twice(shop: Shop) -> None:
    """Assert that no run has more than one Job, or more than one pod, of the migration."""
    for kind in ("jobs", "pods"):
        runs = [found["metadata"]["labels"][RUN] for found in shop.all(kind, f"{STEP}=Migrate")]
        assert len(runs) == len(set(runs)), f"a run has several {kind} of its migration"


def migrations(shop: Shop, kind: str = "jobs") -> list[Raw]:
    """Return all Jobs, or pods, of the step that migrates."""
    return shop.all(kind, f"{STEP}=Migrate")


def left_hanging(shop: Shop) -> list[str]:
    """Return what a finished story must not leave: unfinished Jobs, kept pods, held runs, a lock that is held."""
    jobs = [_name(job) for job in shop.all("jobs", MANAGED) if not _is_over(job) or _is_held(job)]
    held = [_name(found) for kind in ("pods", "mrun") for found in shop.all(kind) if _is_held(found)]
    return jobs + held + [_name(lease) for lease in locks(shop) if lease["spec"].get("holderIdentity")]


def locks(shop: Shop) -> list[Raw]:
    """Return the locks of the namespace's databases."""
    found = read("leases", NAMESPACE, selector="releaseflow.dev/lock=true")
    mine = shop.kubectl.namespace
    return [it for it in found["items"] if it["metadata"]["annotations"]["releaseflow.dev/lock-namespace"] == mine]


def data_is_whole(shop: Shop) -> None:
    """Assert that the shop has all its items."""
    assert shop.database.ask("select count(*), count(distinct id) from shop_item") == [f"{ROWS}|{ROWS}"]


def _is_over(job: Raw) -> bool:
    conditions = job.get("status", {}).get("conditions", [])
    return any(c["type"] in {"Complete", "Failed"} and c["status"] == "True" for c in conditions)


def _is_held(found: Raw) -> bool:
    return "releaseflow.dev/outcome" in found["metadata"].get("finalizers", [])


def _name(found: Raw) -> str:
    return str(found["metadata"]["name"])
