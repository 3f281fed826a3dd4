"""The proof of a backup: what was written is read back whole, or the backup counts as failed."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from releaseflow.engines.program import Facts
from releaseflow.steps import proof
from releaseflow.steps.failure import StepFailed
from releaseflow.steps.growth import Growth
from releaseflow.steps.processes import chunks_of
from releaseflow.steps.proof import prove, reading_back
from releaseflow.steps.reading import Counted, Sum
from releaseflow.steps.settings import Settings
from tests.support.postgresql import Server
from tests.unit.jobs.backups import reason
from tests.unit.jobs.conftest import Runner

FACTS = Facts("identity", "15.1", 15, "shop", "", "fingerprint", 2, "")


@pytest.fixture
def draft(server: Server, database: str, runner: Runner) -> Path:
    """A backup that was written and not proven yet."""
    runner.backed_up(server.url(database))
    return runner.file.rename(f"{runner.file}.part")


@pytest.fixture
def proven(runner: Runner, draft: Path, database: str) -> Callable[..., str]:
    """Prove it, and return why it is not believed."""

    def why(written: Sum | None = None, name: str = database) -> str:
        try:
            proven_as(settings_of(runner), written or sum_of(draft), name)
        except StepFailed as failure:
            return f"{failure.reason}: {failure.detail}"
        return ""

    return why


def settings_of(runner: Runner) -> Settings:
    told = {"ENGINE": "PostgreSQL", "PLACE": f"mounted_folder:{runner.backups}", "MINIMUM_SIZE_BYTES": "1"}
    told |= {"PATH": "shop/shop-2-aa-1.dump"}
    return Settings({f"RELEASEFLOW_{name}": value for name, value in told.items()})


def proven_as(settings: Settings, written: Sum, database: str) -> None:
    """Prove a draft that was written before, and is read back whole now."""
    growth = Growth()
    assert sum(map(len, growth.counted([bytes(written.size_bytes)]))) == written.size_bytes
    with reading_back(settings, growth) as back:
        prove(settings, replace(FACTS, database=database), written, "18.1", back)


def sum_of(file: Path) -> Sum:
    chunks = Counted([file.read_bytes()])
    assert list(chunks)
    return chunks.sum


def test_a_whole_file_is_believed(proven: Callable[..., str]) -> None:
    assert proven() == ""


def test_a_truncated_file_is_found(proven: Callable[..., str], draft: Path) -> None:
    written = sum_of(draft)
    os.truncate(draft, written.size_bytes - 100)
    assert proven(written).startswith("BackupUnverified: what was read back is not what was written")


def test_a_flipped_byte_is_found(proven: Callable[..., str], draft: Path) -> None:
    written, content = sum_of(draft), bytearray(draft.read_bytes())
    content[len(content) // 2] ^= 1
    draft.write_bytes(content)
    assert "not what was written" in proven(written)


def test_another_whole_backup_in_its_place_is_found(
    proven: Callable[..., str], draft: Path, server: Server, database: str, runner: Runner
) -> None:
    written = sum_of(draft)
    # Two dumps of one second and one content are the same bytes.
    server.as_owner(database, "create table later (id int)")
    runner.backed_up(server.url(database))
    runner.file.replace(draft)
    assert "not what was written" in proven(written)


def test_a_file_that_is_longer_than_what_was_written_is_found(proven: Callable[..., str], draft: Path) -> None:
    written = sum_of(draft)
    with draft.open("ab") as file:
        file.write(b"more")
    assert "not what was written" in proven(written)


def test_an_empty_file_is_found(proven: Callable[..., str], draft: Path) -> None:
    written = sum_of(draft)
    os.truncate(draft, 0)
    assert "not what was written" in proven(written)


def test_a_file_that_is_gone_is_found(proven: Callable[..., str], draft: Path) -> None:
    written = sum_of(draft)
    draft.unlink()
    assert proven(written).startswith("BackupUnverified: it cannot be read back: No such file")


def test_a_file_that_pg_restore_cannot_read_is_found_even_with_the_right_checksum(
    proven: Callable[..., str], draft: Path
) -> None:
    draft.write_bytes(draft.read_bytes()[:-100])
    assert "BackupUnverified: pg_restore cannot read it" in proven()


def test_a_backup_of_another_database_is_found(proven: Callable[..., str]) -> None:
    assert "not another" in proven(name="another")


def test_a_backup_without_the_tables_that_were_there_is_found(
    proven: Callable[..., str], draft: Path, server: Server, runner: Runner
) -> None:
    runner.backed_up(server.create("hollow"))
    runner.file.replace(draft)
    assert proven(name="hollow") == "BackupUnverified: it has no tables"


@pytest.fixture
def lossy(runner: Runner) -> dict[str, str]:
    """Variables with a pg_restore that a failing storage feeds: it complains of what it reads."""
    programs = runner.scratch / "bin"
    programs.mkdir()
    (programs / "pg_restore").write_text("#!/bin/sh\ncat >/dev/null\necho 'could not read: end of file' >&2\nexit 1\n")
    (programs / "pg_restore").chmod(0o755)
    return {"PATH": f"{programs}:{os.environ['PATH']}"}


def test_a_backup_that_is_not_proven_leaves_no_file(
    server: Server, database: str, runner: Runner, lossy: dict[str, str]
) -> None:
    outcome = runner.run("backup", server.url(database), env=lossy)
    assert reason(outcome).value == "BackupUnverified"
    assert list(runner.file.parent.iterdir()) == []


def test_a_proof_reads_a_large_backup_once(
    server: Server, database: str, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.as_owner(database, "create table big as select gen_random_uuid() from generate_series(1, 400000)")
    size = runner.backed_up(server.url(database)).report["sizeBytes"]
    runner.file.rename(f"{runner.file}.part")
    read: list[int] = []

    def counted(file: IO[bytes]) -> Iterator[bytes]:
        for chunk in chunks_of(file):
            read.append(len(chunk))
            yield chunk

    monkeypatch.setattr(proof, "chunks_of", counted)
    proven_as(settings_of(runner), sum_of(Path(f"{runner.file}.part")), database)
    assert size <= sum(read) < size * 1.5


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> int:
    """Bytes that are read back at once: few, so that a small backup has many of them."""
    monkeypatch.setattr(proof, "PART", 1024)
    return 1024


def test_a_backup_is_read_back_while_it_is_written(
    runner: Runner, draft: Path, database: str, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, settings, growth = draft.read_bytes(), settings_of(runner), Growth()
    place, read = settings.place, threading.Semaphore(0)
    settled: list[int] = []

    def settle(file: IO[bytes], begin: int) -> None:
        settled.append(begin)
        read.release()

    def written() -> Iterator[bytes]:
        for begin in range(0, len(content), parts):
            if begin > parts:
                assert read.acquire(timeout=30), "what was written before is being read"
            yield content[begin : begin + parts]

    monkeypatch.setattr(type(place), "settle", lambda _place, file, begin: settle(file, begin))
    whole = Counted(written())
    with reading_back(settings, growth) as back:
        place.write(settings.path, growth.counted(whole))
        prove(settings, replace(FACTS, database=database), whole.sum, "18.1", back)
    assert settled == sorted(set(settled)), "each part is read once, in its order"
    assert len(settled) > len(content) // parts - 2


def test_a_part_that_changes_before_it_is_read_back_is_found(
    runner: Runner, draft: Path, database: str, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, settings, growth = draft.read_bytes(), settings_of(runner), Growth()
    place, whole = settings.place, Counted([content])

    def settle(_place: object, file: IO[bytes], begin: int) -> None:
        with draft.open("r+b") as damaged:
            damaged.seek(len(content) // 2)
            damaged.write(b"?")

    monkeypatch.setattr(type(place), "settle", settle)
    with reading_back(settings, growth) as back:
        place.write(settings.path, growth.counted(whole))
        with pytest.raises(StepFailed, match="not what was written"):
            prove(settings, replace(FACTS, database=database), whole.sum, "18.1", back)


def test_a_dump_that_fails_ends_its_reading(runner: Runner, draft: Path) -> None:
    growth = Growth()
    with pytest.raises(StepFailed, match="the dump failed"), reading_back(settings_of(runner), growth):
        raise StepFailed("BackupFailed", "the dump failed")
    assert [thread.name for thread in threading.enumerate() if thread.name == "read back"] == []
