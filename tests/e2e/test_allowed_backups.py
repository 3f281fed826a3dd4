"""Which backups a cluster allows, tried on a real API server with the policy that the chart installs."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.objects import FLOW, RUN
from tests.e2e.policy import eventually, refusal, rendered

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("crds")]

CLAIM = {"persistentVolumeClaim": {"claimName": "shop-backups"}}
POINT = {"pointInTime": {"statement": "RDS, 7 days, restore tested 2026-10-02"}}
NONE = {"none": {"acknowledge": "DataMayBeLost"}}
REFUSED = (
    "spec.backup.none is not allowed in this cluster, which allows persistentVolumeClaim, pointInTime. Write one of"
    " these, or ask whoever installed ReleaseFlow to add it to admissionPolicy.allowedBackups of the chart"
)
BOTH = pytest.mark.parametrize("document", [FLOW, RUN], ids=["ReleaseFlow", "MigrationRun"])
OTHER_IMAGE = '--patch={"spec": {"image": "example.test/shop:3"}}'


def tried(kubectl: Kubectl, document: dict[str, Any], backup: dict[str, Any]) -> str:
    """What a user reads who would create an object with this backup; empty where that works."""
    changed = copy.deepcopy(document)
    changed["spec"]["backup"] = backup
    return refusal(lambda: kubectl.create(changed, "--dry-run=server"))


@pytest.fixture(scope="module")
def strict(kubectl: Kubectl, crds: None) -> Iterator[Kubectl]:
    """The module's namespace, once it allows no migration without a backup; one flow is older than that."""
    old = {**FLOW, "metadata": {"name": "old"}, "spec": {**FLOW["spec"], "backup": NONE}}
    kubectl.create(old)
    policy = rendered(kubectl.namespace, "admissionPolicy.allowedBackups={persistentVolumeClaim,pointInTime}")
    kubectl("apply", "--filename=-", document=policy)
    eventually(lambda: "is not allowed" in tried(kubectl, FLOW, NONE))
    yield kubectl
    kubectl("delete", "--ignore-not-found", "--filename=-", document=policy)


@BOTH
def test_what_the_cluster_does_not_allow_is_refused_with_what_it_allows(
    strict: Kubectl, document: dict[str, Any]
) -> None:
    assert REFUSED in tried(strict, document, NONE)


@BOTH
@pytest.mark.parametrize("backup", [CLAIM, POINT], ids=["persistentVolumeClaim", "pointInTime"])
def test_what_it_allows_is_taken(strict: Kubectl, document: dict[str, Any], backup: dict[str, Any]) -> None:
    assert tried(strict, document, backup) == ""


def test_a_flow_that_is_older_than_the_list_starts_no_release(strict: Kubectl) -> None:
    change = ("patch", "releaseflow", "old", "--type=merge", OTHER_IMAGE)

    assert REFUSED in refusal(lambda: strict(*change))


def test_it_may_still_be_given_commands_and_deleted(strict: Kubectl) -> None:
    strict("annotate", "releaseflow", "old", "releaseflow.dev/retry=1")
    strict("delete", "releaseflow", "old", "--wait=false")
