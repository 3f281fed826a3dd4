"""Which backups may go: never the way back to the time before an unresolved failure."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.backup_status import BackupStatus, ExpiredBackup
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.run.retention import KeptBackup, kept_in, prunable
from tests.support.builders import BACKUPS

GOOD, BAD = Reason.MIGRATED, Reason.MIGRATION_FAILED


def backups(*outcomes: Reason | None) -> list[KeptBackup]:
    """Backups of runs 1, 2, 3, ... with these outcomes."""
    return [KeptBackup(n, f"shop/{n}.dump", f"sha-{n}", outcome) for n, outcome in enumerate(outcomes, start=1)]


@pytest.mark.parametrize(
    ("outcomes", "retain", "gone"),
    [
        ((), 5, []),
        ((GOOD,), 5, []),
        ((GOOD, GOOD, GOOD), 3, [1]),
        ((GOOD, GOOD, GOOD), 1, [1, 2, 3]),
        ((GOOD, GOOD, BAD), 1, [1]),
        ((BAD, BAD, BAD), 1, []),
        ((GOOD, BAD, GOOD), 2, [1, 2]),
        ((GOOD, BAD, BAD), 2, []),
        ((GOOD, GOOD, None), 2, [1]),
    ],
)
def test_prunable(outcomes: tuple[Reason | None, ...], retain: int, gone: list[int]) -> None:
    assert [p.path for p in prunable(backups(*outcomes), retain)] == [f"shop/{n}.dump" for n in gone]


def test_a_backup_that_expired_counts_for_nothing_and_goes_once_a_run_succeeded() -> None:
    old, proven = KeptBackup(2, "shop/2-1.dump", "sha-old", GOOD, expired=True), backups(GOOD, GOOD)
    assert [p.path for p in prunable([*proven, old], 3)] == ["shop/2-1.dump"]
    failed = replace(old, sequence=3, outcome=BAD)
    assert prunable([*proven, failed], 3) == ()


def test_the_backups_that_a_run_took_again_are_found_beside_its_own() -> None:
    expired = (
        ExpiredBackup(location="pvc://backups/shop/1.dump", sha256="5a"),
        ExpiredBackup(location="pvc://others/shop/1.dump", sha256="5a"),
    )
    backup = BackupStatus(method=BACKUPS.method, location="pvc://backups/shop/2.dump", sha256="6b")
    status = MigrationRunStatus(backup=backup, expired_backups=expired, outcome=GOOD)
    assert list(kept_in(BACKUPS, 3, status)) == [
        KeptBackup(3, "shop/2.dump", "6b", GOOD),
        KeptBackup(3, "shop/1.dump", "5a", GOOD, expired=True),
    ]


@pytest.mark.parametrize(
    ("location", "sha256", "path"),
    [
        ("pvc://backups/shop/1.dump", "5a", "shop/1.dump"),
        ("pvc://backups-of-others/shop/1.dump", "5a", ""),
        ("s3://backups/shop/1.dump", "5a", ""),
        ("pvc://backups/shop/1.dump", "", ""),
        ("", "", ""),
    ],
)
def test_only_a_file_in_the_same_claim_with_a_checksum_is_a_backup_that_may_be_pruned(
    location: str, sha256: str, path: str
) -> None:
    backup = BackupStatus(method=BACKUPS.method, location=location, sha256=sha256)
    status = MigrationRunStatus(backup=backup, outcome=Reason.MIGRATED)
    assert list(kept_in(BACKUPS, 3, status)) == ([KeptBackup(3, path, "5a", Reason.MIGRATED)] if path else [])
    assert list(kept_in(BACKUPS, 3, MigrationRunStatus())) == []
