"""The version: written in one place, said by the program, and the same in the package and the chart."""

import ast
import importlib
import importlib.metadata
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
import yaml
from kubernetes.aio.client import Configuration
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from releaseflow.handlers.watches import watch
from releaseflow.kube.connection import Connection
from releaseflow.runtime import composition
from releaseflow.runtime.settings import parse_settings
from releaseflow.version import __version__

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGE = ROOT / "operator" / "releaseflow"


def said(option: str) -> str:
    """Return what the program prints; the folder of the checkout is its only path, as in the image."""
    command = [sys.executable, "-m", "releaseflow", option]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "operator")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_program_says_its_version_and_nothing_else() -> None:
    assert said("--version") == f"releaseflow {__version__}\n"


def test_help_names_the_option_of_the_version() -> None:
    assert "--version" in said("--help")


async def test_the_line_that_the_log_starts_with_says_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connected() -> Connection:
        return Connection(Configuration(host="https://127.0.0.1:1"))

    monkeypatch.setattr(composition, "connection", connected)
    with structlog.testing.capture_logs() as lines:
        one = await composition.compose(parse_settings(["--probe-port", "0"], {}), watch)
        one.stop_requested.set()
        await one.run()

    assert (lines[0]["event"], lines[0]["version"]) == ("starting", __version__)


def test_it_is_a_version() -> None:
    assert str(Version(__version__)) == __version__


def test_the_package_reads_it_from_the_code() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert ROOT / PROJECT["tool"]["hatch"]["version"]["path"] == PACKAGE / "version.py"


@pytest.mark.parametrize("field", ["version", "appVersion"])
def test_the_chart_has_the_same(field: str) -> None:
    chart = yaml.safe_load((ROOT / "charts" / "releaseflow" / "Chart.yaml").read_text(encoding="utf-8"))

    assert chart[field] == __version__


def test_the_script_of_the_package_is_there() -> None:
    module, _, name = PROJECT["project"]["scripts"]["releaseflow-operator"].partition(":")

    assert callable(getattr(importlib.import_module(module), name))


def imported_by(path: Path) -> Iterator[str]:
    """Yield the packages that a file imports from, without their parts."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        if isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_every_distribution_that_the_operator_imports_is_declared() -> None:
    imported = {name for path in PACKAGE.rglob("*.py") for name in imported_by(path)}
    owners = importlib.metadata.packages_distributions()
    needed = {canonicalize_name(owners[name][0]) for name in imported - sys.stdlib_module_names - {"releaseflow"}}
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]}

    assert needed == declared
