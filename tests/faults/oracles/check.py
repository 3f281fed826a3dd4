"""All oracles over one plan."""

from tests.faults.oracles import conformance, images, leaders, liveness, migrations, secrets, statuses, writes
from tests.faults.oracles.changes import changes
from tests.faults.oracles.liveness import Reference
from tests.faults.runner.result import Played

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
    faults = {fault.what for fault in played.plan.faults}
    found = [
        *(f"the tests themselves failed: {error}" for error in played.engine.errors),
        *played.database.broken_rules,
        *images.broken_by(changes(played.history, played.record), played.scenario.applied),
        *migrations.broken_by(changes(played.history, played.record), deleted),
        *statuses.broken_by(changes(played.history, played.record), wiped="wipe-status" in faults),
        *writes.broken_by_requests(played.record, *home),
        *writes.broken_by_changes(changes(played.history, played.record)),
        # Whose Lease a person gives away notices it when it renews it, two seconds later at most.
        *(leaders.broken_by(changes(played.history, played.record)) if "usurped" not in faults else ()),
        *leaders.broken_by_leadership(played),
        *conformance.broken_by(played.history, played.record, home[1]),
        *secrets.broken_by(changes(played.history, played.record), played.events, played.log),
        *liveness.broken_by(played, reference),
    ]
    return list(dict.fromkeys(found))[:MOST]
