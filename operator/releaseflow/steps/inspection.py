"""Ask the database who it is and what its schema is."""

from collections.abc import Mapping
from typing import Any

from releaseflow.engines.program import Facts
from releaseflow.steps.failure import StepFailed
from releaseflow.steps.processes import CommandFailedError, output_of
from releaseflow.steps.settings import Settings


def client_version(settings: Settings) -> str:
    """Return the version of the engine's client programs.

    Raises:
        StepFailed: They are not there.
    """
    try:
        return output_of(settings.engine.version()).partition("(Debian")[0].split()[-1]
    except CommandFailedError as error:
        raise StepFailed("BackupFailed", str(error)) from error


def ask(settings: Settings) -> Facts:
    """Return the facts of the database.

    Raises:
        StepFailed: It does not answer.
    """
    engine = settings.engine
    try:
        return engine.facts(output_of(engine.inspect(settings.connection, settings.bookkeeping)))
    except CommandFailedError as error:
        complaint = str(error)
        raise StepFailed(engine.reason(complaint, "BackupFailed"), complaint.partition("\n")[0]) from error
    except (KeyError, ValueError) as error:
        raise StepFailed("BackupFailed", f"the database's answer has no {error}") from error


def refuse_sessions(facts: Facts) -> None:
    """See that no other run is at work in the database.

    Raises:
        StepFailed: One is.
    """
    if facts.sessions:
        raise StepFailed("SessionsAlive", f"sessions of another run are still in the database: {facts.sessions}")


def schema_of(facts: Facts) -> Mapping[str, Any]:
    """Return what every report says of a database."""
    return {
        "identity": facts.identity,
        "schemaVersion": facts.schema_version,
        "fingerprint": facts.fingerprint,
        "tables": facts.tables,
    }
