"""The admission policy of the chart, for one namespace of a real API server, and what users read who are refused."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.kubectl import RefusedError

CHART = Path(__file__).parents[2] / "charts" / "releaseflow"


def rendered(namespace: str, *values: str) -> dict[str, Any]:
    """The chart's policy and rights, for one namespace alone, with other values as Helm's --set takes them."""
    parts = [f"--show-only=templates/{part}.yaml" for part in ("admissionpolicy", "rbac")]
    where = ["--namespace", namespace, "--set", f"namespaces={{{namespace}}}"]
    command = [os.environ.get("HELM", "helm"), "template", namespace, str(CHART), *where, *parts]
    command += [f"--set={value}" for value in values]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {"apiVersion": "v1", "kind": "List", "items": [item for item in yaml.safe_load_all(text) if item]}


def refusal(command: Callable[[], object]) -> str:
    """What the user reads where a command is refused; empty where it works."""
    try:
        command()
    except RefusedError as error:
        return str(error)
    return ""


def eventually(is_so: Callable[[], bool]) -> None:
    """Asks until it is so; an API server takes in new policies and rights within a second or two."""
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "still not so after 20 s"
        time.sleep(0.1)
