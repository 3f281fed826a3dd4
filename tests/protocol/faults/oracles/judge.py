"""All oracles over one plan."""

from tests.protocol.faults.oracles import images, migrations, rest, secrets, statuses, writes
from tests.protocol.faults.oracles.changes import changes
from tests.protocol.faults.oracles.rest import Reference
from tests.protocol.faults.played import Played

MOST = 12
"""More violations of one plan tell nothing more."""


def judge(played: Played, reference: Reference) -> list[str]:
    """Return everything that a plan broke; empty where all held."""
    home = played.namespaces
    deleted = {
        one.asked.said.get("preconditions", {}).get("uid", "")
        for one in played.record.writes
        if one.asked.method == "DELETE" and one.accepted
    }
    wiped = any(fault.what == "wipe-status" for fault in played.plan.faults)
    found = [
        *played.database.broken_rules,
        *images.broken_by(changes(played.history, played.record), played.scenario.applied),
        *migrations.broken_by(changes(played.history, played.record), deleted),
        *statuses.broken_by(changes(played.history, played.record), wiped=wiped),
        *writes.broken_by_requests(played.record, *home),
        *writes.broken_by_changes(changes(played.history, played.record)),
        *secrets.broken_by(changes(played.history, played.record), played.events, played.log),
        *rest.broken_by(played, reference),
    ]
    return list(dict.fromkeys(found))[:MOST]
