"""Our own program: shipped whole, started fast, and a secret is where it is needed and nowhere else."""

import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.engines.postgresql import client
from tests.support.postgresql import PASSWORD, Server
from tests.unit.jobs.conftest import INTERPRETER, PRODUCT, Runner

ROOT = Path(__file__).parents[3]
IMPORTED = "import sys, releaseflow.steps.__main__; print(*sorted(sys.modules))"
HEAVY = {"pydantic", "asyncio", "kubernetes", "kopf", "aiohttp", "structlog", "argparse"}


def test_it_is_part_of_the_package(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    kept = re.compile(r"releaseflow/(engines/\w+|steps)/.+")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if kept.fullmatch(name)}
    texts = [*PRODUCT.glob("engines/[a-z]*/*.*"), *PRODUCT.glob("steps/**/*.py")]
    assert shipped == {str(path.relative_to(PRODUCT.parent)) for path in texts if path.suffix != ".pyc"} != set()


def test_no_word_of_its_reports_is_unknown_to_the_operator() -> None:
    said = {
        word
        for file in (PRODUCT / "steps").glob("*.py")
        for word in re.findall(r'StepFailed\(\s*"(\w+)"', file.read_text())
    }
    assert said - {"RestoreFailed"} <= set(Reason)
    assert {word for word, _pattern in client.WORDS} <= set(Reason)


@pytest.mark.usefixtures("integration")
def test_it_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    done = subprocess.run(
        [INTERPRETER, "-SPc", IMPORTED], env={"PYTHONPATH": str(PRODUCT.parent)}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert HEAVY & set(done.stdout.split()) == set()


def test_a_password_is_on_no_command_line_and_in_no_environment_that_does_not_need_it(
    server: Server, database: str, runner: Runner
) -> None:
    server.as_owner(database, "create table big as select md5(n::text) as a from generate_series(1, 300000) n")
    process = runner.start("backup", server.url(database))
    seen: dict[str, set[bool]] = {}
    while process.poll() is None:
        for name, arguments, environment in processes_below(process.pid):
            assert PASSWORD.encode() not in arguments
            assert b"p%40ss" not in arguments
            seen.setdefault(name, set()).add(PASSWORD.encode() in environment or b"p%40ss" in environment)
        time.sleep(0.002)
    assert runner.ended(process).exit_code == 0
    assert seen["pg_dump"] == {True}
    assert seen["pg_restore"] == {False}


def processes_below(parent: int) -> list[tuple[str, bytes, bytes]]:
    """Return name, command line and environment of the client programs that a process runs just now."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            status = (entry / "stat").read_text().rpartition(")")
            name = status[0].partition("(")[2]
            arguments, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
            ours = int(status[2].split()[1]) == parent and name in {"pg_dump", "pg_restore", "psql"}
            if ours and environment and b"--version" not in arguments:
                found.append((name, arguments, environment))
        except OSError:
            continue
    return found


def test_a_dump_that_is_ended_leaves_no_file(server: Server, database: str, runner: Runner) -> None:
    server.as_owner(database, "create table big as select md5(n::text) as a from generate_series(1, 600000) n")
    process = runner.start("backup", server.url(database))
    draft = runner.file.with_name(f"{runner.file.name}.part")
    deadline = time.monotonic() + 20
    while not (draft.exists() and draft.stat().st_size):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.terminate()
    assert runner.ended(process).exit_code == 143
    assert list(runner.file.parent.iterdir()) == []
    assert runner.message.read_text() == ""


def test_two_at_once_both_succeed(server: Server, database: str, runner: Runner) -> None:
    started = [runner.start("backup", server.url(database), path=f"shop/{n}.dump") for n in (1, 2)]
    assert [process.wait(timeout=60) for process in started] == [0, 0]
    for process in started:
        process.communicate()
    names = {path.name for path in (runner.backups / "shop").iterdir()}
    assert names == {"1.dump", "1.json", "2.dump", "2.json"}


@pytest.mark.usefixtures("integration")
@pytest.mark.parametrize("arguments", ["", "dump", "restore", "backup now"])
def test_what_it_does_not_know_is_refused(runner: Runner, arguments: str) -> None:
    outcome = runner.run(arguments)
    assert outcome.exit_code == 2
    assert outcome.output.startswith("usage: ")
