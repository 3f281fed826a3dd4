"""The cluster that KUBECONFIG names, and a namespace of its own for each test module."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.installation import alone, install


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    """Kubectl of a cluster that was named: without a name none is touched."""
    if not os.environ.get("KUBECONFIG"):
        pytest.skip("no cluster is named: `make cluster`, then export KUBECONFIG as it prints")
    binary = shutil.which(os.environ.get("KUBECTL", "kubectl"))
    assert binary, "kubectl was not found: put it on PATH, or name it in KUBECTL"
    return Kubectl(binary, tmp_path_factory.mktemp("kubectl"))


@pytest.fixture(scope="session")
def crds(cluster: Kubectl) -> None:
    """The operator and its CRDs, installed by the chart as people install them."""
    with alone(Path(tempfile.gettempdir())):
        install(cluster)


@pytest.fixture(scope="module")
def namespace(cluster: Kubectl) -> Iterator[str]:
    """A fresh namespace; it is deleted afterwards."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    cluster("create", "namespace", name)
    cluster("label", "namespace", name, "releaseflow.dev/story=true")
    yield name
    cluster("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="module")
def kubectl(cluster: Kubectl, namespace: str) -> Kubectl:
    """Kubectl in the module's namespace."""
    return cluster.within(namespace)
