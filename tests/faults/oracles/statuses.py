"""I9 and the contract of conditions: what is final stays, and every status can be relied on."""

from collections.abc import Iterable, Iterator

from releaseflow.api.v1alpha1.reasons import Reason
from tests.faults.oracles.changes import Change, outcome_of
from tests.faults.simulator.history import Raw

REASONS = frozenset(str(reason) for reason in Reason)
ONLY_WHILE_TRUE = frozenset({"Reconciling", "Stalled"})
LONGEST_MESSAGE = 1024


def broken_by(changes: Iterable[Change], *, wiped: bool) -> Iterator[str]:
    """Yield statuses that break their contract.

    Args:
        changes: All that happened.
        wiped: Whether somebody emptied a status, after which nothing in it can be final.
    """
    for change in changes:
        if change.kind not in {"ReleaseFlow", "MigrationRun"} or not change.after or change.write is None:
            continue
        yield from _conditions(change)
        if change.before and not wiped:
            yield from _run(change) if change.kind == "MigrationRun" else _flow(change)


def _run(change: Change) -> Iterator[str]:
    before, after = outcome_of(change.before), outcome_of(change.after)
    if before and before != after:
        yield f"I9: {change}: the outcome {before} became {after or 'none'}"
    if change.before["spec"] != change.after["spec"]:
        yield f"I9: {change}: the spec of a run was changed"


def _flow(change: Change) -> Iterator[str]:
    before, after = (raw.get("status", {}) for raw in (change.before, change.after))
    if after.get("sequence", 0) < before.get("sequence", 0):
        yield f"I9: {change}: the sequence went back from {before['sequence']} to {after.get('sequence', 0)}"
    known = {release["sequence"]: release for release in _releases(after)}
    for release in _releases(before):
        now = known.get(release["sequence"], release)
        if release.get("outcome") and release["outcome"] != now.get("outcome"):
            yield f"I9: {change}: release {release['sequence']} was {release['outcome']}, and is {now.get('outcome')}"


def _releases(status: Raw) -> list[Raw]:
    release = status.get("release")
    return [*([release] if release else []), *status.get("history", [])]


def _conditions(change: Change) -> Iterator[str]:
    before = {c["type"]: c for c in change.before.get("status", {}).get("conditions", [])}
    generation = change.after["metadata"]["generation"]
    for found in change.after.get("status", {}).get("conditions", []):
        kind, old = found["type"], before.get(found["type"])
        if found.get("reason") not in REASONS:
            yield f"O7: {change}: {kind} has the reason {found.get('reason')}, which is none"
        if found.get("observedGeneration", 0) > generation:
            yield f"O7: {change}: {kind} speaks of a generation that does not exist"
        if len(found.get("message", "")) > LONGEST_MESSAGE:
            yield f"O7: {change}: the message of {kind} is too long"
        if kind in ONLY_WHILE_TRUE and found["status"] != "True":
            yield f"O7: {change}: {kind} is there although it is not True"
        if (
            old is not None
            and old["status"] == found["status"]
            and old["lastTransitionTime"] != found["lastTransitionTime"]
        ):
            yield f"O7: {change}: {kind} was dated anew, although its status did not change"
