"""Fixtures of the stories with Argo CD: one Argo CD for all of them, and an application with a repository for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.argocd import definitions
from tests.e2e.stories.argocd.application import Application, an_application
from tests.e2e.stories.argocd.argo_cd import ArgoCD, manifests, running
from tests.e2e.stories.shop import Shop


@pytest.fixture(scope="session")
def argo_cd_kinds(cluster: Kubectl) -> Iterator[None]:
    """Argo CD's definitions; in the end they are removed with all that the stories left."""
    definitions.install(cluster, manifests())
    yield
    definitions.clean_up(cluster)


@pytest.fixture(scope="session")
def argo_cd(
    cluster: Kubectl, crds: None, argo_cd_kinds: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ArgoCD]:
    """An Argo CD that answers."""
    with running(cluster, tmp_path_factory.mktemp("argocd")) as found:
        yield found


@pytest.fixture
def application(argo_cd: ArgoCD, empty_shop: Shop, tmp_path: Path) -> Iterator[Application]:
    """An application over an empty repository, in a namespace with an empty database; it is not created yet."""
    with an_application(argo_cd, empty_shop, tmp_path / "repository") as application:
        yield application
