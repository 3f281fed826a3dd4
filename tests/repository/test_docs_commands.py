"""What the documents tell to type: every block for a shell is one that bash reads, and kubectl watches one kind."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    + [page for folder in ("docs", "examples", "charts") for page in (ROOT / folder).rglob("*.md")]
)
NO_COMMANDS = {"yaml", "text", "json", "python", "mermaid", "jsonc", ""}
"""Languages of blocks that nobody types into a shell."""

SHELLS = {"sh", "bash", "console"}

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_GET = re.compile(r"kubectl (?:-n \S+ )?get (\S+)[^\n`|&;#]*?\s(?:--watch|-w)\b")


def short(page: Path) -> str:
    return str(page.relative_to(ROOT))


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_block_for_a_shell_is_one_that_bash_reads(page: Path) -> None:
    for language, text in _FENCE.findall(read(page)):
        assert language in SHELLS | NO_COMMANDS
        if language in SHELLS:
            done = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
            assert not done.stderr, text


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_kubectl_watches_one_kind_at_a_time(page: Path) -> None:
    """To several, and to a category, it says "you may only specify a single resource type"."""
    kinds = _GET.findall(read(page))
    assert [kind for kind in kinds if "," in kind or kind == "releaseflow-all"] == []
