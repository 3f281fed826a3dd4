"""A picture of the demo for the first page: its recording cut to the main lines, as an SVG that plays once.

`make demo PICTURE=docs/start/demo.svg` writes the picture and, beside it, the recording that it is drawn from:
`docs/start/demo.txt`. `python -m demo.picture docs/start/demo.txt` draws the picture again, without a cluster.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from demo.recording import Entry, Kind, main_entries, read

COLUMNS = 114
WHO, WHAT = 9, 19
"""Columns of the picture, and those in which the parts of a line begin."""
LINE, LETTER, TOP, EDGE = 19.0, 7.85, 46.0, 16.0
LONGEST_PAUSE = 1.2
"""Seconds of the picture that a pause of the story takes at most."""
SPEED = 3.0
"""How many times faster than the story the picture plays."""
_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" xml:space="preserve" \
role="img" aria-label="{title}">
<title>{title}</title>
<style>
text {{ font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; white-space: pre; }}
.clock {{ fill: #6e7681; }} .who {{ fill: #8b949e; }} .plain {{ fill: #c9d1d9; }}
.command {{ fill: #f0f6fc; font-weight: bold; }} .act {{ fill: #79c0ff; font-weight: bold; }}
.good {{ fill: #56d364; }} .bad {{ fill: #ff7b72; }}
g {{ animation: show 1ms backwards; }}
@keyframes show {{ from {{ visibility: hidden; }} to {{ visibility: visible; }} }}
@media (prefers-reduced-motion: reduce) {{ g {{ animation: none; }} }}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<circle cx="20" cy="18" r="5.5" fill="#ff5f56"/><circle cx="38" cy="18" r="5.5" fill="#ffbd2e"/>\
<circle cx="56" cy="18" r="5.5" fill="#27c93f"/>
<text class="who" x="50%" y="22" text-anchor="middle">make demo</text>
"""


@dataclass(frozen=True)
class Row:
    """One line of the picture: when it appears, and its parts with their columns and styles."""

    at: float
    parts: tuple[tuple[int, str, str], ...]


def picture_of(recording: str) -> str:
    """Return the picture of a recording."""
    rows = list(_rows(main_entries(read(recording))))
    width, height = COLUMNS * LETTER + 2 * EDGE, TOP + len(rows) * LINE + EDGE / 2
    title = "A release that is backed up, migrated and promoted, and one whose migration fails: it is held"
    drawn = (_drawn(number, row) for number, row in enumerate(rows) if row.parts)
    return _HEAD.format(width=width, height=height, title=title) + "".join(drawn) + "</svg>\n"


def _rows(entries: Iterable[Entry]) -> Iterator[Row]:
    """Yield the rows of entries, each folded to the width; the pauses between them are shortened."""
    at, before = 0.0, None
    for entry in entries:
        if before is not None:
            at += min(max(entry.at - before, 0.0) / SPEED, LONGEST_PAUSE)
            if entry.kind is Kind.ACT:
                yield Row(at, ())
        before = entry.at
        for number, text in enumerate(folded(entry.text, COLUMNS - WHAT)):
            begin = ((0, "clock", entry.clock), (WHO, "who", entry.who)) if number == 0 and entry.clock else ()
            yield Row(at, (*begin, (WHO if entry.kind is Kind.ACT else WHAT, entry.kind.value, text)))


def folded(text: str, width: int) -> Iterator[str]:
    """Yield a line in pieces of at most so many letters, cut between words where that is possible."""
    while len(text) > width:
        cut = text.rfind(" ", width // 2, width + 1)
        cut = width if cut < 0 else cut
        yield text[:cut]
        text = text[cut:].lstrip()
    yield text


def _drawn(number: int, row: Row) -> str:
    y = TOP + number * LINE
    texts = "".join(
        f'<text class="{style}" x="{EDGE + column * LETTER:.0f}" y="{y:.0f}">{escape(text, quote=False)}</text>'
        for column, style, text in row.parts
    )
    return f'<g style="animation-delay: {row.at:.1f}s">{texts}</g>\n'


def write(picture: Path, recording: str) -> None:
    """Write a recording's picture, and the recording beside it."""
    picture.with_suffix(".txt").write_text(recording, encoding="utf-8")
    picture.write_text(picture_of(recording), encoding="utf-8")


if __name__ == "__main__":
    recorded = Path(sys.argv[1])
    write(recorded.with_suffix(".svg"), recorded.read_text("utf-8"))
