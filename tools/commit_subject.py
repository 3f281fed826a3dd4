"""Say what is wrong with the subject of a commit: `area: verb object`, at most 72 characters.

Run by Git's hook commit-msg with the file of the message, on the system's Python: standard library only.
"""

import re
import sys
from pathlib import Path

LONGEST = 72
"""So that `git log --oneline` and a forge's list show all of it."""
_SHAPE = re.compile(r"[a-z0-9-]+: [a-z]\S* (?:\S.*)?[^.\s]")


def wrong(subject: str) -> str:
    """Return what is wrong with a subject; empty where nothing is."""
    if len(subject) > LONGEST:
        return f"the subject has {len(subject)} characters, {LONGEST} are the most: say why in the body"
    if _SHAPE.fullmatch(subject) is None:
        return "the subject is not `area: verb object`, as in `lock: name the holder`, without a full stop"
    return ""


def main(path: str) -> int:
    """Check the message in a file; returns the exit code."""
    subject = (Path(path).read_text(encoding="utf-8").splitlines() or [""])[0]
    fault = wrong(subject)
    if fault:
        print(f"{fault}\n  {subject}", file=sys.stderr)  # noqa: T201 - Git shows it
    return int(bool(fault))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
