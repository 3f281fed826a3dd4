"""The picture of the demo: what it shows, and that it loads nothing from anywhere."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from demo.state import Line, ReleaseState, Tone
from demo.terminal import Terminal


def test_a_picture_shows_its_part_of_the_story_and_loads_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "demo.svg"
    with Terminal(ReleaseState(), picture) as screen:
        screen.act("Visitors")
        screen.begin_picture()
        screen.act("Version 2")
        screen.live()
        screen.tell(Line("flow", "Ready=True", Tone.GOOD))
        screen.end_picture()
        screen.act("Version 4")
    text = "".join(ET.fromstring(picture.read_text("utf-8")).itertext())  # noqa: S314 (made here)
    assert "Version\xa02" in text
    assert "Ready=True" in text
    assert "Visitors" not in text
    assert "Version\xa04" not in text
    assert not re.search(r"url\(.?https?:", picture.read_text("utf-8"))
    assert "Version 4" in capsys.readouterr().out


def test_without_a_picture_nothing_is_written(tmp_path: Path) -> None:
    with Terminal(ReleaseState()) as screen:
        screen.begin_picture()
        screen.end_picture()
    assert list(tmp_path.iterdir()) == []
