"""Fixtures of the stories with Argo Rollouts: its real controller, and an operator that started after it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.kubectl import Kubectl, RefusedError
from tests.e2e.stories.installation import NAMESPACE
from tests.e2e.stories.rollouts.canary import manifest
from tests.e2e.stories.waiting import until
from tests.support.processes import stop

DRIVER = Path(__file__).resolve().parents[4] / "tools" / "cluster" / "cluster"


@pytest.fixture(scope="session", autouse=True)
def argo_rollouts(cluster: Kubectl, crds: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The controller, as a process in the network of the node: it listens on every address."""
    program = shutil.which("rollouts-controller")
    assert program, "rollouts-controller was not found: run this by `make test-rollouts`"
    definitions = f"--kustomize={Path(program).resolve().parent / 'crds'}"
    log = tmp_path_factory.mktemp("rollouts") / "controller.log"
    cluster("apply", "--server-side", "--force-conflicts", definitions)
    until(lambda: _is_held(cluster), bool, 180, "the policies hold Rollouts, which are served")
    _restart_operator(cluster)
    with log.open("wb") as output:
        command = [str(DRIVER), "enter", program, "--loglevel=debug", "--leader-elect=false", "--namespace=default"]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            cluster.forget()
            yield
        finally:
            stop(process)
            cluster("delete", definitions, "--wait=false")
            _restart_operator(cluster)


def _is_held(cluster: Kubectl) -> bool:
    """Whether a new Rollout would be held."""
    try:
        said = cluster.within("default")(
            "create", "--dry-run=server", "--output=json", "--filename=-", document=manifest("v1", gated=True)
        )
    except RefusedError:
        return False
    return bool(said["spec"].get("paused"))


def _restart_operator(cluster: Kubectl) -> None:
    """Let the operator see which kinds are served; by itself it looks every five minutes."""
    operator = cluster.within(NAMESPACE)
    operator("rollout", "restart", "deployment/releaseflow")
    operator("rollout", "status", "deployment/releaseflow", "--timeout=60s")
