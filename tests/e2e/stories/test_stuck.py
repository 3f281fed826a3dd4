"""Story 6: the pod of a step does not start; the reason is reported within 15 seconds, and nothing runs later."""

import pytest

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Raw, Shop, image
from tests.e2e.stories.waiting import always, until

REPORTED_WITHIN = 15
SECOND_TRY = 30
"""A start deadline for steps that shall start: where a volume is not known at once, the kubelet waits for 10 s."""
NO_CHECK = {"check": {"policy": "Never"}}
ROOT = {"runAsUser": 0}
RESTRICTED = {
    "runAsUser": 10001,
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
NO_BACKUP = {"persistentVolumeClaim": None, "none": {"acknowledge": "DataMayBeLost"}}
NO_PODS = {"hard": {"pods": "0"}}


def test_an_image_that_does_not_exist_ends_not_started_and_a_good_one_goes_through(shop: Shop) -> None:
    pods = shop.pod_uids()

    shop.flow("nowhere", migration=NO_CHECK, jobs={"startDeadlineSeconds": 12})
    until(lambda: invariants.migrations(shop, "pods"), bool, 60, "the pod of the migration")
    condition = shop.waits("ImagePullFailed", seconds=REPORTED_WITHIN)
    assert image("nowhere") in condition["message"]
    status = shop.stalled("NotStarted")

    failure = status["failure"]
    assert (failure["step"], failure["reason"]) == ("Migrate", "NotStarted")
    assert failure["hint"].startswith("ImagePullFailed: ")
    assert shop.runs()[-1]["status"]["backup"]["proof"]
    assert (shop.live(), shop.pod_uids()) == (image("v1"), pods)
    invariants.are_kept(shop)

    shop.release("v2")
    shop.ready()
    assert shop.live() == image("v2"), "the database was not touched: a new image alone is enough"
    invariants.are_kept(shop)


def test_a_missing_key_is_named_and_the_release_goes_on_once_it_is_there(shop: Shop) -> None:
    shop.flow("v2", database={"urlSecretRef": {"name": "shop-db", "key": "uri"}})
    until(lambda: shop.all("pods", invariants.MANAGED), bool, 30, "the pod of the check")
    condition = shop.waits("ConfigMissing", seconds=REPORTED_WITHIN)
    assert "couldn't find key uri in Secret" in condition["message"]
    assert "it starts by itself once the cause is gone" in condition["message"]
    assert condition["status"] == "Unknown", "it may still go on by itself"

    shop.apply("v1", "Secret", "shop-db", stringData={"url": shop.database.url, "uri": shop.database.url})
    shop.ready()

    assert shop.live() == image("v2")
    invariants.are_kept(shop)


def test_a_key_that_does_not_come_ends_the_release_and_leaves_no_lock(shop: Shop) -> None:
    wrong = {"urlSecretRef": {"name": "shop-db", "key": "uri"}}
    shop.flow("v2", database=wrong, jobs={"startDeadlineSeconds": 12})
    shop.stalled("ConfigMissing")
    until(lambda: invariants.locks(shop), lambda found: not found, 30, "the lock under the wrong key to go")
    invariants.are_kept(shop)

    shop.flow("v2")
    shop.ready()
    assert len(invariants.locks(shop)) == 1
    invariants.are_kept(shop)


def test_a_quota_is_reported_and_the_release_goes_on_once_it_is_raised(shop: Shop) -> None:
    shop.apply("v1", "ResourceQuota", "pods", spec=NO_PODS)
    _quota_counts(shop)

    shop.flow("v2", jobs={"startDeadlineSeconds": 120})
    until(lambda: shop.all("jobs", invariants.MANAGED), bool, 30, "the Job of the check")
    condition = shop.waits("QuotaExceeded", seconds=REPORTED_WITHIN)
    assert "exceeded quota: pods" in condition["message"]
    shop.kubectl("delete", "resourcequota", "pods")
    shop.ready()

    assert shop.live() == image("v2")
    invariants.are_kept(shop)


def test_a_migration_given_up_for_a_quota_does_not_run_when_it_is_raised(shop: Shop) -> None:
    pods = shop.pod_uids()
    deadline = {"startDeadlineSeconds": SECOND_TRY}
    shop.flow("v2", approvals=["BeforeMigration"], migration=NO_CHECK, jobs=deadline, backup=NO_BACKUP)
    shop.waits("AwaitingApproval")
    shop.apply("v1", "ResourceQuota", "pods", spec=NO_PODS)
    _quota_counts(shop)
    schema = shop.database.dump()

    shop.command("approve", shop.runs()[-1]["metadata"]["name"])
    until(lambda: invariants.migrations(shop), bool, 30, "the Job of the migration")
    shop.waits("QuotaExceeded", seconds=REPORTED_WITHIN)
    failure = shop.stalled("NotStarted")["failure"]
    assert (failure["step"], failure["reason"]) == ("Migrate", "NotStarted")
    assert failure["hint"].startswith("QuotaExceeded: ")
    shop.kubectl("delete", "resourcequota", "pods")

    always(lambda: invariants.migrations(shop, "pods"), lambda found: not found, 6, "nothing of it runs later")
    assert shop.database.dump() == schema
    assert (shop.live(), shop.pod_uids()) == (image("v1"), pods)
    invariants.are_kept(shop)


@pytest.mark.parametrize("context", [ROOT, RESTRICTED], ids=["root", "restricted"])
def test_a_namespace_that_enforces_restricted(shop: Shop, context: Raw) -> None:
    shop.deploy("v1", securityContext=context)
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")
    shop.kubectl("label", "namespace", shop.kubectl.namespace, "pod-security.kubernetes.io/enforce=restricted")

    deadline = {"startDeadlineSeconds": 6} if context is ROOT else {}
    shop.flow("v2", jobs=deadline, promotion={"progressDeadlineSeconds": 60})

    if context is RESTRICTED:
        shop.ready()
        assert shop.serves() == "v2"
    else:
        condition = shop.waits("PodRefused", seconds=REPORTED_WITHIN + 5)
        assert "runAsUser=0" in condition["message"]
        failure = shop.stalled("PodRefused")["failure"]
        assert (failure["step"], failure["reason"]) == ("Check", "PodRefused")
        assert shop.live() == image("v1")
    invariants.are_kept(shop)


def test_a_user_that_the_kubelet_refuses_is_reported_in_its_words(shop: Shop) -> None:
    shop.deploy("v1", securityContext={"runAsNonRoot": True, "runAsUser": 0})
    shop.flow("v2", jobs={"startDeadlineSeconds": 15})

    condition = shop.waits("UserRefused", seconds=REPORTED_WITHIN)
    assert "non-root" in condition["message"], "the kubelet's own words"
    failure = shop.stalled("UserRefused")["failure"]
    assert "numeric user other than 0" in failure["hint"]
    assert (shop.live(), shop.serves()) == (image("v1"), "v1")
    invariants.are_kept(shop)


def test_a_rollout_that_pod_security_refuses_says_so(shop: Shop) -> None:
    shop.deploy("v1", securityContext={"runAsNonRoot": True})
    shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")
    pods = shop.pod_uids()
    shop.kubectl("label", "namespace", shop.kubectl.namespace, "pod-security.kubernetes.io/enforce=restricted")

    shop.flow("v2", promotion={"progressDeadlineSeconds": 8})
    failure = shop.stalled("RolloutFailed")["failure"]

    assert "violates PodSecurity" in failure["hint"], "the steps fill in what the namespace asks for; the shop does not"
    assert shop.runs()[-1]["status"]["outcome"] == "Migrated"
    assert (shop.pod_uids(), shop.serves()) == (pods, "v1")
    invariants.are_kept(shop)


def _quota_counts(shop: Shop) -> None:
    """Wait until the quota's controller has counted: before, it refuses everything for another reason."""
    until(lambda: shop.get("resourcequota", "pods").get("status", {}).get("used"), bool, 30, "the quota to count")
