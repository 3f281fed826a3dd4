"""Flows with mode Gate over a CronJob and a StatefulSet: held by what these have in place of a pause."""

from typing import Any

import pytest

from tests.e2e.kubectl import RefusedError
from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Raw, Shop, deployment, image
from tests.e2e.stories.waiting import always, until

LABELS = {"releaseflow.dev/gate": "shop"}
CRON, SET = "nightly", "worker"
HELD = "releaseflow.dev/held"


def test_a_cronjob_is_suspended_until_its_migration_is_done_and_a_job_that_runs_finishes(shop: Shop) -> None:
    _cronjob(shop)
    assert _mark(shop, "cronjob", CRON) == "true", "a first install waits too"
    _gate(shop, "CronJob", CRON)
    shop.ready()
    assert (_mark(shop, "cronjob", CRON), _suspended(shop)) == ("", False)
    shop.kubectl("create", "job", "before", f"--from=cronjob/{CRON}")
    until(lambda: shop.images(CRON), lambda images: images == [image("v1")], 60, "a Job runs")

    shop.kubectl("set", "image", f"cronjob/{CRON}", f"web={image('v2')}")
    assert (_mark(shop, "cronjob", CRON), _suspended(shop)) == ("true", True)
    until(lambda: _mark(shop, "cronjob", CRON), lambda mark: mark == "", 150, "it goes on")
    assert image("v2") in shop.ready()["message"]
    assert (_suspended(shop), shop.images(CRON)) == (False, [image("v1")])
    assert [run["status"]["outcome"] for run in shop.runs()] == ["NothingPending", "Migrated"]
    invariants.are_kept(shop)


def test_a_cronjob_whose_migration_fails_stays_suspended_and_its_owner_is_answered(shop: Shop) -> None:
    _cronjob(shop, suspend=True)
    assert _mark(shop, "cronjob", CRON) == "suspended"
    _gate(shop, "CronJob", CRON)
    shop.ready()
    assert (_mark(shop, "cronjob", CRON), _suspended(shop)) == ("", True), "as its owner had it"
    shop.kubectl("patch", "cronjob", CRON, "--type=merge", '--patch={"spec":{"suspend":false}}')

    shop.kubectl("set", "image", f"cronjob/{CRON}", f"web={image('v3')}")
    shop.stalled("MigrationFailed")
    with pytest.raises(RefusedError, match="CronJob nightly is held by ReleaseFlow shop"):
        shop.kubectl("patch", "cronjob", CRON, "--type=merge", '--patch={"spec":{"suspend":false}}')
    always(lambda: _suspended(shop), lambda suspended: suspended, 3, "it stays suspended")

    shop.kubectl("set", "image", f"cronjob/{CRON}", f"web={image('v4')}")
    shop.command("retry", "repaired")
    shop.ready()
    assert (_mark(shop, "cronjob", CRON), _suspended(shop)) == ("", False)


def test_a_statefulset_keeps_its_old_pods_until_its_migration_is_done(shop: Shop) -> None:
    _statefulset(shop)
    until(lambda: str(shop.kubectl("get", "events")), lambda said: "is held by its ReleaseFlow" in said, 60, "refused")
    assert shop.images(SET) == [], "a first install waits too"
    _gate(shop, "StatefulSet", SET)
    shop.ready()
    assert shop.images(SET) == [image("v1")] * 2

    shop.kubectl("set", "image", f"statefulset/{SET}", f"web={image('v2')}")
    assert _mark(shop, "statefulset", SET) == "true"
    shop.kubectl("delete", "pod", f"{SET}-1", "--wait=false")
    until(lambda: _mark(shop, "statefulset", SET), lambda mark: mark == "", 150, "it goes on")
    shop.ready()
    assert shop.images(SET) == [image("v2")] * 2
    assert _partition(shop) == 0
    made = {pod["metadata"]["labels"].get(HELD) for pod in shop.all("pods", f"app={SET}")}
    assert made == {None}
    assert [run["status"]["outcome"] for run in shop.runs()] == ["NothingPending", "Migrated"]
    invariants.are_kept(shop)


def test_a_statefulset_whose_migration_fails_scales_with_the_old_image_and_is_never_new(shop: Shop) -> None:
    _statefulset(shop)
    _gate(shop, "StatefulSet", SET)
    shop.ready()
    shop.kubectl("set", "image", f"statefulset/{SET}", f"web={image('v3')}")
    shop.stalled("MigrationFailed")

    shop.kubectl("delete", "pod", f"{SET}-0")
    shop.kubectl("scale", f"statefulset/{SET}", "--replicas=3")
    until(lambda: shop.images(SET), lambda images: images == [image("v1")] * 3, 90, "three old pods")
    shop.kubectl("scale", f"statefulset/{SET}", "--replicas=0")
    until(lambda: _revisions(shop), lambda revisions: len(revisions) == 1, 60, "its new template is the current one")
    shop.kubectl("scale", f"statefulset/{SET}", "--replicas=1")
    always(lambda: shop.images(SET), lambda images: images == [], 5, "none of the new image")
    with pytest.raises(RefusedError, match="StatefulSet worker is held by ReleaseFlow shop"):
        shop.kubectl(
            *("patch", "statefulset", SET, "--type=merge"),
            '--patch={"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}',
        )

    shop.kubectl("set", "image", f"statefulset/{SET}", f"web={image('v4')}")
    shop.command("retry", "repaired")
    shop.ready()
    assert shop.images(SET) == [image("v4")]


def _gate(shop: Shop, kind: str, name: str, **changes: Any) -> None:
    shop.flow("v1", mode="Gate", image=None, targets=[{"kind": kind, "name": name}], **changes)


def _cronjob(shop: Shop, **spec: object) -> None:
    """Apply a labelled CronJob of the first version, whose own time does not come."""
    pod = deployment(CRON, "v1", beside={"restartPolicy": "Never"}, command=["sleep", "600"])["spec"]["template"]
    del pod["spec"]["containers"][0]["readinessProbe"]
    body = {"schedule": "0 0 29 2 *", "jobTemplate": {"spec": {"template": pod, "backoffLimit": 0}}, **spec}
    _labelled(shop, "batch/v1", "CronJob", CRON, body)


def _statefulset(shop: Shop) -> None:
    """Apply a labelled StatefulSet of the first version."""
    pods = deployment(SET, "v1")["spec"]
    body = {"replicas": 2, "serviceName": SET, "selector": pods["selector"], "template": pods["template"]}
    _labelled(shop, "apps/v1", "StatefulSet", SET, {**body, "podManagementPolicy": "Parallel"})


def _labelled(shop: Shop, api_version: str, kind: str, name: str, spec: Raw) -> None:
    document = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "labels": LABELS}, "spec": spec}
    shop.kubectl("apply", "--filename=-", document=document)


def _mark(shop: Shop, kind: str, name: str) -> str:
    return str(shop.get(kind, name)["metadata"].get("annotations", {}).get(HELD, ""))


def _suspended(shop: Shop) -> bool:
    return bool(shop.get("cronjob", CRON)["spec"].get("suspend", False))


def _partition(shop: Shop) -> int:
    return int(shop.get("statefulset", SET)["spec"]["updateStrategy"]["rollingUpdate"].get("partition", 0))


def _revisions(shop: Shop) -> set[str]:
    """Return what its controller takes for the current template and for the newest."""
    status = shop.get("statefulset", SET)["status"]
    return {status["currentRevision"], status["updateRevision"]}
