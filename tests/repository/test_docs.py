"""What the documents promise: links lead somewhere, commands exist, every failure is explained."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from releaseflow.core.reasons.row import Section
from releaseflow.core.reasons.table import SECTIONS
from tools.changelog import kind_of

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("changelog.d/*.md"), *(ROOT / "docs").rglob("*.md")])
GENERATED = ROOT / "docs" / "reference"
WRITTEN = [page for page in DOCUMENTS if GENERATED not in page.parents]
OVERVIEW = ROOT / "docs" / "operate" / "trouble.md"
TROUBLE = sorted(OVERVIEW.parent.glob("trouble*.md"))
DECISIONS = ROOT / "docs" / "decisions"

_FENCE = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')
_EXPLAINED = re.compile(r"^### `(\w+)`$", re.MULTILINE)
_MAKE = re.compile(r"(?:^|`|&& )make ([a-z][a-z-]*)", re.MULTILINE)
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def anchors(page: Path) -> frozenset[str]:
    """What may stand behind `#`, as GitHub names headings."""
    text = page.read_text(encoding="utf-8")
    headings = _HEADING.findall(_FENCE.sub("", text))
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return frozenset(slugs | set(_ANCHOR.findall(text)))


def links(page: Path) -> Iterator[str]:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    yield from (link for link in _LINK.findall(_CODE.sub("", text)) if "://" not in link)


@pytest.mark.parametrize("page", DOCUMENTS, ids=short)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), f"{short(page)}: {link}"
        assert not anchor or anchor in anchors(goal), f"{short(page)}: {link} names no heading there"


def test_every_page_of_the_manual_is_reached_from_its_index() -> None:
    index = ROOT / "docs" / "README.md"
    reached, waiting = set(), [index]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        goals = ((page.parent / link.partition("#")[0]).resolve() for link in links(page))
        waiting += [goal for goal in goals if goal.suffix == ".md" and goal.exists() and goal not in reached]

    assert {short(page) for page in (ROOT / "docs").rglob("*.md")} <= {short(page) for page in reached}


@pytest.mark.parametrize("page", WRITTEN, ids=short)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))

    assert set(_MAKE.findall(page.read_text(encoding="utf-8"))) <= targets


def test_every_make_target_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    told = {target for target in _TARGET.findall(makefile) if re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)}

    assert told - {"help"} <= set(_MAKE.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.title)
def test_a_section_explains_the_reasons_of_its_row_in_the_table_and_no_other(section: Section) -> None:
    page = (OVERVIEW.parent / section.page).read_text(encoding="utf-8")
    own = re.split(r"^## ", page, flags=re.MULTILINE)
    [text] = [part for part in own if part.startswith(f"{section.title}\n")]

    assert sorted(_EXPLAINED.findall(text)) == sorted(reason.value for reason in section.rows)


def test_a_reason_is_explained_nowhere_else() -> None:
    explained = [reason for page in TROUBLE for reason in _EXPLAINED.findall(page.read_text(encoding="utf-8"))]
    assert sorted(explained) == sorted(reason.value for section in SECTIONS for reason in section.rows)


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    pages = sorted(page.name for page in DECISIONS.glob("[0-9]*.md"))
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")

    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))
    assert [name for name in pages if f"({name})" not in index] == []


@pytest.mark.parametrize("fragment", sorted((ROOT / "changelog.d").iterdir()), ids=short)
def test_a_changelog_fragment_says_its_kind(fragment: Path) -> None:
    assert kind_of(fragment)
    assert fragment.read_text(encoding="utf-8").startswith("- ")


@pytest.mark.parametrize("page", WRITTEN, ids=short)
def test_a_page_is_no_longer_than_one_reads(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 200
