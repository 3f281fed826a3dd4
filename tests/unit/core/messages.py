"""Everything that decisions say to people is in messages.golden, word for word: no word changes unnoticed.

To write the file after a wanted change, and review the difference: python -m tests.unit.core.messages
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.decision import Decision
from releaseflow.core.facts import ABSENT

PAGE = Path(__file__).with_name("messages.golden")
_MADE_UP = re.compile(r"-(\d+-)?[0-9a-f]{10}\b|(?<=uid-)\d+")
"""Sequences and hashes in names, and numbers of UIDs: they change with the order of a story."""
_STEP = {"start_time", "completion_time", "job_uid", "job_name", "template_hash"}
_known = frozenset(PAGE.read_text(encoding="utf-8").splitlines()) if PAGE.exists() else frozenset()
_recorded: set[str] | None = None
"""What is said while the file is written."""


def assert_known(decided: Decision[Any, Any]) -> None:
    """See that everything that a decision says is known.

    Raises:
        AssertionError: It says something new.
    """
    said = {_MADE_UP.sub("-#", line.replace("\n", "\\n")) for line in (*_acts(decided), *_messages(decided.status))}
    if _recorded is not None:
        _recorded.update(said)
        return
    assert said <= _known, f"not in the golden messages (python -m tests.unit.core.messages): {sorted(said - _known)}"


def _acts(decided: Decision[Any, Any]) -> Iterator[str]:
    action = decided.action
    name = "nothing" if action is ABSENT else type(action).__name__
    first = action is not ABSENT and action.before_status
    live = decided.requires_live_read if action is ABSENT else action.requires_live_read
    yield f"does {name}, first={first}, live={live}, again={decided.requeue_after}"


def _messages(status: ReleaseFlowStatus | MigrationRunStatus) -> Iterator[str]:
    for condition in status.conditions:
        yield f"{condition.type}={condition.status.value} {condition.reason.value}"
        yield f"{condition.reason.value}: {condition.message}"
    if status.failure is not None:
        yield f"failure {status.failure.model_dump_json(exclude_defaults=True)}"
    if isinstance(status, MigrationRunStatus):
        yield f"columns backup={status.backup_state} migration={status.migration_state}"
        for step in status.steps:
            yield f"step {step.model_dump_json(exclude=_STEP, exclude_defaults=True)}"
        if status.backup is not None:
            yield f"backup {status.backup.model_dump_json(exclude={'completion_time'})}"


def main() -> int:
    """Play all scenarios, and write what is said in them; return the exit code of pytest."""
    from tests.unit.core import messages  # noqa: PLC0415 (the module that tests import, not this script)

    messages._recorded = set()
    code = int(pytest.main(["-q", "-p", "no:cacheprovider", str(Path(__file__).parent)]))
    if code == 0:
        PAGE.write_text("".join(f"{line}\n" for line in sorted(messages._recorded)), encoding="utf-8")
        print(f"{len(messages._recorded)} messages")
    return code


if __name__ == "__main__":
    sys.exit(main())
