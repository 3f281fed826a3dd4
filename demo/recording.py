"""The text that the demo printed, and which lines of it a reader has to see. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

QUOTE = "           │ "
_LINE = re.compile(r"(?P<clock> ?\d+:\d\d\.\d)  (?:── (?P<act>.*)|(?P<who>\S+) +(?P<what>.*))")
_MAIN = {
    "$": re.compile(r"kubectl -n \S+ (patch|get rflow$|describe deployment)"),
    "run": re.compile(r"(Checked|BackupVerified|Migrated)=True|Migrated=False  MigrationFailed"),
    "flow": re.compile(r"Ready=(True|False  MigrationFailed)"),
    "visitors": re.compile(r""),
}
"""What is shown of each who; the rest of a story is in the recording."""
_QUOTED = {"get rflow": re.compile(r""), "describe deployment": re.compile(r"  (Type|Warning) ")}
"""What is shown of the output of a command."""
_GOOD = re.compile(r"\w+=True|the first answer|v\d answered")
_BAD = re.compile(r"\w+=False  \w*Failed| +Warning ")


class Kind(StrEnum):
    """How a line is meant."""

    ACT = "act"
    COMMAND = "command"
    GOOD = "good"
    BAD = "bad"
    PLAIN = "plain"


@dataclass(frozen=True)
class Entry:
    """One line that the demo printed; what a program printed has the time of the line before, and no clock."""

    at: float
    clock: str
    who: str
    text: str
    kind: Kind


def read(recording: str) -> Iterator[Entry]:
    """Yield what a recording has, line by line."""
    at = 0.0
    for line in recording.splitlines():
        found = _LINE.fullmatch(line)
        if found is not None:
            at = _seconds(found["clock"])
            who, text = ("", f"── {found['act']}") if found["act"] else (found["who"], found["what"])
            yield Entry(at, found["clock"].strip(), who, text, _kind(who, text))
        elif line.startswith(QUOTE):
            text = line.removeprefix(QUOTE)
            yield Entry(at, "", "", text, Kind.BAD if _BAD.match(text) else Kind.PLAIN)


def main_entries(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield what a reader has to see: what was typed, the gates, the Event of the failure, and who served."""
    quoted: re.Pattern[str] | None = None
    for entry in entries:
        if not entry.clock:
            if quoted is not None and quoted.match(entry.text):
                yield entry
            continue
        quoted = next((shown for word, shown in _QUOTED.items() if entry.who == "$" and word in entry.text), None)
        shown = _MAIN.get(entry.who)
        if entry.kind is Kind.ACT or (shown is not None and shown.match(entry.text)):
            yield entry


def _seconds(clock: str) -> float:
    minutes, seconds = clock.split(":")
    return int(minutes) * 60 + float(seconds)


def _kind(who: str, text: str) -> Kind:
    if who == "":
        return Kind.ACT
    if who == "$":
        return Kind.COMMAND
    return Kind.GOOD if _GOOD.match(text) else Kind.BAD if _BAD.match(text) else Kind.PLAIN
