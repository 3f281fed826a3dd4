"""All times of leader election, made shorter."""

import pytest

from releaseflow.kube.leader_election import campaign, lease
from tests.unit.kube.leader_election.candidates import LEASE_LONG, RENEW, RETRY


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (campaign, lease):
        monkeypatch.setattr(module, "RETRY_PERIOD", RETRY)
        monkeypatch.setattr(module, "LEASE_DURATION", LEASE_LONG)
        monkeypatch.setattr(module, "RENEW_DEADLINE", RENEW)
    monkeypatch.setattr(campaign, "LEAVE_SECONDS", LEASE_LONG - RENEW)
