"""All oracles over one plan."""

from tests.faults.oracles import conformance, images, leaders, liveness, migrations, secrets, statuses, writes
from tests.faults.oracles.changes import changes
from tests.faults.oracles.liveness import Reference
from tests.faults.runner.result import Result

MOST = 12
"""More violations of one plan tell nothing more."""


def check(result: Result, reference: Reference) -> list[str]:
    """Return everything that a plan broke; empty where all held."""
    home = result.namespaces
    deleted = {
        one.asked.said.get("preconditions", {}).get("uid", "")
        for one in result.record.writes
        if one.asked.method == "DELETE" and one.accepted
    }
    faults = {fault.what for fault in result.plan.faults}
    found = [
        *(f"the tests themselves failed: {error}" for error in result.engine.errors),
        *result.database.broken_rules,
        *images.broken_by(changes(result.history, result.record), result.scenario.applied),
        *migrations.broken_by(changes(result.history, result.record), deleted),
        *statuses.broken_by(changes(result.history, result.record), wiped="wipe-status" in faults),
        *writes.broken_by_requests(result.record, *home),
        *writes.broken_by_changes(changes(result.history, result.record)),
        # Whose Lease a person gives away notices it when it renews it, two seconds later at most.
        *(leaders.broken_by(changes(result.history, result.record)) if "usurped" not in faults else ()),
        *leaders.broken_by_leadership(result),
        *conformance.broken_by(result.history, result.record, home[1]),
        *secrets.broken_by(changes(result.history, result.record), result.events, result.log),
        *liveness.broken_by(result, reference),
    ]
    return list(dict.fromkeys(found))[:MOST]
