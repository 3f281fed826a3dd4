"""The operator as people install it: the image, the chart, two replicas. One for all tests of a session."""

import fcntl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from releaseflow.unstructured import is_condition_true
from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.waiting import until
from tools.cluster.driver.images import chosen
from tools.cluster.driver.providers import provider

ROOT = Path(__file__).resolve().parents[3]
NAMESPACE = "releaseflow-system"


def install(kubectl: Kubectl, *settings: str) -> None:
    """Install or upgrade the chart, and wait until the operator is ready.

    The pods are made anew even where the chart is the same: the image's name does not change with its content.
    """
    values = (f"podAnnotations.content={_content()}", *settings)
    words = [word for value in values for word in ("--set", value)]
    command = ["helm", "upgrade", "--install", "releaseflow", str(ROOT / "charts" / "releaseflow")]
    options = [f"--namespace={NAMESPACE}", "--create-namespace", "--take-ownership", "--force-conflicts"]
    done = subprocess.run(
        [*command, *options, "--wait", "--timeout=120s", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"helm could not install the chart:\n{done.stderr}"
    until_established(kubectl, f"--filename={ROOT / 'crds'}")
    kubectl.forget()


def until_established(kubectl: Kubectl, *which: str) -> None:
    """Wait until the API server serves definitions, chosen as for `kubectl get`.

    `kubectl wait` fails where one has no conditions yet.
    """
    until(lambda: _are_established(kubectl, which), bool, 30, "the definitions")


def _are_established(kubectl: Kubectl, which: tuple[str, ...]) -> bool:
    found = kubectl("get", *which, "--output=json")
    return all(is_condition_true(one, "Established") for one in found.get("items", [found]))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one test process at a time install."""
    with (folder / "releaseflow-installation.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _content() -> str:
    """Return the hash of what the operator's image is built from."""
    return chosen(["operator:dev"])[0].key(provider().builder.base_key())
