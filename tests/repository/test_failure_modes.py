"""The table of failure modes stays true: every number once, every test there, every reason a reason."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from releaseflow.api.reasons import Reason
from releaseflow.core.conditions import READY, RECONCILING, STALLED
from releaseflow.core.flow.gates import GATES
from releaseflow.core.run.decide import GATES_WITH_APPROVAL

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "operate" / "failure-modes.md"
GROUPS = {
    "A": [*range(1, 23), 81, 82],
    "B": range(23, 43),
    "C": range(43, 48),
    "D": [*range(48, 58), 83, 84],
    "E": range(58, 72),
} | {"F": range(72, 81)}
CONDITIONS = {READY, RECONCILING, STALLED, *(gate.condition for gate in (*GATES, *GATES_WITH_APPROVAL))}
SHORTEST_REASON = 40
"""Characters that it takes to say why something is a limit."""

_HEADING = re.compile(r"^## ([A-F])\. ")
_CODE = re.compile(r"`([^`]+)`")
_TEST = re.compile(r"tests/[\w/]+\.py(?:::\w+)+")
_LIMIT = re.compile(r"\*\*Limit\*\*: (.+)$")
_REASON = re.compile(r"(?:[A-Z][a-z]+)+")
_COUNTS = re.compile(r"Of the (\d+), (\d+) are shown by a test and\s+(\d+) are limits")


@dataclass(frozen=True)
class Row:
    """One failure mode."""

    group: str
    number: str
    happens: str
    you_see: str
    do: str
    shown_by: str

    @property
    def tests(self) -> list[str]:
        """The tests that it names."""
        return [name for name in _CODE.findall(self.shown_by) if name.startswith("tests/")]

    @property
    def limit(self) -> str:
        """Why something of it does not hold; empty where all does."""
        found = _LIMIT.search(self.shown_by)
        return found[1] if found else ""


def rows() -> list[Row]:
    """Return the rows as they stand."""
    return list(_rows())


def _rows() -> Iterator[Row]:
    group = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        heading = _HEADING.match(line)
        group = heading[1] if heading else group
        if line.startswith("| FM"):
            yield Row(group, *(cell.strip() for cell in line.strip("|").split("|")))


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    """Return the names of the tests of a file, those of classes behind the name of their class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    names = {node.name for node in tree.body if isinstance(node, functions)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, functions)}
    return frozenset(name for name in names if name.rpartition("::")[2].startswith("test_"))


def exists(test: str) -> bool:
    """Whether there is a test of this name."""
    file, _, name = test.partition("::")
    return _TEST.fullmatch(test) is not None and (ROOT / file).is_file() and name in names_of_tests(ROOT / file)


def number(row: Row) -> str:
    return row.number


def test_every_number_stands_once_and_in_its_group() -> None:
    expected = [(group, f"FM{n:02}") for group, numbers in GROUPS.items() for n in numbers]

    assert [(row.group, row.number) for row in rows()] == expected


def test_the_page_counts_its_rows() -> None:
    found = _COUNTS.search(PAGE.read_text(encoding="utf-8"))
    table = rows()

    assert found is not None
    assert [int(count) for count in found.groups()] == [
        len(table),
        sum(bool(row.tests) for row in table),
        sum(bool(row.limit) for row in table),
    ]


@pytest.mark.parametrize("row", rows(), ids=number)
class TestEveryRow:
    """What holds for each row."""

    def test_says_what_happens_what_one_sees_and_what_to_do(self, row: Row) -> None:
        assert all((row.happens, row.you_see, row.do))

    def test_is_shown_by_tests_that_exist_or_says_why_it_is_a_limit(self, row: Row) -> None:
        assert row.tests or row.limit
        assert [test for test in row.tests if not exists(test)] == []
        assert not row.limit or len(row.limit) >= SHORTEST_REASON

    def test_names_reasons_that_exist(self, row: Row) -> None:
        words = {word for word in _CODE.findall(row.you_see) if _REASON.fullmatch(word)}

        assert words <= {reason.value for reason in Reason} | CONDITIONS
