"""Tests that must not run side by side stay together: the stories that stop the operator rely on it."""

import subprocess
import sys
from pathlib import Path

SUITE = """
import os
import pytest

@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(4))
def test_where(number):
    print("worker", os.environ["PYTEST_XDIST_WORKER"])
"""


def test_tests_of_a_group_run_on_one_worker(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    options = ["-n", "2", "--dist=loadgroup", "-rP", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"]

    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    workers = [line for line in done.stdout.splitlines() if line.startswith("worker ")]
    assert len(workers) == 4, done.stdout
    assert len(set(workers)) == 1
