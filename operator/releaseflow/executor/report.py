"""What the program reports, as JSON in at most 4096 bytes; the operator reads it when the container has ended."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releaseflow.executor.pods import Place

_LONGEST = 4096
"""Bytes that Kubernetes keeps of it."""
_LONGEST_DETAIL = 500


@dataclass(frozen=True)
class Report:
    """The file of the report: the last word is what counts."""

    path: str

    def not_executed(self, why: str) -> None:
        """Say that the command was not begun."""
        self._write({"ok": False, "reason": "NotExecuted", "detail": why[:_LONGEST_DETAIL]})

    def lost(self, why: str, pod: str) -> None:
        """Say that the command may have begun, and that its end is not known."""
        self._write({"ok": False, "reason": "OutcomeUnknown", "detail": why[:_LONGEST_DETAIL], "pod": pod})

    def ended(self, code: int, place: Place, log: str) -> None:
        """Say how the command ended, with as much of the end of its log as there is room for."""
        said: dict[str, Any] = {"ok": True, "exitCode": code, "pod": place.pod}
        said |= {"image": place.image, "imageID": place.image_id}
        while len(_json({**said, "log": log}).encode()) > _LONGEST:
            log = log[len(log) // 8 + 1 :]
        self._write({**said, "log": log})

    def _write(self, said: dict[str, Any]) -> None:
        Path(self.path).write_text(_json(said), encoding="utf-8")


def _json(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
