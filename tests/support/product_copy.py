"""A copy of the product with files that it does not have, and what it answers in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]


def product_copy(folder: Path, added: Mapping[str, str]) -> Path:
    """Copy the package into a folder, add files to it, and return the folder, which belongs on PYTHONPATH.

    Args:
        folder: An empty folder.
        added: Texts by the paths of their files in the package.
    """
    copy = shutil.copytree(str(files("releaseflow")), folder / "releaseflow", ignore=shutil.ignore_patterns("*.pyc"))
    for name, text in added.items():
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(text, "utf-8")
    return folder


def answered(copy: Path, asked: str, *arguments: str) -> Mapping[str, Any]:
    """Run a program with the copy of the product, and return the JSON object that it prints."""
    path = os.pathsep.join(map(str, (copy, REPOSITORY)))
    done = subprocess.run(
        [sys.executable, "-c", asked, *arguments], cwd=copy, env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer
