"""Runs other programs; a failure becomes one line with the end of what the program said."""

import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from .errors import ClusterError


def run(command: Iterable[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and return its standard output.

    Raises:
        ClusterError: The program is missing or failed.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ClusterError(f"{words[0]}: not found; install it and run the same command again") from None
    if done.returncode != 0:
        raise ClusterError(f"failed with exit code {done.returncode}: {shlex.join(words)}\n{last_lines(done.stderr)}")
    return done.stdout


def succeeds(command: Iterable[str | Path]) -> bool:
    """Whether a command exists and ends with exit code 0."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
    except (FileNotFoundError, PermissionError):
        return False
    return done.returncode == 0


def last_lines(text: str, count: int = 20) -> str:
    """The last lines of a program's output, indented for reading."""
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:])
