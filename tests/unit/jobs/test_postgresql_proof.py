"""The proof of a backup: what was written is read back whole, or the backup counts as failed."""

import os

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from tests.unit.jobs.backups import reason, rewrite_manifest, sha256_of
from tests.unit.jobs.conftest import Runner, Server


def test_a_truncated_file_is_found(server: Server, database: str, runner: Runner) -> None:
    runner.backed_up(server.url(database))
    os.truncate(runner.file, runner.file.stat().st_size - 100)
    assert reason(runner.run("proof")) is Reason.BACKUP_UNVERIFIED


def test_a_flipped_byte_is_found(server: Server, database: str, runner: Runner) -> None:
    runner.backed_up(server.url(database))
    content = bytearray(runner.file.read_bytes())
    content[len(content) // 2] ^= 1
    runner.file.write_bytes(content)
    assert reason(runner.run("proof")) is Reason.BACKUP_UNVERIFIED


def test_another_whole_backup_in_its_place_is_found(server: Server, database: str, runner: Runner) -> None:
    runner.backed_up(server.url(database))
    whole = runner.file.read_bytes()
    # Two dumps of one second and one content are the same bytes.
    server.as_owner(database, "create table later (id int)")
    runner.backed_up(server.url(database))
    runner.file.write_bytes(whole)
    outcome = runner.run("proof")
    assert reason(outcome) is Reason.BACKUP_UNVERIFIED
    assert "not what was written" in outcome.message


@pytest.mark.parametrize("suffix", [".dump", ".json"])
def test_an_empty_file_is_found(server: Server, database: str, runner: Runner, suffix: str) -> None:
    runner.backed_up(server.url(database))
    os.truncate(runner.file.with_suffix(suffix), 0)
    assert reason(runner.run("proof")) is Reason.BACKUP_UNVERIFIED


def test_a_file_that_pg_restore_cannot_read_is_found_even_with_the_right_checksum(
    server: Server, database: str, runner: Runner
) -> None:
    runner.backed_up(server.url(database))
    runner.file.write_bytes(runner.file.read_bytes()[:-100])
    rewrite_manifest(runner, sha256=sha256_of(runner.file))
    outcome = runner.run("proof")
    assert reason(outcome) is Reason.BACKUP_UNVERIFIED
    assert "pg_restore" in outcome.message


def test_a_backup_of_another_database_is_found(server: Server, database: str, runner: Runner) -> None:
    runner.backed_up(server.url(database))
    rewrite_manifest(runner, database="another")
    assert reason(runner.run("proof")) is Reason.BACKUP_UNVERIFIED


def test_a_backup_without_the_tables_that_were_there_is_found(server: Server, runner: Runner) -> None:
    server.create("hollow")
    runner.backed_up(server.url("hollow"))
    rewrite_manifest(runner, tables=2)
    assert reason(runner.run("proof")) is Reason.BACKUP_UNVERIFIED
