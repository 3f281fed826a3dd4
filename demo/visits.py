"""What the visitors saw, and whether the promise was kept. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

GRAIN_SECONDS = 1.0
"""The cluster writes whole seconds: what it dates T happened in the second that begins with T."""
ANSWERED = frozenset({200, 201})


@dataclass(frozen=True)
class Visit:
    """One request to the shop.

    Attributes:
        at: When it was sent, in seconds since 1970, by the clock of the visitor's pod.
        seconds: How long the answer took.
        status: Of HTTP; 0 where there was no answer.
        version: Version of the shop that answered; empty where none did.
        writes: Whether it added an item.
    """

    number: int
    at: float
    seconds: float
    status: int
    version: str = ""
    error: str = ""
    writes: bool = False

    @property
    def answered(self) -> bool:
        """Whether the visitor got what he came for."""
        return self.status in ANSWERED


@dataclass(frozen=True)
class Sent:
    """The visitor's last line: how many requests he sent."""

    number: int


@dataclass(frozen=True)
class Release:
    """A release as its run dated it, in seconds since 1970.

    Attributes:
        done: When the migration was recorded as done; None where it never was.
    """

    version: str
    replaces: str
    started: float
    done: float | None


@dataclass(frozen=True)
class Finding:
    """What visitors saw of a release.

    Attributes:
        before: Answers by version, from when its run had certainly started until its migration was certainly done.
        early: Answers of the new version that were asked for before its migration was certainly done.
        first: When the first answer of the new version was asked for.
    """

    release: Release
    before: dict[str, int]
    early: int
    first: float | None

    @property
    def kept(self) -> bool:
        """Whether only the old version was seen, and it was seen."""
        return not self.early and set(self.before) == {self.release.replaces}


def line(text: str) -> Visit | Sent | None:
    """Return what a line of the visitor's log says; None for a line that is not whole."""
    try:
        said = json.loads(text)
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    return Sent(said["sent"]) if "sent" in said else Visit(**said)


def findings(visits: Sequence[Visit], releases: Sequence[Release]) -> list[Finding]:
    """Return for each release what visitors saw of it; the releases are in their order."""
    ends = [*(release.started for release in releases), float("inf")][1:]
    return [finding(visits, release, end) for release, end in zip(releases, ends, strict=True)]


def finding(visits: Iterable[Visit], release: Release, end: float) -> Finding:
    """Return what visitors saw of one release; `end` is when the next one started."""
    known = float("inf") if release.done is None else release.done + GRAIN_SECONDS
    answers = [visit for visit in visits if visit.version]
    mine = [visit.at for visit in answers if visit.version == release.version]
    began = release.started + GRAIN_SECONDS
    window = (visit.version for visit in answers if began <= visit.at < min(known, end))
    return Finding(release, dict(Counter(window)), sum(at < known for at in mine), min(mine, default=None))


def broken_promises(visits: Sequence[Visit], sent: int, items: tuple[int, int], found: Sequence[Finding]) -> list[str]:
    """Return what was not as promised, one sentence each; `items` are how many there are, and were before."""
    failed = [visit for visit in visits if not visit.answered]
    added = sum(visit.answered and visit.writes for visit in visits)
    there, before = items
    broken = [f"request {visit.number} failed: status {visit.status} {visit.error}" for visit in failed]
    if len(visits) != sent or not visits:
        broken.append(f"{sent} requests were sent, but {len(visits)} are accounted for")
    if there != before + added:
        broken.append(f"the shop has {there} items; {before} and the {added} that visitors added are {before + added}")
    return broken + [sentence(each) for each in found if not each.kept]


def sentence(found: Finding) -> str:
    """Say what was seen before a migration was done."""
    seen = ", ".join(f"{version} ({count})" for version, count in sorted(found.before.items())) or "nothing"
    release = found.release
    return (
        f"before the migration of {release.version} was done only {release.replaces} may answer, and it must; "
        f"seen: {seen}, and {found.early} answers of {release.version} in all that time"
    )
