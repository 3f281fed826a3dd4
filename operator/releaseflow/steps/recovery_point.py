"""Record a second and a position in the log of the database that its own backups can restore it to."""

from collections.abc import Mapping
from typing import Any

from releaseflow.steps.failure import StepFailed
from releaseflow.steps.inspection import ask, client_version, refuse_sessions, schema_of
from releaseflow.steps.processes import CommandFailedError, output_of
from releaseflow.steps.report import say
from releaseflow.steps.settings import Settings


def record_point(settings: Settings) -> Mapping[str, Any]:
    """Inspect the database as a backup does, and ask it for the moment."""
    client = client_version(settings)
    say(f"Inspecting the database with client {client}")
    facts = ask(settings)
    refuse_sessions(facts)
    engine = settings.engine
    try:
        point = engine.point(output_of(engine.mark(settings.connection)))
    except CommandFailedError as error:
        raise StepFailed(engine.reason(str(error), "BackupFailed"), str(error).partition("\n")[0]) from error
    if point.standby:
        raise StepFailed("BackupFailed", "the database is a standby: name its primary, which alone can be migrated")
    say(f"The database can be restored to {point.time}, LSN {point.lsn}")
    return {
        **schema_of(facts),
        "serverVersion": facts.server_version,
        "clientVersion": client,
        "recoveryTime": point.time,
        "recoveryLSN": point.lsn,
    }
