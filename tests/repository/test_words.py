"""Sentences name the actor and use the field's terms: no page, docstring or message has a banned word."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BANNED = {
    r"anew": "again; create again; restart",
    r"in vain": "without success",
    r"whom": "name the person or the object",
    r"told|telling|tells? (?:of|that|people|apart)": "reports, shows, writes",
    r"heard|hears?": "receives; the watch delivers",
    r"lets? go|letting go": "release a lock, remove a finalizer, delete",
    r"nobody": "name who does not, or say that it is not known",
    r"by and by|now and then": "periodically; every N seconds",
    r"stands?(?! for\b)": "is; has",
    r"meddl\w+": "interference; change from outside",
    r"mends?|mended": "fix; recover",
    r"looks? again|look(?:s|ed|ing) at|(?:a|the|each|next|this|every|one|last|more|another) looks?": "reconcile, read",
}
"""What the sentence hides the actor by, or a word of our own, and what says it plainly."""

_WORDS = {re.compile(rf"\b(?:{word})\b", re.IGNORECASE): instead for word, instead in BANNED.items()}
_CODE = re.compile(r"`[^`\n]*`|\]\([^)\s]*\)|\b\w+(?:[_/#]|\.\w)\S*")
"""Names of files, objects and functions are no sentences."""

GENERATED = ROOT / "docs" / "reference"
"""Its pages are as good as their sources."""
PROSE = sorted(
    path
    for folder in (".", "docs", "changelog.d", "examples", "charts", ".github", "operator")
    for path in ((ROOT / folder).glob("*.md") if folder == "." else (ROOT / folder).rglob("*"))
    if path.suffix in {".md", ".yaml", ".yml", ".tpl", ".json", ".txt", ".sh", ".toml"}
    and "crds" not in path.parts
    and not (path.parent == GENERATED and path.suffix == ".md")
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MODULES = sorted(path for folder in ("operator", "tools", "demo", "examples") for path in (ROOT / folder).rglob("*.py"))


def banned(text: str) -> list[str]:
    """Return what a text has of the list, with what to write instead."""
    plain = _CODE.sub(" ", text)
    return [f"{found[0]}: {instead}" for word, instead in _WORDS.items() for found in word.finditer(plain)]


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def sentences(source: str) -> Iterator[str]:
    """Yield the docstrings, messages and comments of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def headings(source: str) -> Iterator[str]:
    """Yield the first line of a test file, and the names of its test functions as words."""
    tree = ast.parse(source)
    yield (ast.get_docstring(tree) or "").partition("\n")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name.replace("_", " ")


@pytest.mark.parametrize("path", PROSE, ids=short)
def test_no_page_or_manifest_has_a_banned_word(path: Path) -> None:
    assert banned(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_no_docstring_message_or_comment_has_a_banned_word(path: Path) -> None:
    assert [word for said in sentences(path.read_text(encoding="utf-8")) for word in banned(said)] == []


def test_no_test_name_or_first_line_of_a_test_file_has_a_banned_word() -> None:
    found = ((short(path), banned(text)) for path in TESTS for text in headings(path.read_text(encoding="utf-8")))
    assert [(path, words) for path, words in found if words] == []


def test_the_help_of_make_has_no_banned_word() -> None:
    assert banned((ROOT / "Makefile").read_text(encoding="utf-8")) == []


def test_a_banned_word_is_found_in_a_sentence_and_not_in_a_name() -> None:
    assert len(banned("Opened anew, whom it concerns is told. Nobody stands in line, as things stand.")) == 6
    assert banned("See `test_nobody_is_told` and [there](a.md#nobody), or demo/anew.py. It stands for one.") == []
    assert list(sentences('"""Of a look."""\nx = f"told {1} of"  # anew\n')) == ["Of a look.", "told ", " of", "# anew"]
    assert list(headings('"""First.\n\nMore."""\ndef test_a_b(): pass\n')) == ["First.", "test a b"]
