"""Pruning removes what the operator names by checksum, and nothing else; it never fails a backup."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from releaseflow.core.run.reports import prune_warning
from tests.unit.jobs.conftest import Runner, Server


@pytest.fixture
def old(runner: Runner) -> Path:
    folder = runner.backups / "shop"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    (folder / "shop-1-aa-1.dump").write_text("an old backup")
    (folder / "shop-1-aa-1.restore.sh").write_text("restores it")
    (folder / "shop-1-aa-1.json").write_text('{"sha256":"' + "a" * 64 + '"}')
    return folder / "shop-1-aa-1.dump"


@dataclass(frozen=True)
class Pruned:
    """What the pruning says."""

    removed: tuple[str, ...]
    warning: str


def pruned(runner: Runner, prune: str) -> Pruned:
    outcome = runner.run("prune", prune=prune)
    assert outcome.exit_code == 0, outcome
    return Pruned(tuple(outcome.report["pruned"]), prune_warning(outcome.message))


def test_a_named_backup_is_removed_with_its_manifest_and_its_restore_command(runner: Runner, old: Path) -> None:
    assert pruned(runner, f"{'a' * 64} shop/shop-1-aa-1.dump") == Pruned(("shop/shop-1-aa-1.dump",), "")
    assert list(old.parent.iterdir()) == []


def test_a_backup_that_is_gone_already_is_no_cause_for_a_warning(runner: Runner, old: Path) -> None:
    assert pruned(runner, f"{'a' * 64} shop/shop-0-aa-1.dump") == Pruned(("shop/shop-0-aa-1.dump",), "")
    assert old.exists()


@pytest.mark.parametrize("named", [
    f"{'b' * 64} shop/shop-1-aa-1.dump",
    f"{'a' * 64} ../shop/shop-1-aa-1.dump",
    f"{'a' * 64} shop/../shop/shop-1-aa-1.dump",
    f"{'a' * 64} /shop/shop-1-aa-1.dump",
])  # fmt: skip
def test_another_file_stays(runner: Runner, old: Path, named: str) -> None:
    report = pruned(runner, named)
    assert report.removed == ()
    assert report.warning
    assert old.exists()


def test_the_backup_that_was_just_taken_stays(server: Server, database: str, runner: Runner) -> None:
    sha256 = runner.backed_up(server.url(database)).report["sha256"]
    assert pruned(runner, f"{sha256} shop/shop-2-aa-1.dump").warning
    assert runner.file.exists()


def test_a_folder_that_cannot_be_written_is_only_warned_of(runner: Runner, old: Path) -> None:
    old.parent.chmod(0o555)
    report = pruned(runner, f"{'a' * 64} shop/shop-1-aa-1.dump")
    assert "cannot be removed" in report.warning
    assert old.exists()


def test_only_old_stumps_of_attempts_that_were_ended_are_removed(runner: Runner, old: Path) -> None:
    stumps = {age: old.parent / f"{age}.dump.part" for age in (1, 30)}
    for age, stump in stumps.items():
        stump.write_text("half")
        then = time.time() - age * 86_400
        os.utime(stump, (then, then))
    pruned(runner, "")
    assert stumps[1].exists()
    assert not stumps[30].exists()
    assert old.exists()


def test_a_long_list_still_fits_into_a_report(runner: Runner, old: Path) -> None:
    report = pruned(runner, "\n".join(f"{'a' * 64} shop/{'n' * 200}-{n}.dump" for n in range(100)))
    assert 1 < len(report.removed) < 100
