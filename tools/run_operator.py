"""Run the operator from this checkout against the cluster of KUBECONFIG, in place of the installed one: `make run`.

It is restarted when a file of operator/ changes. The installed operator is scaled to nothing meanwhile, and back at the
end: two versions would take the Lease from each other at any restart, and one could not say which of them had decided.
Both use one namespace, so the Lease and the database locks are the same, and a release that is under way goes on.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from watchfiles import watch

ROOT = Path(__file__).resolve().parents[1]
CODE = ROOT / "operator"
NAMESPACE = "releaseflow-system"
DEPLOYMENT = "deployment/releaseflow"
COMMAND = (sys.executable, "-m", "releaseflow")
HERE = {"POD_NAMESPACE": NAMESPACE, "RELEASEFLOW_LOG_FORMAT": "auto", "RELEASEFLOW_PROBE_PORT": "0"}
"""What differs for a process on a terminal from one in a pod; the reader's own environment wins over it."""


def main() -> int:
    """Run the operator until it is stopped; returns its exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    kubectl("apply", "--server-side", "--force-conflicts", "--filename", str(ROOT / "crds"))
    if not kubectl("get", "namespace", NAMESPACE, "--ignore-not-found", "--output=name"):
        kubectl("create", "namespace", NAMESPACE)
    with instead_of(installed()) as settings:
        return operator({**settings, **HERE, **os.environ, "PYTHONPATH": str(CODE)})


def installed() -> dict[str, Any]:
    """Return the Deployment of the installed operator; empty where there is none."""
    text = kubectl("-n", NAMESPACE, "get", DEPLOYMENT, "--ignore-not-found", "--output=json")
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


@contextmanager
def instead_of(deployment: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Let no installed operator run meanwhile, and hand out its environment variables."""
    if not deployment:
        yield {}
        return
    spec = deployment["spec"]
    back = f"--replicas={spec['replicas']}"
    say(f"scaling the installed operator to 0; should this end hard: kubectl -n {NAMESPACE} scale {DEPLOYMENT} {back}")
    try:
        kubectl("-n", NAMESPACE, "scale", DEPLOYMENT, "--replicas=0")
        labels = ",".join(f"{key}={value}" for key, value in spec["selector"]["matchLabels"].items())
        kubectl("-n", NAMESPACE, "wait", "--for=delete", "pod", f"--selector={labels}", "--timeout=60s")
        environment = spec["template"]["spec"]["containers"][0]["env"]
        yield {entry["name"]: entry["value"] for entry in environment if entry.get("value")}
    finally:
        kubectl("-n", NAMESPACE, "scale", DEPLOYMENT, back)
        say(f"the installed operator has its {spec['replicas']} replicas again")


def operator(environment: Mapping[str, str]) -> int:
    """Run it in the foreground, and again after each change of the code; when this is stopped, it ends in order."""
    watching, ended = watch(CODE, rust_timeout=500, yield_on_timeout=True), False
    process: subprocess.Popen[bytes] | None = None
    try:
        next(watching)  # it watches from here on: a change while the operator starts is seen
        process = subprocess.Popen(COMMAND, env=environment)  # noqa: S603 - ours
        for changes in watching:
            if changes:
                say("operator/ has changed: restarting")
                process.terminate()
                process.wait()
                process, ended = subprocess.Popen(COMMAND, env=environment), False  # noqa: S603 - ours
            elif process.poll() is not None and not ended:
                ended = True
                say(f"the operator ended with code {process.returncode}: it starts again when operator/ changes")
    except KeyboardInterrupt:
        say("stopping")
        if process is not None:
            process.terminate()
    return 0 if process is None else process.wait()


def kubectl(*words: str) -> str:
    """Run kubectl and return what it printed.

    Raises:
        SystemExit: It failed; its own words are on standard error.
    """
    done = subprocess.run(["kubectl", *words], stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603, S607 - ours
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout


def say(text: str) -> None:
    """Tell the reader what happens."""
    print(f"run: {text}", file=sys.stderr, flush=True)  # noqa: T201 - a tool for a terminal


if __name__ == "__main__":
    sys.exit(main())
