"""How old the backup is with which a migration is started."""

from datetime import timedelta

from releaseflow.controllers.parse_objects import ParsedRun
from releaseflow.core.timestamps import moment
from tests.model import interning


def backup_is_too_old(run: ParsedRun, decided: float) -> bool:
    """Whether a run's backup was older than it may be when the start of its migration was decided on."""
    backup, most = run.status.backup, timedelta(seconds=run.spec.backup.maximum_age_seconds)
    if backup is None or backup.completion_time is None:
        return False
    return interning.time(decided) - moment(backup.completion_time) > most
