"""Run one step, and leave its report where Kubernetes keeps it."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from releaseflow.steps.after_migration import report, state
from releaseflow.steps.backup import back_up
from releaseflow.steps.check import check
from releaseflow.steps.failure import StepFailed
from releaseflow.steps.recovery_point import record_point
from releaseflow.steps.report import fail, say, succeed, without
from releaseflow.steps.restore import restore
from releaseflow.steps.settings import Settings, settings_of_container

_STEPS: Mapping[str, Callable[[Settings], Mapping[str, Any]]] = {
    "backup": back_up,
    "point": record_point,
    "report": report,
    "state": state,
}
_USAGE = "usage: python -m releaseflow.steps backup | check | point | report | state | restore PATH SHA256"
_WRONG_USAGE = 2


def run(arguments: list[str], settings: Settings) -> int:
    """Run the step that the arguments name, and return the exit code."""
    match arguments:
        case [name] if name in _STEPS:
            return _reported(_STEPS[name], settings)
        case ["check"]:
            return check(settings)
        case ["restore", path, sha256]:
            return _restored(settings, path, sha256)
        case _:
            say(_USAGE)
            return _WRONG_USAGE


def _reported(step: Callable[[Settings], Mapping[str, Any]], settings: Settings) -> int:
    try:
        succeed(settings.report, step(settings))
    except StepFailed as failure:
        fail(settings.report, failure, _secrets(settings))
        return 1
    return 0


def _restored(settings: Settings, path: str, sha256: str) -> int:
    try:
        restore(settings, path, sha256)
    except StepFailed as failure:
        say(without(failure.detail, _secrets(settings)))
        return 1
    return 0


def _secrets(settings: Settings) -> tuple[str, ...]:
    try:
        return settings.connection.secrets
    except StepFailed:
        return ()


def _stop(number: int, _frame: FrameType | None) -> None:
    """End in order when the pod is ended, so that nothing unfinished stays."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    os.umask(0o027)
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(run(sys.argv[1:], settings_of_container()))
