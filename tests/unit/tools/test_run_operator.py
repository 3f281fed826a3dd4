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
STARTED = """
import os, pathlib, sys, tools.run_operator as run
run.COMMAND, run.CODE = ("sh", "-c", os.environ["OPERATOR"]), pathlib.Path(os.environ["CODE"])
sys.exit(run.main())
"""
OPERATOR = """
echo "operator as $POD_NAMESPACE with $RELEASEFLOW_CLIENT_IMAGE on $RELEASEFLOW_PROBE_PORT" >>"$SAID"
trap 'echo stopped in order >>"$SAID"; exit 0' TERM
[ ! -e "$CODE/broken.py" ] || exit 3
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
    (tmp_path / "operator").mkdir()
    told = {
        "SAID": str(tmp_path / "said"),
        "INSTALLED": str(tmp_path / "installed"),
        "CODE": str(tmp_path / "operator"),
    }
    return {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **told}


@contextmanager
def started(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the tool, with a stand-in for the operator; at the end nothing of it is left."""
    environment = environment | {"OPERATOR": OPERATOR}
    process = subprocess.Popen([sys.executable, "-c", STARTED], env=environment, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def said(environment: dict[str, str]) -> list[str]:
    path = Path(environment["SAID"])
    return path.read_text().splitlines()[3:] if path.exists() else []


def wait_for(environment: dict[str, str], text: str, times: int = 1) -> None:
    """Wait until something was said so many times."""
    deadline = time.monotonic() + 30
    while "\n".join(said(environment)).count(text) < times:
        assert time.monotonic() < deadline, said(environment)
        time.sleep(0.05)


def stopped(running: subprocess.Popen[bytes], number: signal.Signals = signal.SIGINT) -> int:
    running.send_signal(number)
    return running.wait(timeout=30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_installed_operator_is_away_meanwhile_and_both_end_in_order(
    environment: dict[str, str], number: signal.Signals
) -> None:
    with started(environment) as running:
        wait_for(environment, "operator as")
        assert stopped(running, number) == 0
    assert said(environment) == [
        AWAY, GONE, "operator as releaseflow-system with client:1 on 0", "stopped in order", BACK,
    ]  # fmt: skip


def test_a_changed_file_restarts_it_in_order(environment: dict[str, str]) -> None:
    with started(environment) as running:
        wait_for(environment, "operator as")
        (Path(environment["CODE"]) / "gates.py").write_text("changed")
        wait_for(environment, "operator as", times=2)
        assert stopped(running) == 0
    assert [line.split(" as ")[0] for line in said(environment)[2:-1]] == ["operator", "stopped in order"] * 2


def test_after_a_failure_it_starts_again_once_the_code_has_changed(environment: dict[str, str]) -> None:
    broken = Path(environment["CODE"]) / "broken.py"
    broken.write_text("")
    with started(environment) as running:
        wait_for(environment, "operator as")
        time.sleep(1.0)
        broken.unlink()
        wait_for(environment, "operator as", times=2)
        assert stopped(running) == 0
    assert said(environment)[-2:] == ["stopped in order", BACK]


def test_the_reader_s_own_environment_wins(environment: dict[str, str]) -> None:
    environment |= {"RELEASEFLOW_CLIENT_IMAGE": "client:2", "RELEASEFLOW_PROBE_PORT": "9000"}
    with started(environment):
        wait_for(environment, "operator as releaseflow-system with client:2 on 9000")


def test_without_an_installed_operator_nothing_is_scaled(environment: dict[str, str]) -> None:
    Path(environment["INSTALLED"]).write_text("")
    with started(environment) as running:
        wait_for(environment, "operator as")
        assert stopped(running) == 0
    assert said(environment) == ["operator as releaseflow-system with  on 0", "stopped in order"]
