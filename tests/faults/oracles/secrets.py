"""I8: what is secret is found in no status, annotation, Event or log."""

import json
from collections.abc import Iterable, Iterator

from tests.faults.oracles.changes import Change
from tests.faults.simulator.canary import MARK

_OURS = frozenset({"ReleaseFlow", "MigrationRun"})


def broken_by(changes: Iterable[Change], events: Iterable[object], log: str) -> Iterator[str]:
    """Yield places where something secret was found."""
    for change in changes:
        public = dict(change.after.get("metadata", {}))
        if change.kind in _OURS:
            public["status"] = change.after.get("status", {})
        if MARK in json.dumps(public):
            yield f"I8: {change}: a secret stands in its status or metadata"
    if MARK in json.dumps(list(events)):
        yield "I8: a secret stands in an Event"
    yield from (f"I8: a secret stands in the log: {line[:120]}" for line in log.splitlines() if MARK in line)
