"""A command in a message, or in a block of a page, works where it is pasted: it names its namespace."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository.commands.pages import PAGES, blocks
from tests.unit.core.messages import PAGE

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "operator").rglob("*.py"))
PRINTED = sorted(
    [
        *MODULES,
        ROOT / "tools/reference.py",
        *(ROOT / "charts/releaseflow/templates").rglob("*"),
        ROOT / "docs/reference/reasons.md",
    ]
)
_COMMAND = re.compile(
    r"kubectl (?!taint |describe nodes|get mutating|get crd|explain |apply -k |create -f`)"
    r"[a-z]+ \S[^;`\n]*?(?=; |\. |`|$)",
    re.MULTILINE,
)
"""Commands with at least one argument, but for those on what belongs to no namespace."""
_NAMESPACE = re.compile(r" (-n \S|-A\b|--namespace|--all-namespaces)|^kubectl --namespace ")


_COMMENT = re.compile(r"(?:^|\s)#.*$", re.MULTILINE)
_OF_THE_CLUSTER = re.compile(
    r"(label|get|delete|create|describe) (namespaces?|nodes?|crd|storageclass|validating\w+)|get mutating\w+|"
    r"create clusterrole |taint |explain |(apply|delete) -k|delete -f deploy/|set image -f \S+ --local"
)
"""Arguments of kubectl that belong to no namespace, or name it in a file."""


def without_namespace(text: str) -> set[str]:
    return {command for command in _COMMAND.findall(text) if not _NAMESPACE.search(command)}


def test_every_command_that_was_ever_said_names_its_namespace() -> None:
    assert without_namespace(PAGE.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("path", [path for path in PRINTED if path.is_file()], ids=lambda path: path.name)
def test_every_command_that_can_be_printed_names_its_namespace(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    texts = list(_printed(ast.parse(text))) if path.suffix == ".py" else [text]
    assert {command for said in texts for command in without_namespace(said)} == set()


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.parts[-2:] != ("api", "commands.py") and path.parts[-2] != "workloads"],
    ids=lambda path: path.name,
)
def test_every_command_is_written_in_the_file_of_commands_or_of_a_kind_of_workload(path: Path) -> None:
    assert [said for said in _printed(ast.parse(path.read_text(encoding="utf-8"))) if "kubectl " in said] == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem)
def test_every_command_in_a_block_of_a_page_names_its_namespace(page: Path) -> None:
    texts = [_COMMENT.sub("", block.text).replace("\\\n", " ") for block in blocks(page) if not block.inline]
    commands = [part.partition("\n")[0] for text in texts for part in text.split("kubectl ")[1:]]

    assert [
        command for command in commands if not _OF_THE_CLUSTER.match(command) and not _NAMESPACE.search(f" {command}")
    ] == []


def test_a_command_without_namespace_is_found() -> None:
    source = 'def f(name):\n    "kubectl get docstring"\n    return f"See: kubectl get rflow {name}. Then go on"\n'
    found = [without_namespace(said) for said in _printed(ast.parse(source))]
    assert found == [{"kubectl get rflow NAME"}]


def _printed(tree: ast.Module) -> Iterator[str]:
    """Yield every string of a module that is no docstring, with NAME for what is filled in."""
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in silent | parts:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "NAME" for part in node.values)
