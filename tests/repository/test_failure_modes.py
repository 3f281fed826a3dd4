"""The failure modes stay true: every number once, every test there, every reason a reason."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.conditions import READY, RECONCILING, STALLED, SUCCEEDED
from releaseflow.core.flow.contract import CONTRACTED
from releaseflow.core.flow.gates import GATES
from releaseflow.core.run import gates as run
from tools.failure_modes import FailureMode, groups, page

ROOT = Path(__file__).resolve().parents[2]
MODES = [mode for group in groups() for mode in group.modes]
CONDITIONS = {CONTRACTED, READY, RECONCILING, STALLED, SUCCEEDED, *(gate.condition for gate in (*GATES, *run.GATES))}
SHORTEST_REASON = 40
"""Characters that it takes to say why something is a limit."""

_CODE = re.compile(r"`([^`]+)`")
_TEST = re.compile(r"tests/[\w/]+\.py(?:::\w+)+")
_REASON = re.compile(r"(?:[A-Z][a-z]+)+")


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


def number(mode: FailureMode) -> str:
    return mode.id


def test_every_number_is_given_once_and_none_is_left_out() -> None:
    assert sorted((mode.id for mode in MODES), key=lambda known: int(known[2:])) == [
        f"FM{n:02}" for n in range(1, len(MODES) + 1)
    ]
    assert [group.group for group in groups()] == sorted(group.group for group in groups())


def test_no_cell_of_the_page_breaks_its_table() -> None:
    rows = [line for line in page() if line.startswith("| FM")]

    assert len(rows) == len(MODES)
    assert [row for row in rows if row.count("|") != rows[0].count("|") or "\n" in row] == []


@pytest.mark.parametrize("mode", MODES, ids=number)
class TestEveryMode:
    """What holds for each failure mode."""

    def test_says_what_happens_what_one_sees_and_what_to_do(self, mode: FailureMode) -> None:
        assert all((mode.cause, mode.seen, mode.do))

    def test_is_shown_by_tests_that_exist_or_says_why_it_is_a_limit(self, mode: FailureMode) -> None:
        assert mode.tests or mode.limit
        assert [test for test in mode.tests if not exists(test)] == []
        assert not mode.limit or len(mode.limit) >= SHORTEST_REASON

    def test_names_reasons_that_exist(self, mode: FailureMode) -> None:
        words = {word for word in _CODE.findall(mode.seen) if _REASON.fullmatch(word)}

        assert words <= {reason.value for reason in Reason} | CONDITIONS
