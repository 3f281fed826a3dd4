"""Mutate every line of the core with mutmut, and see that its stories notice it.

Run with the tools of requirements-mutants.txt: `make mutants-core` does. It works in the user's cache folder, on a
copy: mutmut wants packages at the root of a project, and leaves its own folder there.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.runner import ROOT
from tests.mutants.survivors import excuse
from tests.mutants.table import between

BEGIN, END = "<!-- mutants-core:begin -->", "<!-- mutants-core:end -->"
SLOW = ("test_flow_properties.py", "test_run_properties.py")
"""Tests of everything observable: too slow to ask them of each mutant, so what they alone kill counts as alive."""
PROJECT = """[tool.mutmut]
source_paths = ["releaseflow"]
only_mutate = ["releaseflow/core/*"]
pytest_add_cli_args_test_selection = [{tests}]
use_git_change_detection = false
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider"]
asyncio_mode = "auto"
"""
SURVIVED, NOT_RUN = 0, None
CONTEXT = 40
"""Characters of a line that are told on both sides of a change."""
SHARD = 200
"""Names given to one run of mutmut: a command line has a limit."""


@dataclass(frozen=True)
class Survivor:
    """A mutant that no story noticed."""

    name: str
    change: str
    """The line before and after."""


def main(words: list[str]) -> int:
    """Judge a sample, or all, and return 1 where fewer are killed than asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.core", description=__doc__)
    parser.add_argument("--sample", type=int, default=400, help="mutants drawn by chance; 0 for all (default: 400)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the draw (default: 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants judged at once")
    parser.add_argument("--least", type=float, default=90.0, help="least score in percent (default: 90)")
    parser.add_argument("--write", action="store_true", help="write what came of it into docs/reference/mutants.md")
    chosen = parser.parse_args(words)
    folder = _project()
    _mutmut(folder, "run", "nothing.of.this.name")
    names = sorted(_results(folder))
    drawn = random.Random(chosen.seed).sample(names, chosen.sample) if chosen.sample else names  # noqa: S311
    for first in range(0, len(drawn), SHARD):
        _mutmut(folder, "run", "--max-children", str(chosen.jobs), *drawn[first : first + SHARD])
        print(f"{min(first + SHARD, len(drawn))} of {len(drawn)} judged", flush=True)
    results = _results(folder)
    if unjudged := [name for name in drawn if results[name] is NOT_RUN]:
        how = f"see why: cd {folder} && {sys.executable} -m mutmut run {unjudged[0]}"
        raise RuntimeError(f"{len(unjudged)} of {len(drawn)} mutants were not run; {how}")
    survivors = [Survivor(name, _change(folder, name)) for name in drawn if results[name] == SURVIVED]
    score = 100 * (1 - len(survivors) / len(drawn))
    page = _page(len(names), len(drawn), chosen.seed, score, survivors)
    print(page)
    if chosen.write:
        between(BEGIN, END, page)
    return int(score < chosen.least)


def _project() -> Path:
    """Return a fresh copy of the package and the tests of its core, as mutmut wants them."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "releaseflow" / "mutants-core"
    shutil.rmtree(folder, ignore_errors=True)
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "operator" / "releaseflow", folder / "releaseflow", ignore=skip)
    for tests in ("support", "model", "unit/core"):
        shutil.copytree(ROOT / "tests" / tests, folder / "tests" / tests, ignore=skip)
    ignored = [f"--ignore=tests/unit/core/{name}" for name in SLOW]
    words = ", ".join(json.dumps(word) for word in ("tests/unit/core", *ignored))
    (folder / "pyproject.toml").write_text(PROJECT.format(tests=words), encoding="utf-8")
    return folder


def _mutmut(folder: Path, *words: str) -> str:
    """Run mutmut; the first run names no mutant, and ends with that as its complaint."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "mutmut", *words]
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)
    return done.stdout


def _results(folder: Path) -> dict[str, int | None]:
    """Return each mutant's exit code: 0 where the tests passed, nothing where it was not run."""
    found: dict[str, int | None] = {}
    for meta in (folder / "mutants").rglob("*.py.meta"):
        found |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    if not found:
        raise RuntimeError("mutmut made no mutants: do the tests of the core pass?")
    return found


def _change(folder: Path, name: str) -> str:
    lines = [line for line in _mutmut(folder, "show", name).splitlines() if line[:1] in {"+", "-"}]
    before, after = (
        "".join(line[1:].strip() for line in lines if line[0] == sign and line[:3] != sign * 3) for sign in "-+"
    )
    start, end = _same(before, after), _same(before[::-1], after[::-1])
    return f"{before[start : len(before) - end]} → {after[start : len(after) - end]}"


def _same(one: str, other: str) -> int:
    """Return how many characters at the beginning of two texts need not be told."""
    same = next((index for index, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), 0)
    return max(same - CONTEXT, 0)


def _page(made: int, judged: int, seed: int, score: float, survivors: list[Survivor]) -> str:
    """Return what is told of a run."""
    drawn = f"{judged} of its {made:,} mutants, drawn with seed {seed}" if judged < made else f"all {made:,} mutants"
    lines = [f"mutmut over the core: {drawn}: {judged - len(survivors)} killed, {score:.1f} %.", ""]
    return "\n".join([*lines, "| Where | What survives | Why |", "| --- | --- | --- |", *_rows(survivors)])


def _rows(survivors: list[Survivor]) -> Iterator[str]:
    for survivor in survivors:
        where = survivor.name.rpartition("__mutmut")[0].removeprefix("releaseflow.core.").replace(".x_", ".")
        change = survivor.change.replace("|", "\\|").replace("`", "'")
        yield f"| {where} | `{change}` | {excuse(survivor.name, survivor.change)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
