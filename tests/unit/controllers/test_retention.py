"""Which backups may go: never the way back to the time before an unresolved failure."""

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.controllers.run.retention import KeptBackup, prunable

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
