"""A database in which a session of the migration goes on is not asked what the migration left."""

import time

import pytest

from releaseflow.engines.program import Facts
from releaseflow.steps import after_migration
from releaseflow.steps.failure import StepFailed
from releaseflow.steps.settings import Settings

SESSION = "releaseflow-shop-2-aa"


def test_a_session_that_does_not_end_leaves_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    facts = Facts("identity", "18.1", 18, "shop", "", "fingerprint", 7, SESSION)
    monkeypatch.setattr(after_migration, "_wait_for_answer", lambda _settings: None)
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(after_migration, "ask", lambda _settings: facts)
    with pytest.raises(StepFailed, match=SESSION) as failed:
        after_migration.state(Settings({}))
    assert (failed.value.reason, sum(pauses)) == ("SessionsAlive", 60)
