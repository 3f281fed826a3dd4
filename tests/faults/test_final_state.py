"""What a plan must not leave behind."""

from typing import Any

import pytest

from tests.faults.runner.final_state import LOCK, left_hanging
from tests.faults.simulator.history import History


def of(ready: str, runs: tuple[str, ...], holder: str) -> History:
    """Return a flow that says so, runs with these UIDs, and a lock."""
    conditions = [{"type": "Ready", "status": "False", "reason": ready}]
    lock: dict[str, Any] = {"metadata": {"name": "lock", "labels": {LOCK: "true"}}, "spec": {"holderIdentity": holder}}
    history = History()
    history.now["ReleaseFlow", "shop"] = {"metadata": {"name": "shop"}, "status": {"conditions": conditions}}
    history.now["Lease", "lock"] = lock
    history.now |= {("MigrationRun", uid): {"metadata": {"name": uid, "uid": uid}} for uid in runs}
    return history


@pytest.mark.parametrize(
    ("ready", "runs", "holder", "left"),
    [
        ("MigrationFailed", ("a",), "", []),
        ("MigrationFailed", ("a",), "a", ["lock lock is held"]),
        ("MigrationFailed", ("a",), "gone", ["lock lock is held"]),
        ("OutcomeUnknown", ("a",), "a", ["lock lock is held"]),
        ("OutcomeUnknown", ("a",), "gone", []),
        ("DatabaseUnknown", (), "gone", []),
    ],
)
def test_a_lock_that_is_held_hangs_unless_its_run_is_gone_and_the_flow_says_so(
    ready: str, runs: tuple[str, ...], holder: str, left: list[str]
) -> None:
    assert left_hanging(of(ready, runs, holder)) == left
