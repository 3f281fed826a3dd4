"""Backups in a mounted folder outlive a power cut, and the proof reads them from the volume."""

import os
from pathlib import Path

import pytest

from releaseflow.steps.places.mounted_folder import Place

DUMP = "shop/shop-2-aa-1.dump"


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the kernel, in order."""
    calls: list[str] = []
    real_replace, real_fsync, real_advise = os.replace, os.fsync, os.posix_fadvise

    def replace(source: Path, target: Path) -> None:
        calls.append(f"rename to {target.name}")
        real_replace(source, target)

    def fsync(file: int) -> None:
        calls.append(f"flush {Path(f'/proc/self/fd/{file}').readlink().name}")
        real_fsync(file)

    def advise(file: int, offset: int, length: int, advice: int) -> None:
        assert advice == os.POSIX_FADV_DONTNEED
        calls.append(f"drop {(offset, length)}")
        real_advise(file, offset, length, advice)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "posix_fadvise", advise)
    return calls


def test_a_backup_is_flushed_before_it_has_its_name_and_the_name_after(tmp_path: Path, done: list[str]) -> None:
    place = Place(str(tmp_path))
    place.prepare(DUMP)
    place.write(DUMP, [b"a", b"bc"])
    place.put(DUMP)

    assert done == ["flush shop-2-aa-1.dump.part", "rename to shop-2-aa-1.dump", "flush shop"]
    assert (tmp_path / DUMP).read_bytes() == b"abc"


def test_what_is_read_back_of_a_growing_backup_is_flushed_and_dropped_from_memory(
    tmp_path: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(str(tmp_path))
    place.prepare(DUMP)
    place.write(DUMP, [b"abc"])
    monkeypatch.setattr(os, "fdatasync", lambda file: done.append("flush the data"))
    with place.open_draft(DUMP) as file:
        done.clear()
        place.settle(file, 2)
    assert done == ["flush the data", "drop (2, 0)"]


def test_what_the_node_has_of_a_backup_in_memory_is_dropped_before_it_is_read_back(
    tmp_path: Path, done: list[str]
) -> None:
    place = Place(str(tmp_path))
    place.prepare(DUMP)
    place.write(DUMP, [b"abc"])
    done.clear()

    with place.open_draft(DUMP) as file:
        assert done == ["drop (0, 0)"]
        assert file.read() == b"abc"
