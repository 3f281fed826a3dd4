"""Report the database's own word after a migration."""

import time
from collections.abc import Mapping
from typing import Any

from releaseflow.steps.inspection import ask, schema_of
from releaseflow.steps.processes import CommandFailedError, output_of
from releaseflow.steps.report import say, without
from releaseflow.steps.settings import Settings

_TRIES = 12
_PAUSE_SECONDS = 5.0


def report(settings: Settings) -> Mapping[str, Any]:
    """Report what the database says of itself.

    The migration is done and is not repeated: a server that does not answer for a moment must not leave its outcome
    unproven.
    """
    _wait_for_answer(settings)
    facts = ask(settings)
    schema = f"Schema {facts.schema_version}, " if facts.schema_version else ""
    say(f"{schema}{facts.tables} tables, fingerprint {facts.fingerprint}")
    return schema_of(facts)


def _wait_for_answer(settings: Settings) -> None:
    for _try in range(_TRIES):
        try:
            output_of(settings.engine.ping(settings.connection))
        except CommandFailedError as error:
            if settings.engine.reason(str(error), "") != "ConnectionFailed":
                return
            say(f"Waiting for the database: {without(str(error), settings.connection.secrets)[:200]}")
            time.sleep(_PAUSE_SECONDS)
        else:
            return
