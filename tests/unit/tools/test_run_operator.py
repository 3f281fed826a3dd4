"""`make run`: the installed operator gives way while the one of the checkout works, and comes back."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tools.run_operator import ROOT

INSTALLED = {
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app.kubernetes.io/name": "releaseflow"}},
        "template": {"spec": {"containers": [{"env": [
            {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "RELEASEFLOW_CLIENT_IMAGE", "value": "client:1"},
            {"name": "RELEASEFLOW_PROBE_PORT", "value": "8080"},
        ]}]}},
    }
}  # fmt: skip
KUBECTL = """#!/bin/sh
echo "$*" >>"$SAID"
case "$*" in *"get deployment"*) cat "$INSTALLED" ;; *"get namespace"*) echo namespace/releaseflow-system ;; esac
"""
OPERATOR = """
echo "operator as $POD_NAMESPACE with $RELEASEFLOW_CLIENT_IMAGE on $RELEASEFLOW_PROBE_PORT" >>"$SAID"
trap 'echo stopped in order >>"$SAID"; exit 0' TERM
[ -z "$ENDS" ] || exit "$ENDS"
while :; do sleep 0.05; done
"""
AWAY = "-n releaseflow-system scale deployment/releaseflow --replicas=0"
GONE = "-n releaseflow-system wait --for=delete pod --selector=app.kubernetes.io/name=releaseflow --timeout=60s"
BACK = "-n releaseflow-system scale deployment/releaseflow --replicas=2"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment with a stand-in for kubectl."""
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)
    (tmp_path / "installed").write_text(json.dumps(INSTALLED))
    told = {"SAID": str(tmp_path / "said"), "INSTALLED": str(tmp_path / "installed"), "ENDS": ""}
    return {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **told}


@contextmanager
def started(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the tool, with a stand-in for the operator; at the end nothing of it is left."""
    code = f"import sys, tools.run_operator as run; run.COMMAND = ('sh', '-c', {OPERATOR!r}); sys.exit(run.main())"
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ended(environment: dict[str, str]) -> int:
    """Run the tool to its end, and return its exit code."""
    with started(environment) as process:
        return process.wait(timeout=30)


def said(environment: dict[str, str]) -> list[str]:
    path = Path(environment["SAID"])
    return path.read_text().splitlines()[3:] if path.exists() else []


def test_the_installed_operator_is_away_meanwhile_and_back_after_a_failure(environment: dict[str, str]) -> None:
    environment["ENDS"] = "3"

    assert ended(environment) == 3
    assert said(environment) == [AWAY, GONE, "operator as releaseflow-system with client:1 on 0", BACK]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_stopped_stops_the_operator_in_order_and_brings_the_installed_one_back(
    environment: dict[str, str], number: signal.Signals
) -> None:
    with started(environment) as running:
        while "operator" not in "".join(said(environment)[2:]):
            time.sleep(0.05)
        running.send_signal(number)

        assert running.wait(timeout=30) == 0
    assert said(environment)[3:] == ["stopped in order", BACK]


def test_the_reader_s_own_environment_wins(environment: dict[str, str]) -> None:
    environment |= {"ENDS": "0", "RELEASEFLOW_CLIENT_IMAGE": "client:2", "RELEASEFLOW_PROBE_PORT": "9000"}

    assert ended(environment) == 0
    assert "operator as releaseflow-system with client:2 on 9000" in said(environment)


def test_without_an_installed_operator_nothing_is_scaled(environment: dict[str, str]) -> None:
    environment["ENDS"] = "0"
    Path(environment["INSTALLED"]).write_text("")

    assert ended(environment) == 0
    assert said(environment) == ["operator as releaseflow-system with  on 0"]
