"""The picture of the demo: drawn from the recording beside it, short, and it loads nothing from anywhere."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from demo.picture import COLUMNS, folded, picture_of
from demo.recording import main_entries, read
from demo.state import Line, ReleaseState, Tone
from demo.terminal import Terminal

START = Path(__file__).parents[3] / "docs" / "start"
SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_of_the_first_page_is_drawn_from_the_recording_beside_it() -> None:
    assert (START / "demo.svg").read_text("utf-8") == picture_of((START / "demo.txt").read_text("utf-8"))


def test_the_picture_is_short_and_loads_nothing() -> None:
    picture = (START / "demo.svg").read_text("utf-8")
    root = ET.fromstring(picture)  # noqa: S314 (made by us)
    assert len(picture) < 60_000
    assert len(root.findall(f"{SVG}g")) <= 40
    assert not re.search(r"url\(|href|<script|@font-face", picture)


def test_the_picture_shows_a_release_and_one_that_is_held_while_the_version_before_serves() -> None:
    shown = [f"{entry.who} {entry.text}" for entry in main_entries(read((START / "demo.txt").read_text("utf-8")))]
    wanted = [
        r"\$ kubectl .* patch rflow shop .*:v2",
        r"run Checked=True",
        r"run BackupVerified=True",
        r"run Migrated=True",
        r"flow Ready=True  Released: .*:v2 is released",
        r"\$ kubectl .* patch rflow shop .*:v3",
        r"run Migrated=False  MigrationFailed",
        r"flow Ready=False  MigrationFailed",
        r"\$ kubectl .* get rflow$",
        r" shop .* v3 +v2 .*MigrationFailed",
        r"\$ kubectl .* describe deployment",
        r"   Warning +MigrationFailed .*The old version keeps serving\..*kubectl annotate rflow shop",
        r"visitors v2 answered all of the last",
    ]
    remaining = iter(shown)
    assert [line for line in wanted if not any(re.match(line, found) for found in remaining)] == []


def test_a_recording_has_the_plain_lines_of_its_part_of_the_story(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Terminal(ReleaseState(), tmp_path / "demo.svg") as screen:
        screen.act("Visitors")
        screen.begin_picture()
        screen.act("Version 2 <adds>")
        screen.command("kubectl -n shop-demo get rflow")
        screen.quote("NAME   READY\nshop   True\n")
        screen.tell(Line("flow", "Ready=True", Tone.GOOD))
        screen.tell(Line("pods", "not among the main lines"))
        screen.end_picture()
        screen.act("Version 4")
    told = (tmp_path / "demo.txt").read_text("utf-8")
    assert "── Version 2 <adds>" in told
    assert "           │ shop   True" in told
    assert "pods      not among the main lines" in told
    assert "Visitors" not in told
    assert "Version 4" not in told
    drawn = "".join(ET.fromstring((tmp_path / "demo.svg").read_text("utf-8")).itertext())  # noqa: S314 (made here)
    assert "── Version 2 <adds>" in drawn
    assert "shop   True" in drawn
    assert "not among" not in drawn
    assert "Version 4" in capsys.readouterr().out


def test_without_a_picture_nothing_is_written(tmp_path: Path) -> None:
    with Terminal(ReleaseState()) as screen:
        screen.begin_picture()
        screen.end_picture()
    assert list(tmp_path.iterdir()) == []


def test_a_pause_of_the_story_is_short_in_the_picture() -> None:
    recording = (
        " 0:10.0  $         kubectl -n shop patch\n 0:11.5  run       Migrated=True\n 5:00.0  flow      Ready=True\n"
    )
    delays = [float(found) for found in re.findall(r"animation-delay: ([\d.]+)s", picture_of(recording))]
    assert delays == [0.0, 0.5, 1.7]


@pytest.mark.parametrize("text", ["", "short", "a b " * 80, "x" * 300])
def test_a_line_is_folded_to_the_width_and_loses_nothing(text: str) -> None:
    pieces = list(folded(text, COLUMNS))
    assert max(map(len, pieces)) <= COLUMNS
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
