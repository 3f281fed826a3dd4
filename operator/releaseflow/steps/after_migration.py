"""Report the database's own word after a migration, or what one left that failed."""

import time
from collections.abc import Mapping
from typing import Any

from releaseflow.engines.program import Facts
from releaseflow.steps.inspection import ask, refuse_sessions, schema_of
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
    return _said(ask(settings))


def state(settings: Settings) -> Mapping[str, Any]:
    """Report what a failed migration left, once its sessions have ended: a killed client's may still be at work.

    Raises:
        StepFailed: One of them goes on.
    """
    _wait_for_answer(settings)
    facts = ask(settings)
    for _try in range(_TRIES):
        if not facts.sessions:
            break
        say(f"Waiting for sessions to end: {facts.sessions}")
        time.sleep(_PAUSE_SECONDS)
        facts = ask(settings)
    refuse_sessions(facts)
    return _said(facts)


def _said(facts: Facts) -> Mapping[str, Any]:
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
