"""The real controllers of Flux: they run beside the cluster, as processes of the test."""

import contextlib
import os
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.installation import until_established
from tests.e2e.stories.waiting import until
from tests.support.processes import free_ports, start


@contextlib.contextmanager
def running(cluster: Kubectl, folder: Path) -> Iterator[None]:
    """Install the definitions of Flux, and run its controllers until the end; their logs are in the folder."""
    program = shutil.which("source-controller")
    assert program, "source-controller was not found: run this by `make test-flux`"
    programs = Path(program).resolve().parent
    definitions = f"--filename={programs / 'bases'}"
    cluster("apply", "--server-side", "--force-conflicts", definitions)
    until_established(cluster, definitions)
    storage = f"127.0.0.1:{free_ports(1)[0]}"
    artifacts = folder / "artifacts"
    artifacts.mkdir()
    with contextlib.ExitStack() as stack:
        stack.callback(cluster, "delete", definitions, "--wait=false")
        started = [
            _start(stack, programs / "source-controller", folder, f"--storage-path={artifacts}",
                   f"--storage-addr={storage}", f"--storage-adv-addr={storage}"),
            _start(stack, programs / "kustomize-controller", folder, "--requeue-dependency=2s"),
            _start(stack, programs / "helm-controller", folder, "--graceful-shutdown-timeout=5s"),
        ]  # fmt: skip
        for health in started:
            until(lambda health=health: _answers(health), bool, 60, f"{health}; the logs are in {folder}")  # type: ignore[misc]
        yield


def _start(stack: contextlib.ExitStack, program: Path, folder: Path, *words: str) -> str:
    """Start a controller that ends with the stack; returns where it says that it is well."""
    health = f"127.0.0.1:{free_ports(1)[0]}"
    command = [str(program), *words, "--metrics-addr=0", f"--health-addr={health}"]
    environment = {**os.environ, "RUNTIME_NAMESPACE": "default", "TMPDIR": str(folder), "HOME": str(folder)}
    start(stack, command, folder / f"{program.name}.log", env=environment, cwd=folder)
    return f"http://{health}/healthz"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False
