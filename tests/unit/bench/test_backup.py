"""The part backup of the benchmark: it asks for room first, measures both ways, and leaves nothing."""

import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.bench import backup as part
from tests.bench.options import Options
from tests.bench.results import Report


def test_a_disk_without_room_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=3000 << 20))

    with pytest.raises(part.NoRoomError, match=r"has 3000 MiB free, and backup needs 3584: .* --megabytes"):
        part.backup(Options(), Report())

    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("integration")
def test_both_ways_are_measured_and_nothing_stays() -> None:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="rf-bench-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        patch.setattr(tempfile, "tempdir", folder)
        part.backup(Options(pairs=2, megabytes=1), report)
        left = list(Path(folder).iterdir())

    compared, ours, plain = report.results
    assert compared.goal == part.MOST_RATIO
    assert min(compared.value, ours.value, plain.value) > 0
    assert compared.note.count(".") == len("ab")
    assert left == []
