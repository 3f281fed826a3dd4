"""The examples of the migration tools: which are played when, in a namespace of their own, and what was seen."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from releaseflow.presets.preset import Preset
from releaseflow.presets.registry import PRESETS
from tests.e2e.stories.pages import shell, shell_blocks
from tests.e2e.stories.shop import Shop
from tests.e2e.stories.waiting import until
from tools.cluster.driver.images import TOOLS_OF_TEST

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "tools"
TOOLS = [preset for preset in PRESETS.values() if (EXAMPLES / preset.name.lower()).is_dir()]
OUTCOMES = "RELEASEFLOW_TOOL_OUTCOMES"
"""Variable with the folder that what was seen is written to."""


def each_tool(*in_test: str) -> list[Any]:
    """Return the tools as parameters of a story: `make test` plays the named ones, `make test-tools` all."""
    names = in_test or TOOLS_OF_TEST
    return [
        pytest.param(preset, id=preset.name, marks=() if preset.name.lower() in names else pytest.mark.matrix)
        for preset in TOOLS
    ]


def image(preset: Preset, version: str) -> str:
    """Return the image of a version of a tool's example."""
    return f"localhost/releaseflow/{preset.name.lower()}:{version}"


def commands(preset: Preset) -> list[str]:
    """Return what the example's README says to type in a namespace, block by block; not how to pin packages again."""
    blocks = shell_blocks(EXAMPLES / preset.name.lower() / "README.md")
    return [block for block in blocks if "NAMESPACE" in block]


def typed(shop: Shop, script: str) -> str:
    """Type a block of a README as a newcomer does, in the root of the checkout."""
    done = shell(script.replace("NAMESPACE", shop.kubectl.namespace), ROOT, DATABASE_URL=shop.database.url)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}{shop.kubectl('describe', 'rflow,mrun')}"
    return done.stdout


def state_left(shop: Shop) -> str:
    """Wait until the database was asked what the last migration left in it, and return that: Unknown comes before."""
    until(lambda: shop.runs()[-1]["status"].get("databaseMessage", ""), bool, 120, "the state of the database")
    return str(shop.runs()[-1]["status"]["databaseState"])


def seen(preset: Preset, **cases: str) -> None:
    """Keep what became of cases, for the table of the manual."""
    folder = os.environ.get(OUTCOMES)
    if folder:
        for case, outcome in cases.items():
            text = json.dumps({"tool": preset.name, "case": case, "outcome": outcome})
            Path(folder, f"{preset.name}-{case}.json").write_text(text, encoding="utf-8")
