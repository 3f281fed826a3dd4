"""What was seen of each migration tool on a real node: written by `make test-tools`, shown by the manual."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "tools" / "outcomes.json"
CASES = {
    "first": "First run",
    "unchanged": "Image without a new migration",
    "failing": "Failing migration",
    "repaired": "Repaired",
    "closed": "Its port is closed",
    "silent": "Its port never answers",
    "killed": "Ended at its deadline, then repaired",
    "two": "Two flows on one database",
    "closed_pod": "Read-only root, another user",
    "down": "Down to the version before",
}
"""The columns of the table, by what the stories call them."""


def outcomes() -> Mapping[str, Mapping[str, str]]:
    """What became of each case, by tool and case."""
    found: dict[str, dict[str, str]] = json.loads(FILE.read_text("utf-8"))
    return found


def table() -> Iterator[str]:
    """The lines of the table, a row for each tool."""
    yield "| Tool | " + " | ".join(CASES.values()) + " |"
    yield "| --- |" + " --- |" * len(CASES)
    for tool, cases in sorted(outcomes().items()):
        yield f"| {tool} | " + " | ".join(cases.get(case, "") for case in CASES) + " |"


def keep(folder: Path) -> None:
    """Add what the stories left in a folder; what was not played now stays as it was seen before."""
    known = {tool: dict(cases) for tool, cases in outcomes().items()}
    for file in sorted(folder.glob("*.json")):
        one = json.loads(file.read_text("utf-8"))
        known.setdefault(one["tool"], {})[one["case"]] = one["outcome"]
    ordered = {tool: {case: known[tool][case] for case in CASES if case in known[tool]} for tool in sorted(known)}
    FILE.write_text(json.dumps(ordered, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
