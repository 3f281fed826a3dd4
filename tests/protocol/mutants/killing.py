"""Judge a mutant: a copy of the operator with one rule broken, and the tier that must notice it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.protocol.mutants.catalogue import Mutant, Tier

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 900
"""Longest time that a tier may take; a mutant that makes it hang longer is killed by that."""
COMMANDS = {
    Tier.EXPLORER: ("-m", "tests.protocol.explorer", "--quick", "--jobs", "1", "--most-states", "400000"),
    Tier.STORIES: ("-m", "pytest", "-q", "-x", "--no-header", "tests/unit/core", "tests/unit/jobs", "tests/unit/shell"),
}


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    mutant: Mutant
    killed: bool
    how: str
    """What noticed it, and after how much."""


def mutated(mutant: Mutant, folder: Path) -> Path:
    """Return the source root of an operator with one rule broken.

    Raises:
        ValueError: The text to replace is not there exactly once: the mutant must follow the code.
    """
    root = folder / "operator"
    shutil.copytree(ROOT / "operator", root, ignore=shutil.ignore_patterns("__pycache__"))
    file = root / "releaseflow" / mutant.path
    source = file.read_text(encoding="utf-8")
    if source.count(mutant.before) != 1:
        raise ValueError(f"mutant {mutant.name}: its text stands {source.count(mutant.before)} times in {mutant.path}")
    file.write_text(source.replace(mutant.before, mutant.after), encoding="utf-8")
    return root


def judged(mutant: Mutant) -> Verdict:
    """Run the tier that must notice a mutant."""
    with tempfile.TemporaryDirectory(prefix="releaseflow-mutant-") as folder:
        root = mutated(mutant, Path(folder))
        environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, *COMMANDS[mutant.tier]]
        if mutant.tier is Tier.STORIES:
            command += ["--override-ini", f"pythonpath={root} {ROOT} {ROOT / 'tests' / 'cluster'}"]
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return Verdict(mutant, killed=True, how=f"no end after {SECONDS} s")
    return Verdict(mutant, killed=done.returncode == 1, how=_how(mutant.tier, done.stdout + done.stderr))


def _how(tier: Tier, said: str) -> str:
    """Return what a tier said of a mutant, in a line."""
    if tier is Tier.EXPLORER:
        broken = re.search(r"^(.*), after (\d+) moves in scenario (\w+):$", said, re.MULTILINE)
        states = re.findall(r"([\d,]+) states, ", said)
        return f"{broken[1]}, {states[-1]} states" if broken and states else _end(said)
    failed = re.search(r"^FAILED (\S+)", said, re.MULTILINE)
    return failed[1] if failed else _end(said)


def _end(said: str) -> str:
    lines = said.strip().splitlines()
    return lines[-1] if lines else "nothing was said"
