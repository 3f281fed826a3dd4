"""Make the virtual environment of the project's tools, and print where it is.

It lives in the user's cache folder, or in $RELEASEFLOW_ENVIRONMENTS, under the hash of what it was made from, so the
second call returns at once. A file of requirements may be named; without a name it is that of every day.
Run by the Makefile with the system's Python, before anything is installed: standard library only.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / (sys.argv[1] if len(sys.argv) > 1 else "requirements-dev.txt")
OLDEST = (3, 11)


def main() -> int:
    """Print the folder of the environment, made first where it is missing; returns the exit code."""
    if sys.version_info < OLDEST:
        say(f"Python {sys.version.split()[0]} is too old; name a newer one: make PYTHON=python3.11")
        return 1
    folder = place()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            made = make(folder)
            if made:
                return made
    print(folder)  # noqa: T201
    return 0


def place() -> Path:
    """Return the folder of the environment, named by what it is made from."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "releaseflow"
    folder = Path(os.environ.get("RELEASEFLOW_ENVIRONMENTS") or cache / "venv")
    content = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode() + sys.base_prefix.encode())
    return folder / content.hexdigest()[:16]


def make(folder: Path) -> int:
    """Make the environment; returns the exit code of what failed, or 0."""
    begin = time.monotonic()
    say("installing the project's Python tools (once; about a minute)")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        code = fill(folder)
    finally:
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
    if code == 0:
        say(f"installed the project's Python tools in {time.monotonic() - begin:.0f} s")
    return code


def fill(folder: Path) -> int:
    """Install the pins into a new environment; returns the exit code of what failed, or 0."""
    if run(sys.executable, "-m", "venv", str(folder)):
        say("cannot make a virtual environment; install the module: apt-get install python3-venv")
        return 1
    pip = (str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check")
    if run(*pip, "install", "--quiet", "--no-deps", "--require-hashes", "--requirement", str(REQUIREMENTS)):
        say("cannot install the tools; see the lines above, then run the same command again")
        return 1
    if run(*pip, "check"):
        say(f"{REQUIREMENTS.name} is not a complete set of pins, see the lines above; write it again: make lock")
        return 1
    (folder / "complete").touch()
    return 0


def run(*command: str) -> int:
    """Run a command, its output on standard error; returns its exit code."""
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode  # noqa: S603


def say(text: str) -> None:
    """Tell the reader what happens."""
    print(f"venv: {text}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("stopped; the same command begins again")
        sys.exit(130)
