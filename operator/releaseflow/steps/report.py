"""How a step says how it went: progress on standard output, one JSON object where Kubernetes keeps it."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from releaseflow.steps.failure import StepFailed

_LARGEST = 4096
"""Bytes that Kubernetes keeps."""
_LONGEST_DETAIL = 500


def say(text: str) -> None:
    """Print a line of the container's log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def succeed(file: Path, facts: Mapping[str, Any]) -> None:
    """Leave the report of a step that went well."""
    _leave(file, {"ok": True, **facts})


def fail(file: Path, failure: StepFailed, secrets: Iterable[str]) -> None:
    """Leave the report of a step that failed, without what must not be read in it."""
    detail = without(failure.detail, secrets)[:_LONGEST_DETAIL]
    _leave(file, {"ok": False, "reason": failure.reason, "detail": detail})
    say(f"{failure.reason}: {detail}")


def without(text: str, secrets: Iterable[str]) -> str:
    """Return a text on one line, each secret in it hidden."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _leave(file: Path, report: Mapping[str, Any]) -> None:
    text = json.dumps(report, ensure_ascii=True, separators=(",", ":"))
    if len(text) > _LARGEST:
        text = json.dumps({"ok": False, "reason": "BackupFailed", "detail": "the report is too long"})
    file.write_text(text, "utf-8")
