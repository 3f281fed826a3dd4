"""What a page of the manual says to apply, with what differs on the cluster of the stories."""

import re
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


def _blocks(file: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", file.read_text(encoding="utf-8"), re.DOTALL)
