"""An application of applications: what becomes of a release in one of them is seen in their parent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stories.argocd.application import Application, an_application
from tests.e2e.stories.argocd.argo_cd import ArgoCD
from tests.e2e.stories.argocd.manifests import gate, gated
from tests.e2e.stories.argocd.page import block
from tests.e2e.stories.shop import Raw, Shop
from tests.e2e.stories.waiting import until
from tools.argo_cd import FOLDER

pytestmark = [pytest.mark.argocd, pytest.mark.xdist_group("argocd")]


@pytest.fixture(scope="module")
def taught(argo_cd: ArgoCD) -> ArgoCD:
    """An Argo CD that gives an application in an application its own health."""
    patch = f"--patch-file={FOLDER / 'app-of-apps.yaml'}"
    argo_cd.kubectl("patch", "configmap", "argocd-cm", "--type=merge", patch)
    return argo_cd


@pytest.fixture
def parent(taught: ArgoCD, empty_shop: Shop, tmp_path: Path) -> Iterator[Application]:
    """An application over an empty repository, whose applications are its resources; it is not created yet."""
    with an_application(taught, empty_shop, tmp_path / "parent", "-parent") as parent:
        yield parent


def child(application: Application) -> Raw:
    """Return the manifest of the page, for this application."""
    manifest = block("kind: Application\nmetadata:\n  name: shop\n")
    manifest["metadata"] |= {"name": application.name, "namespace": application.argo_cd.kubectl.namespace}
    manifest["spec"]["source"] |= {"repoURL": f"file://{application.repository}"}
    manifest["spec"]["destination"] |= {"namespace": application.namespace}
    return manifest


def test_a_failed_migration_of_a_child_degrades_its_parent_and_a_revert_heals_both(
    parent: Application, tmp_path: Path
) -> None:
    shop, argo_cd = parent.shop, parent.argo_cd
    gated_child = Application(argo_cd, shop, tmp_path / "gated", "-gated")
    other_child = Application(argo_cd, shop, tmp_path / "other", "-other")
    for each in (gated_child, other_child):
        each.begin()
    gated_child.commit("install", flow=gate(), deployment=gated("v1"))
    other_child.commit("install", settings={"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}})
    parent.commit("two applications", gated=child(gated_child), other=child(other_child))
    parent.create(destination={"server": "https://kubernetes.default.svc", "namespace": argo_cd.kubectl.namespace})
    until(lambda: gated_child.exists() and other_child.exists(), bool, 60, "the applications of the application")
    for each in (gated_child, other_child, parent):
        each.until_states("Synced", "Healthy")
    assert shop.serves() == "v1"

    gated_child.commit("release v3", deployment=gated("v3"))
    gated_child.refresh()
    for each in (gated_child, parent):
        each.until_states("Synced", "Degraded")
    assert other_child.states() == ("Synced", "Healthy")
    assert parent.health_of("Application", gated_child.name)["status"] == "Degraded"
    waited = argo_cd.cli("app", "wait", parent.name, "--health", "--timeout=5")
    assert waited.returncode != 0, "a pipeline that waits for the parent fails"
    assert shop.serves() == "v1"

    gated_child.until_synced(gated_child.revert())
    gated_child.act("retry")
    for each in (gated_child, parent):
        each.until_states("Synced", "Healthy")
    assert shop.serves() == "v1"
