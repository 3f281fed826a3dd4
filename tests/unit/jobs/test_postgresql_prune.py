"""Pruning removes what the operator names by checksum, and nothing else; it never fails a backup."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from releaseflow.core.run.reports import prune_warning
from tests.support.postgresql import Server
from tests.unit.jobs.conftest import Runner


@pytest.fixture
def old(runner: Runner) -> Path:
    folder = runner.backups / "shop"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    (folder / "shop-1-aa-1.dump").write_text("an old backup")
    (folder / "shop-1-aa-1.json").write_text('{"sha256":"' + "a" * 64 + '"}')
    return folder / "shop-1-aa-1.dump"


@pytest.fixture
def taken(server: Server, database: str, runner: Runner) -> Callable[[str], str]:
    """Take a backup that prunes, and return its warning."""

    def take(prune: str) -> str:
        outcome = runner.run("backup", server.url(database), prune=prune)
        assert outcome.exit_code == 0, outcome
        return prune_warning(outcome.message)

    return take


def test_a_named_backup_is_removed_with_its_manifest(taken: Callable[[str], str], old: Path) -> None:
    assert taken(f"{'a' * 64} shop/shop-1-aa-1.dump") == ""
    assert {path.name for path in old.parent.iterdir()} == {"shop-2-aa-1.dump", "shop-2-aa-1.json"}


def test_a_backup_that_is_gone_already_is_no_cause_for_a_warning(taken: Callable[[str], str], old: Path) -> None:
    assert taken(f"{'a' * 64} shop/shop-0-aa-1.dump") == ""
    assert old.exists()


@pytest.mark.parametrize("named", [
    f"{'b' * 64} shop/shop-1-aa-1.dump",
    f"{'a' * 64} ../shop/shop-1-aa-1.dump",
    f"{'a' * 64} shop/../shop/shop-1-aa-1.dump",
    f"{'a' * 64} /shop/shop-1-aa-1.dump",
])  # fmt: skip
def test_another_file_stays(taken: Callable[[str], str], old: Path, named: str) -> None:
    assert taken(named)
    assert old.exists()


def test_a_backup_whose_manifest_is_gone_stays(taken: Callable[[str], str], old: Path) -> None:
    old.with_suffix(".json").write_text("[]")
    assert "not the backup that was recorded" in taken(f"{'a' * 64} shop/shop-1-aa-1.dump")
    assert old.exists()


def test_the_backup_that_was_just_taken_stays(taken: Callable[[str], str], runner: Runner) -> None:
    assert "just taken" in taken(f"{'a' * 64} shop/shop-2-aa-1.dump")
    assert runner.file.exists()


def test_a_folder_that_cannot_be_written_is_only_warned_of(taken: Callable[[str], str], runner: Runner) -> None:
    other = runner.backups / "other"
    other.mkdir()
    (other / "1.dump").write_text("an old backup")
    (other / "1.json").write_text('{"sha256":"' + "a" * 64 + '"}')
    other.chmod(0o555)
    assert "cannot be removed" in taken(f"{'a' * 64} other/1.dump")
    assert (other / "1.dump").exists()


def test_only_old_stumps_of_attempts_that_were_ended_are_removed(taken: Callable[[str], str], old: Path) -> None:
    stumps = {age: old.parent / f"{age}.dump.part" for age in (1, 30)}
    for age, stump in stumps.items():
        stump.write_text("half")
        then = time.time() - age * 86_400
        os.utime(stump, (then, then))
    assert taken("") == ""
    assert stumps[1].exists()
    assert not stumps[30].exists()
    assert old.exists()


def test_warnings_of_a_long_list_still_fit_into_a_report(taken: Callable[[str], str]) -> None:
    assert len(taken("\n".join(f"{'a' * 64} /{'n' * 200}-{n}.dump" for n in range(100)))) in {249, 250}
