"""Runs other programs; a failure becomes one line with the end of what the program said."""

import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from .errors import ClusterError

STOP_SECONDS = 10.0
"""How long a program may take to end after Ctrl-C before it is ended: apt-get must not be broken off."""

SHOWN_ERRORS = 20


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


def run_logged(command: Iterable[str | Path], log: Path) -> None:
    """Run a command that says much; where it fails, the lines with an error are shown, and where the rest is.

    Raises:
        ClusterError: The program is missing or failed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in command]
    with log.open("w") as output:
        try:
            program = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, text=True)
        except FileNotFoundError:
            raise ClusterError(f"{words[0]}: not found; install it and run the same command again") from None
        try:
            program.wait()
        except KeyboardInterrupt:
            stop(program)
            raise
    if program.returncode != 0:
        raise ClusterError(f"failed: {shlex.join(words)}\n{error_lines(log.read_text())}\n    all that it said: {log}")


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


def error_lines(text: str) -> str:
    """The first lines that speak of an error, each once; the last lines where none does."""
    errors = list(dict.fromkeys(line for line in text.splitlines() if "error" in line.lower()))
    return last_lines("\n".join(errors[:SHOWN_ERRORS]) or text)


def last_lines(text: str, count: int = 20) -> str:
    """The last lines of a program's output, indented for reading."""
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:])
