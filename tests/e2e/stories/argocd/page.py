"""What docs/guides/argocd.md shows: the stories use it as it is there."""

import re
from functools import cache
from typing import Any

import yaml

from tests.repository.commands.pages import ROOT

_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def _blocks() -> tuple[str, ...]:
    page = ROOT / "docs" / "guides" / "argocd.md"
    return tuple(found[1] for found in _YAML.finditer(page.read_text(encoding="utf-8")))


def block(part: str) -> dict[str, Any]:
    """Return the one manifest that has a part."""
    [found] = [text for text in _blocks() if part in text]
    return dict(yaml.safe_load(found))
