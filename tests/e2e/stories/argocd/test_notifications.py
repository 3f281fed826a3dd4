"""Notifications of Argo CD: a release that waits or failed is sent once, with the flow's sentence."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.argocd.application import Application, an_application, installed
from tests.e2e.stories.argocd.argo_cd import ArgoCD, manifests, running
from tests.e2e.stories.argocd.manifests import gated
from tests.e2e.stories.argocd.page import block
from tests.e2e.stories.argocd.receiver import Receiver, receiving
from tests.e2e.stories.shop import Raw, Shop
from tests.e2e.stories.waiting import always, until
from tools.argo_cd import FOLDER

pytestmark = [pytest.mark.argocd, pytest.mark.xdist_group("argocd")]
CONFIG_MAP = "argocd-notifications-cm"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Where the notifications go."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def notifying(
    cluster: Kubectl, crds: None, argo_cd_kinds: None, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ArgoCD]:
    """An Argo CD set up as the page says: health is in the status of applications, and its notifications run."""
    with running(cluster, tmp_path_factory.mktemp("notifying"), "--persist-resource-health") as argo_cd:
        _install(argo_cd.kubectl)
        where = json.dumps({"data": {"service.webhook.release": f"url: {receiver.url}"}})
        argo_cd.kubectl("patch", "configmap", CONFIG_MAP, "--type=merge", f"--patch={where}")
        argo_cd.start_notifications()
        yield argo_cd


def _install(kubectl: Kubectl) -> None:
    """Apply what Argo CD's own installation has for notifications, and merge our part."""
    folder = manifests() / "base" / "notification"
    names = (CONFIG_MAP, "argocd-notifications-secret")
    kubectl("apply", *(f"--filename={folder / name}.yaml" for name in names))
    patch = f"--patch-file={FOLDER / CONFIG_MAP}.yaml"
    kubectl("patch", "configmap", CONFIG_MAP, "--type=merge", patch)


@pytest.fixture
def application(notifying: ArgoCD, empty_shop: Shop, tmp_path: Path) -> Iterator[Application]:
    """An application over an empty repository; it is not created yet."""
    with an_application(notifying, empty_shop, tmp_path / "repository") as application:
        yield application


def subscribe(application: Application) -> None:
    """Annotate the application as the page says."""
    annotations = block("notifications.argoproj.io/subscribe")["metadata"]["annotations"]
    words = [f"{name}={value}" for name, value in annotations.items()]
    application.argo_cd.kubectl("annotate", "application", application.name, *words)


def sent(application: Application, health: str) -> Raw:
    """Return what is sent of the flow as it is now."""
    message = application.shop.condition("rflow", "shop")["message"]
    return {"application": application.name, "flows": [{"name": "shop", "health": health, "message": message}]}


def test_an_approval_and_a_failed_migration_are_sent_once_each(application: Application, receiver: Receiver) -> None:
    shop = application.shop
    installed(application, approvals=["BeforeMigration"])
    subscribe(application)
    shop.waits("AwaitingApproval")
    until(lambda: len(receiver.received), lambda count: count == 1, 90, "what waits is sent")
    assert receiver.received == [sent(application, "Suspended")]
    assert "Approve the migration: kubectl annotate rflow shop" in receiver.received[0]["flows"][0]["message"]
    application.act("approve")
    application.until_states("Synced", "Healthy")

    application.until_synced(application.commit("release v3", deployment=gated("v3")))
    shop.waits("AwaitingApproval")
    until(lambda: len(receiver.received), lambda count: count == 2, 90, "what waits is sent again")
    application.act("approve")
    shop.stalled("MigrationFailed")
    until(lambda: len(receiver.received), lambda count: count == 3, 90, "what failed is sent")
    assert receiver.received[2] == sent(application, "Degraded")
    assert "is not released. Migrate failed" in receiver.received[2]["flows"][0]["message"]

    application.until_synced(application.revert())
    application.until_states("Synced", "Degraded")
    always(lambda: len(receiver.received), lambda count: count == 3, 15, "it is not sent again")
