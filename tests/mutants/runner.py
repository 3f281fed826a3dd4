"""Judge a mutant: a copy of the operator with one rule broken, and the tier that must notice it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutant import Mutant, Tier

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 900
"""Longest time that a tier may take; a mutant that makes it hang longer is killed by that."""
EXPLORER = ("-m", "tests.model", "--jobs", "1", "--most-states", "1000000")
PYTEST = ("-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider")
FAULTS = ("-m", "tests.faults")
WHOLE = {
    Tier.EXPLORER: (*EXPLORER, "--quick"),
    Tier.UNIT: (
        *PYTEST,
        "tests/unit/core",
        "tests/unit/jobs",
        "tests/unit/controllers",
        "tests/unit/cache",
        "tests/unit/kube",
        "tests/unit/handlers",
        "tests/unit/runtime",
    ),
    Tier.FAULTS: (*FAULTS, "--selection", "quick"),
}
"""What `make test` runs of a tier."""


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
    root = copied(folder)
    file = root / "releaseflow" / mutant.path
    file.write_text(broken(mutant), encoding="utf-8")
    return root


def copied(folder: Path) -> Path:
    """Return the source root of a copy of the operator that every account may read: some tests run it as another."""
    folder.chmod(0o755)
    root = folder / "operator"
    shutil.copytree(ROOT / "operator", root, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def broken(mutant: Mutant) -> str:
    """Return the source of the mutant's file with its rule broken.

    Raises:
        ValueError: The text to replace is not there exactly once, or what comes of it is no Python.
    """
    source = (ROOT / "operator" / "releaseflow" / mutant.path).read_text(encoding="utf-8")
    if source.count(mutant.before) != 1:
        raise ValueError(f"mutant {mutant.name}: its text stands {source.count(mutant.before)} times in {mutant.path}")
    text = source.replace(mutant.before, mutant.after)
    compile(text, mutant.path, "exec")
    return text


def quiet(tier: Tier) -> bool:
    """Whether a tier finds nothing wrong with a copy of the operator: only then does it mean something when it does."""
    with tempfile.TemporaryDirectory(prefix="releaseflow-mutant-") as folder:
        return _run(tier, WHOLE[tier], copied(Path(folder))).returncode == 0


def judge(mutant: Mutant) -> Verdict:
    """Run what killed a mutant before, then all of the tier that must notice it."""
    with tempfile.TemporaryDirectory(prefix="releaseflow-mutant-") as folder:
        root = mutated(mutant, Path(folder))
        first = _verdict(mutant, root, _known_to_kill(mutant)) if mutant.killer else None
        return first if first is not None and first.killed else _verdict(mutant, root, WHOLE[mutant.tier])


def _known_to_kill(mutant: Mutant) -> tuple[str, ...]:
    match mutant.tier:
        case Tier.EXPLORER:
            return (*EXPLORER, "--scenario", mutant.killer)
        case Tier.UNIT:
            return (*PYTEST, f"tests/unit/{mutant.killer}")
        case Tier.FAULTS:
            return (*FAULTS, "--plan", mutant.killer)


def _verdict(mutant: Mutant, root: Path, command: tuple[str, ...]) -> Verdict:
    try:
        done = _run(mutant.tier, command, root)
    except subprocess.TimeoutExpired:
        return Verdict(mutant, killed=True, how=f"no end after {SECONDS} s")
    return Verdict(mutant, killed=done.returncode == 1, how=_how(mutant.tier, done.stdout + done.stderr))


def _run(tier: Tier, command: tuple[str, ...], root: Path) -> subprocess.CompletedProcess[str]:
    """Run a tier with an operator; the faults judge it by the code as it should be."""
    sources = ROOT / "operator" if tier is Tier.FAULTS else root
    environment = {**os.environ, "PYTHONPATH": f"{sources}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    match tier:
        case Tier.EXPLORER:
            pass
        case Tier.UNIT:
            command = (*command, "--override-ini", f"pythonpath={root} {ROOT}")
        case Tier.FAULTS:
            command = (*command, "--operator", str(root))
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def _how(tier: Tier, said: str) -> str:
    """Return what a tier said of a mutant, in a line."""
    if tier is Tier.EXPLORER:
        found = re.search(r"^(.*), after (\d+) moves in scenario (.+):$", said, re.MULTILINE)
        states = re.search(rf"^{found[3]}: ([\d,]+) states, ", said, re.MULTILINE) if found else None
        if found and states:
            return f"{found[1]}: {found[3]}, {states[1]} states, {found[2]} moves"
        error = re.findall(r"^(?:\w+\.)*(\w+(?:Error|Exception))\b", said, re.MULTILINE)
        return f"{error[-1]} in a decision" if error else _end(said)
    if tier is Tier.FAULTS:
        rule, plan = (
            re.search(r"^    BROKEN (.{1,90})", said, re.MULTILINE),
            re.search(r"^==> (.*)", said, re.MULTILINE),
        )
        return f"{rule[1].strip()}: {plan[1]}" if rule and plan else _end(said)
    failed = re.search(r"^FAILED (\S+?)(?:\[.*)?(?: - .*)?$", said, re.MULTILINE)
    return failed[1] if failed else _end(said)


def _end(said: str) -> str:
    lines = said.strip().splitlines()
    return lines[-1] if lines else "nothing was said"
