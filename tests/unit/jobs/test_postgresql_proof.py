"""The proof of a backup: what was written is read back whole, or the backup counts as failed."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from releaseflow.engines.program import Facts
from releaseflow.steps import proof
from releaseflow.steps.failure import StepFailed
from releaseflow.steps.processes import chunks_of
from releaseflow.steps.proof import prove
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
            prove(settings_of(runner), replace(FACTS, database=name), written or sum_of(draft), "18.1")
        except StepFailed as failure:
            return f"{failure.reason}: {failure.detail}"
        return ""

    return why


def settings_of(runner: Runner) -> Settings:
    told = {"ENGINE": "PostgreSQL", "PLACE": f"mounted_folder:{runner.backups}", "MINIMUM_SIZE_BYTES": "1"}
    told |= {"PATH": "shop/shop-2-aa-1.dump"}
    return Settings({f"RELEASEFLOW_{name}": value for name, value in told.items()})


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
    prove(settings_of(runner), replace(FACTS, database=database), sum_of(Path(f"{runner.file}.part")), "18.1")
    assert size <= sum(read) < size * 1.5
