"""The notes of a version: made of the fragments, and moved into the history once."""

import subprocess
import sys
from pathlib import Path

import pytest

from releaseflow.version import __version__
from tools.changelog import NOTHING_YET, ROOT, main

HEAD = "# Changes\n\nWhat a user notices, newest first.\n\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with three fragments."""
    (tmp_path / "operator" / "releaseflow").mkdir(parents=True)
    (tmp_path / "operator" / "releaseflow" / "version.py").write_text('"""The version."""\n\n__version__ = "0.2.0"\n')
    (tmp_path / "changelog.d").mkdir()
    for name, text in {
        "2-b.fixed": "- B.\n",
        "1-a.fixed": "- A,\n  at [length](../docs/a.md).\n",
        "3-c.changed": "- C.\n",
    }.items():
        (tmp_path / "changelog.d" / f"{name}.md").write_text(text)
    return tmp_path


NOTES = "## 0.2.0\n\n### Changed\n\n- C.\n\n### Fixed\n\n- A,\n  at [length](docs/a.md).\n- B.\n"


def test_what_one_has_to_act_on_comes_first(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], root) == 0
    assert capsys.readouterr().out == NOTES


@pytest.mark.parametrize(("before", "after"), [(NOTHING_YET, ""), ("## 0.1.0\n\nOld.\n",) * 2])
def test_the_notes_move_above_those_of_the_version_before(root: Path, before: str, after: str) -> None:
    (root / "CHANGELOG.md").write_text(HEAD + before)

    assert main(["--move"], root) == 0
    assert (root / "CHANGELOG.md").read_text() == HEAD + NOTES + ("\n" + after if after else "")
    assert list((root / "changelog.d").iterdir()) == []


def test_a_fragment_of_no_kind_is_refused(root: Path) -> None:
    (root / "changelog.d" / "4-d.better.md").write_text("- D.\n")

    with pytest.raises(ValueError, match=r"4-d\.better\.md is not NUMBER-WORDS\.KIND\.md"):
        main([], root)


def test_without_fragments_there_is_nothing_to_release(tmp_path: Path) -> None:
    assert main([], tmp_path) == 2


def test_the_fragments_of_this_repository_make_notes() -> None:
    command = [sys.executable, "-m", "tools.changelog"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.startswith(f"## {__version__}\n")
