"""Runs the cluster driver and kubectl; a failure becomes an error that names the next command."""

import json
import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from demo.errors import DemoError

REPOSITORY = Path(__file__).resolve().parents[1]
DRIVER = ("/bin/sh", str(REPOSITORY / "tools" / "cluster" / "cluster"))
SHOWN_LINES = 15


def drive(*words: str) -> None:
    """Run a command of the cluster driver, which says itself what it does; Ctrl-C stops it first, so that it tidies up.

    Raises:
        DemoError: It failed, and has said why.
    """
    driver = subprocess.Popen([*DRIVER, *words])  # noqa: S603 (the driver of this repository)
    try:
        code = driver.wait()
    except KeyboardInterrupt:
        driver.wait()
        raise
    if code != 0:
        raise DemoError(
            f"the cluster is not as the demo needs it: see above. Once that is repaired: make demo ({words[0]})"
        )


def output(words: Iterable[str], environment: Mapping[str, str], stdin: str = "") -> str:
    """Run a program to its end and return its standard output.

    Raises:
        DemoError: It is missing or failed.
    """
    line = list(words)
    try:
        done = subprocess.run(line, input=stdin, env=dict(environment), capture_output=True, text=True, check=False)  # noqa: S603 (the demo's own words)
    except FileNotFoundError:
        raise DemoError(f"{line[0]} is missing: install it and put it on PATH, then: make demo") from None
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-SHOWN_LINES:])
        raise DemoError(f"this failed: {shlex.join(line)}\n{said}\nLook around: make kubectl; start again: make demo")
    return done.stdout


class Cluster:
    """The cluster of the driver, as one namespace of it is seen by kubectl."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.environment = {**os.environ, **exported(output([*DRIVER, "env"], os.environ))}

    @property
    def kubeconfig(self) -> str:
        """Path of the kubeconfig."""
        return self.environment["KUBECONFIG"]

    def kubectl(self, *words: str, stdin: str = "") -> str:
        """Run kubectl in the namespace and return what it prints."""
        return output(self.words(*words), self.environment, stdin)

    def words(self, *words: str) -> list[str]:
        """Return the command line of a kubectl in the namespace."""
        return ["kubectl", f"--namespace={self.namespace}", *words]

    def read(self, *words: str) -> dict[str, Any]:
        """Run kubectl in the namespace and return the object that it prints."""
        found: dict[str, Any] = json.loads(self.kubectl(*words, "--output=json"))
        return found

    def apply(self, *manifests: Path) -> None:
        """Apply files into the namespace."""
        self.kubectl("apply", *(f"--filename={manifest}" for manifest in manifests))


def exported(script: str) -> dict[str, str]:
    """Return the variables that the driver's `export` lines set."""
    lines = (shlex.split(line) for line in script.splitlines())
    return dict(words[1].split("=", 1) for words in lines if words[:1] == ["export"])
