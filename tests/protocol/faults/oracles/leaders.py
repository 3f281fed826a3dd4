"""Only the leader writes: nobody who was stopped, lost the Lease, and woke up."""

from collections.abc import Iterable, Iterator

from tests.protocol.faults.oracles.changes import Change
from tests.protocol.faults.proxy.asked import LEADER


def broken_by(changes: Iterable[Change]) -> Iterator[str]:
    """Yield writes that the API server took from one operator while the Lease named another."""
    for change in changes:
        lease = change.state.get(("Lease", LEADER), {})
        holder = lease.get("spec", {}).get("holderIdentity") or ""
        if change.write is None or change.write.late or holder in {"", change.write.operator}:
            continue
        yield f"rule leader: {change}: {change.write.asked} came from {change.write.operator}, and {holder} leads"
