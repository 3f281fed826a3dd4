"""Fixtures of the stories with Flux: its controllers, and a repository for each story."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.flux.controllers import running
from tests.e2e.stories.flux.git_server import serving_git
from tests.e2e.stories.flux.team import Team
from tests.e2e.stories.shop import Shop

OURS = ("kustomization", "helmrelease", "gitrepository")
"""What a story makes in Flux; each has a finalizer, so all of them go before the controllers do."""


@pytest.fixture(scope="session")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all repositories."""
    return tmp_path_factory.mktemp("git")


@pytest.fixture(scope="session")
def address(
    cluster: Kubectl, crds: None, repositories: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a Git server, whose repositories the controllers of Flux may apply."""
    folder = tmp_path_factory.mktemp("flux")
    with serving_git(repositories) as address, running(cluster, folder):
        cluster.forget()
        yield address


@pytest.fixture
def team(address: str, repositories: Path, empty_shop: Shop) -> Iterator[Team]:
    """A team with an empty repository, in a namespace with an empty database."""
    name = empty_shop.kubectl.namespace
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", repositories / name], check=True)
    yield Team(empty_shop, repositories / name, f"{address}/{name}/.git")
    for kind in OURS:
        empty_shop.kubectl("delete", kind, "--all", "--timeout=50s")
