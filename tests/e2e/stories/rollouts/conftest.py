"""Fixtures of the stories with Argo Rollouts: its real controller, and an operator that started after it."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.kubectl import Kubectl, RefusedError
from tests.e2e.stories.operators import Operators
from tests.e2e.stories.rollouts.canary import manifest
from tests.e2e.stories.waiting import until
from tests.support.processes import start

DRIVER = Path(__file__).resolve().parents[4] / "tools" / "cluster" / "cluster"


@pytest.fixture(scope="session", autouse=True)
def argo_rollouts(cluster: Kubectl, crds: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The controller, as a process in the network of the node: it listens on every address."""
    log = tmp_path_factory.mktemp("rollouts") / "controller.log"
    cluster("apply", "--server-side", "--force-conflicts", definitions())
    until(lambda: _is_held(cluster), bool, 180, "the policies hold Rollouts, which are served")
    operators = Operators(cluster)
    operators.restart()  # by itself it looks every five minutes which kinds are served
    command = [str(DRIVER), "enter", _program(), "--loglevel=debug", "--leader-elect=false", "--namespace=default"]
    with ExitStack() as stack:
        stack.callback(operators.restart)
        stack.callback(cluster, "delete", definitions(), "--wait=false")
        start(stack, command, log)
        cluster.forget()
        yield


def definitions() -> str:
    """Return kubectl's option for the definitions that belong to the controller."""
    return f"--kustomize={Path(_program()).resolve().parent / 'crds'}"


def _program() -> str:
    program = shutil.which("rollouts-controller")
    assert program, "rollouts-controller was not found: run this by `make test-rollouts`"
    return program


def _is_held(cluster: Kubectl) -> bool:
    """Whether a new Rollout would be held."""
    try:
        said = cluster.within("default")(
            "create", "--dry-run=server", "--output=json", "--filename=-", document=manifest("v1", gated=True)
        )
    except RefusedError:
        return False
    return bool(said["spec"].get("paused"))
