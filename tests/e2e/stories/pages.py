"""What a page of the manual says to apply, with what differs on the cluster of the stories."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

DOCS = Path(__file__).parents[3] / "docs"


def manifests(page: str, differs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the whole objects of a page in their order.

    Args:
        page: Path below docs/.
        differs: Texts of the page by what they are here; each has to be there.
    """
    text = "---\n".join(blocks(page, "yaml"))
    for there, here in differs.items():
        assert there in text, f"{page} does not say {there}"
        text = text.replace(there, here)
    return [found for found in yaml.safe_load_all(text) if isinstance(found, dict) and "kind" in found]


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page in a language, in their order."""
    return _blocks(DOCS / page, language)


def shell_blocks(file: Path) -> list[str]:
    """Return what a file says to type, block by block."""
    return _blocks(file, "sh")


def shell(script: str, folder: Path, seconds: int = 400, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Type a block into a shell in a folder, with these variables beside those that there are."""
    return subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def typed(script: str, folder: Path, seconds: int = 400, **variables: str) -> str:
    """Type a block that succeeds, and return what it prints.

    Raises:
        AssertionError: It ended with an error.
    """
    done = shell(script, folder, seconds, **variables)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def _blocks(file: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", file.read_text(encoding="utf-8"), re.DOTALL)
