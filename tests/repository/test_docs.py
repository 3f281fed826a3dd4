"""What the documents promise: links lead somewhere, commands exist, every failure is explained."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from releaseflow.api.v1alpha1.failure_meanings import MEANINGS_OF_FAILURE
from releaseflow.api.v1alpha1.meanings import MEANINGS_OF_PROGRESS, NOTHING
from releaseflow.api.v1alpha1.reasons import Reason
from tools.changelog import kind_of

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("changelog.d/*.md"), *(ROOT / "docs").rglob("*.md")])
GENERATED = ROOT / "docs" / "reference"
WRITTEN = [page for page in DOCUMENTS if GENERATED not in page.parents]
OVERVIEW = ROOT / "docs" / "operate" / "trouble.md"
TROUBLE = sorted(OVERVIEW.parent.glob("trouble*.md"))
DECISIONS = ROOT / "docs" / "decisions"
FOLLOWED_BY_ITSELF = {"Migrating", "RunInProgress", "RollingOut", "NotReached"}
"""Reasons of work that goes on: what a reader can do is to watch it."""

_FENCE = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')
_EXPLAINED = re.compile(r"^### `(\w+)`$", re.MULTILINE)
_ROW = re.compile(r"^\| ((?:`\w+` ?)+)\| \[.*\]\(([\w-]+\.md)#", re.MULTILINE)
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


def explained() -> list[str]:
    return [reason for page in TROUBLE for reason in _EXPLAINED.findall(page.read_text(encoding="utf-8"))]


def test_what_goes_wrong_is_explained_once_for_every_reason_that_asks_for_something() -> None:
    waits = {r.value for r, meaning in MEANINGS_OF_PROGRESS.items() if meaning.what_to_do != NOTHING}
    fails = {r.value for r in MEANINGS_OF_FAILURE}

    assert sorted(explained()) == sorted((waits | fails) - FOLLOWED_BY_ITSELF)


def test_the_overview_leads_to_the_page_that_explains_a_reason() -> None:
    rows = _ROW.findall(OVERVIEW.read_text(encoding="utf-8"))
    leads = {reason: page for reasons, page in rows for reason in re.findall(r"\w+", reasons)}

    assert sorted(leads) == sorted(explained())
    assert set(leads) <= {reason.value for reason in Reason}
    for reason, page in leads.items():
        assert f"### `{reason}`" in (OVERVIEW.parent / page).read_text(encoding="utf-8")


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
