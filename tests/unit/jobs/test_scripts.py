"""The scripts as files: any POSIX shell reads them, they are shipped, and they are handed on whole."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from releaseflow.destinations.registry import DESTINATIONS
from releaseflow.engines.registry import CLIENTS

PROGRAMS = {
    f"{place}-{engine}-{name}": ("" if name == "report" else kind.functions) + program
    for place, kind in DESTINATIONS.items()
    for engine, client in CLIENTS.items()
    for name, program in client.programs
}
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_shell_can_read_it(name: str) -> None:
    subprocess.run(["sh", "-n"], input=PROGRAMS[name], text=True, check=True)


@pytest.fixture
def shellcheck(integration: None) -> str:
    """Return where the program is."""
    found = shutil.which("shellcheck")
    return found or pytest.skip("shellcheck is missing: apt-get install shellcheck")


@pytest.mark.parametrize("name", PROGRAMS)
def test_shellcheck_finds_nothing(shellcheck: str, name: str) -> None:
    # SC2317: a program may leave a part of what all of them share unused.
    command = [shellcheck, "--shell=sh", "--exclude=SC2317", "-"]
    found = subprocess.run(command, input=PROGRAMS[name], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_fits_on_a_command_line(name: str) -> None:
    assert len(PROGRAMS[name]) < 32_768


def test_they_are_part_of_the_package(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    kept = re.compile(r"releaseflow/engines/\w+/.+|.+\.sh")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if kept.fullmatch(name)}
    package = ROOT / "operator" / "releaseflow"
    texts = [*package.glob("engines/[a-z]*/*.*"), *package.rglob("*.sh")]
    assert shipped == {str(path.relative_to(package.parent)) for path in texts} != set()
