"""Only the leader writes: no process that was stopped, lost the Lease, and woke up."""

from collections.abc import Iterable, Iterator

from releaseflow.kube.leader_election.lease import LEASE_DURATION
from tests.faults.oracles.changes import Change
from tests.faults.proxy.request import LEADER, Family
from tests.faults.runner.result import Result


def broken_by(changes: Iterable[Change]) -> Iterator[str]:
    """Yield writes that the API server took from one operator while the Lease named another."""
    for change in changes:
        lease = change.state.get(("Lease", LEADER), {})
        holder = lease.get("spec", {}).get("holderIdentity") or ""
        if change.write is None or change.write.late or holder in {"", change.write.operator}:
            continue
        yield f"rule leader: {change}: {change.write.asked} came from {change.write.operator}, and {holder} leads"


def broken_by_leadership(result: Result) -> Iterator[str]:
    """Yield what is wrong with who led, where something was done to a leader's work or to its renewals alone."""
    faults = {fault.what for fault in result.plan.faults}
    if faults == {"blocked"} and _transitions(result) != 1:
        yield f"rule leader: a leader whose work was blocked lost its Lease: {result.leader.get('spec')}"
    if faults == {"renewals-refused"} and _transitions(result) == 1:
        yield f"rule leader: a leader that could not renew kept its Lease: {result.leader.get('spec')}"
    if faults <= {"blocked", "renewals-refused"}:
        yield from _too_late(result)


def _transitions(result: Result) -> int:
    return int(result.leader.get("spec", {}).get("leaseTransitions", 0))


def _too_late(result: Result) -> Iterator[str]:
    """Yield requests to write that were sent when another might have led, however they were answered."""
    renewed: dict[str, float] = {}
    for exchange in result.record.exchanges:
        asked, operator = exchange.asked, exchange.operator
        if asked.family is Family.LEADER and asked.method != "GET" and exchange.accepted:
            renewed[operator] = exchange.at
        if asked.family in {Family.WRITE, Family.EVENT} and asked.method != "GET":
            late = exchange.at - renewed.get(operator, 0.0)
            if late > LEASE_DURATION:
                yield f"rule leader: {asked} was sent by {operator} {late:.1f} s after it last renewed its Lease"
