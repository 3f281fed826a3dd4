"""Which old backups may go once a newer one is proven."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.destinations.destination import Destination


@dataclass(frozen=True)
class Prunable:
    """An old backup that may be removed, if the file is still the one that was recorded."""

    path: str
    """Path in the place of backups."""
    sha256: str


@dataclass(frozen=True)
class KeptBackup:
    """The proven backup of an earlier run in the same place."""

    sequence: int
    path: str
    sha256: str
    outcome: Reason | None
    """How its run ended; None while it is under way."""
    expired: bool = False
    """Whether its run took another one in its place."""


def kept_in(destination: Destination, sequence: int, status: MigrationRunStatus) -> Iterator[KeptBackup]:
    """Yield the backup of an earlier run, and those that it replaced, if they are in this place."""
    backup = status.backup
    path = destination.path_of(backup.location) if backup is not None else ""
    if backup is not None and backup.sha256 and path:
        yield KeptBackup(sequence, path, backup.sha256, status.outcome)
    for old in status.expired_backups:
        if path := destination.path_of(old.location):
            yield KeptBackup(sequence, path, old.sha256, status.outcome, expired=True)


def prunable(backups: Iterable[KeptBackup], retain: int) -> tuple[Prunable, ...]:
    """Return the backups that may be removed when another one is proven.

    Kept are as many of successful runs as asked for, the coming one counted, and everything since the newest success:
    while a failure is unresolved, the way back to the time before it stays open.
    """
    ended = sorted((b for b in backups if b.outcome is not None), key=lambda b: b.sequence, reverse=True)
    good = [b for b in ended if b.outcome is Reason.MIGRATED and not b.expired]
    if not good:
        return ()
    unresolved = ended[0] is not good[0]
    kept = good[: max(retain - 1, 1 if unresolved else 0)]
    old = (b for b in ended if b not in kept and b.sequence <= good[0].sequence)
    return tuple(sorted((Prunable(b.path, b.sha256) for b in old), key=lambda p: p.path))
