"""A CronJob as a target: its next Job has the new image after the migration, one that runs keeps the old."""

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Raw, Shop, deployment, image
from tests.e2e.stories.waiting import always, until

NAME = "nightly"
TARGETS = [{"name": "shop"}, {"kind": "CronJob", "name": NAME}]


def test_its_next_job_has_the_image_and_a_job_that_runs_keeps_the_old(shop: Shop) -> None:
    _apply(shop)
    _begin(shop, "before")

    shop.flow("v2", targets=TARGETS)
    shop.ready()

    assert (_live(shop), shop.serves()) == (image("v2"), "v2")
    assert _versions(shop) == {"before": image("v1")}, "it runs on"
    _begin(shop, "after")
    assert _versions(shop) == {"before": image("v1"), "after": image("v2")}
    (run,) = shop.runs()
    assert run["status"]["outcome"] == "Migrated"
    assert shop.columns("rflow", "shop")["TARGETS"] == f"shop,cronjob/{NAME}"
    invariants.are_kept(shop)


def test_a_failing_migration_keeps_the_old_version(shop: Shop) -> None:
    _apply(shop)

    shop.flow("v3", targets=[{"kind": "CronJob", "name": NAME}])
    shop.stalled("MigrationFailed")

    assert (_live(shop), shop.get("cronjob", NAME)["spec"].get("suspend")) == (image("v1"), False)
    shop.warned("CronJob", NAME, "MigrationFailed")
    invariants.are_kept(shop)


def test_a_contract_waits_for_a_job_that_still_runs_with_the_old_image(shop: Shop) -> None:
    _apply(shop)
    _begin(shop, "before")
    shop.flow("v2", targets=[{"kind": "CronJob", "name": NAME}], contract={"soakSeconds": 1, "command": ["true"]})

    assert "before" in _contracted(shop, "OldPodsAlive")["message"]
    always(lambda: len(shop.runs()), lambda count: count == 1, 3, "no contract begins")
    shop.kubectl("delete", "job", "before")
    _contracted(shop, "Migrated")
    invariants.are_kept(shop)


def _apply(shop: Shop) -> None:
    """Apply a CronJob of the shop's first version, whose own time does not come."""
    pod = deployment(NAME, "v1", beside={"restartPolicy": "Never"}, command=["sleep", "600"])["spec"]["template"]
    del pod["spec"]["containers"][0]["readinessProbe"]
    spec = {"schedule": "0 0 29 2 *", "jobTemplate": {"spec": {"template": pod, "backoffLimit": 0}}}
    shop.apply("batch/v1", "CronJob", NAME, spec=spec)


def _begin(shop: Shop, job: str) -> None:
    """Make a Job of the CronJob, as a person does, and wait until it runs."""
    shop.kubectl("create", "job", job, f"--from=cronjob/{NAME}")
    until(lambda: shop.all("pods", f"job-name={job}"), _runs, 60, f"the pod of {job}")


def _runs(pods: list[Raw]) -> bool:
    return [pod["status"]["phase"] for pod in pods] == ["Running"]


def _contracted(shop: Shop, reason: str) -> Raw:
    return shop.until_condition("rflow", "shop", lambda c: c.get("reason") == reason, 120, reason, "Contracted")


def _live(shop: Shop) -> str:
    template = shop.get("cronjob", NAME)["spec"]["jobTemplate"]["spec"]["template"]
    return str(template["spec"]["containers"][0]["image"])


def _versions(shop: Shop) -> dict[str, str]:
    pods = shop.all("pods", f"app={NAME}")
    return {pod["metadata"]["labels"]["job-name"]: pod["spec"]["containers"][0]["image"] for pod in pods}
