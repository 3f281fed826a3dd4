"""Promises that the shape of the repository keeps."""

import operator
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for folder in ("operator", "tools", "demo", "tests") for path in (ROOT / folder).rglob("*.py"))
LONGEST_FILE = 300


def test_operator_is_a_source_root_and_not_a_package() -> None:
    assert not (ROOT / "operator" / "__init__.py").exists()
    assert operator.itemgetter(0)([7]) == 7


def test_the_standard_librarys_operator_is_found_from_the_root_of_the_repository() -> None:
    code = "import operator; assert operator.itemgetter(0)([7]) == 7"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_about_one_thing(source: Path) -> None:
    lines = source.read_text(encoding="utf-8").splitlines()

    assert len(lines) <= LONGEST_FILE
    assert not lines or lines[0].startswith('"""'), "the first line says what the file is for"


def test_generated_files_are_equal_to_their_source() -> None:
    for tool in ("crds", "reference"):
        before = _generated()
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'operator'}:{ROOT}"}
        subprocess.run([sys.executable, "-m", f"tools.{tool}"], cwd=ROOT, env=environment, check=True)
        assert _generated() == before, "run `make crds docs`"


def test_the_chart_ships_the_generated_crds() -> None:
    for crd in (ROOT / "crds").glob("*.yaml"):
        assert (ROOT / "charts" / "releaseflow" / "files" / "crds" / crd.name).read_text() == crd.read_text()


def _generated() -> dict[Path, str]:
    folders = (ROOT / "crds", ROOT / "docs" / "reference")
    return {path: path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.rglob("*.*"))}
