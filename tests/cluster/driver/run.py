"""Runs other programs; a failure becomes one line with the end of what the program said."""

import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from .errors import ClusterError

STOP_SECONDS = 10.0
"""How long a program may take to end after Ctrl-C before it is ended: apt-get must not be broken off."""


def run(command: Iterable[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and return its standard output.

    Raises:
        ClusterError: The program is missing or failed.
    """
    words = [str(word) for word in command]
    try:
        program = subprocess.Popen(
            words,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError:
        raise ClusterError(f"{words[0]}: not found; install it and run the same command again") from None
    try:
        output, errors = program.communicate()
    except KeyboardInterrupt:
        stop(program)
        raise
    if program.returncode != 0:
        raise ClusterError(f"failed with exit code {program.returncode}: {shlex.join(words)}\n{last_lines(errors)}")
    return output


def stop(program: subprocess.Popen[str]) -> None:
    """Let a program end by the Ctrl-C that it was sent as well; end it where it does not."""
    try:
        program.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        program.terminate()
        program.communicate()


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
