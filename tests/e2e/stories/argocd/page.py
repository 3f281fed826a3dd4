"""What docs/guides/argocd.md shows: the stories use it as it is there."""

from typing import Any

import yaml

from tests.e2e.stories.pages import blocks


def block(part: str) -> dict[str, Any]:
    """Return the one manifest that has a part."""
    [found] = [text for text in blocks("guides/argocd.md", "yaml") if part in text]
    return dict(yaml.safe_load(found))
