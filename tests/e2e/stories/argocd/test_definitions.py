"""What a run that was stopped left of its Argo CD is removed, and nothing else is."""

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.argocd import definitions
from tests.e2e.stories.argocd.application import Application
from tests.e2e.stories.argocd.argo_cd import ArgoCD
from tests.e2e.stories.waiting import until

pytestmark = [pytest.mark.argocd, pytest.mark.xdist_group("argocd")]


def test_an_application_without_its_argo_cd_is_removed_and_another_stays(
    cluster: Kubectl, argo_cd: ArgoCD, application: Application
) -> None:
    left = definitions.a_namespace(cluster)
    manifest = application.manifest()
    left("apply", "--filename=-", document=manifest)
    left("delete", "application", application.name, "--wait=false")
    assert str(left("get", "applications", "--output=name")).strip(), "no controller removes its finalizer"
    application.create()

    definitions.remove(cluster, [left.namespace])

    def names() -> list[str]:
        return str(cluster("get", "namespaces", "--output=name")).split()

    until(names, lambda found: f"namespace/{left.namespace}" not in found, 60, "the end of the namespace")
    assert application.exists(), "the definitions stay while another installation needs them"
    assert f"namespace/{argo_cd.kubectl.namespace}" in names()
