"""I2, I3, I5, I6: when a migration may start, how often, and that it is never ended by the operator."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.faults.oracles.changes import Change, all_of, label, owner_of, step_of, uid_of
from tests.faults.simulator.history import ERA, Raw

LOCK = "releaseflow.dev/lock"


def broken_by(changes: Iterable[Change], deleted_by_operator: set[str]) -> Iterator[str]:
    """Yield what the operator did to migrations that it must not do.

    Args:
        changes: All that happened.
        deleted_by_operator: UIDs of the objects whose deletion the operator asked for, and was granted.
    """
    pods: dict[str, set[str]] = defaultdict(set)
    robbed: set[str] = set()
    for change in changes:
        if change.kind == "Lease" and not change.after and label(change.before, LOCK) and change.write is None:
            # Between the operator's live reads and its write nothing can keep a person from deleting the lock.
            robbed.add(change.before["spec"].get("holderIdentity", ""))
        if change.kind == "Pod" and change.after:
            yield from _one_pod(change, pods)
        if change.kind != "Job" or change.step != "Migrate":
            continue
        if change.write is not None and change.before and change.after:
            yield from _started(change, robbed)
            yield from _shortened(change)
        if uid_of(change.before) in deleted_by_operator and _is_deleted(change):
            alive = [pod for pod in _pods_of(change) if _is_at_work(pod)]
            if alive:
                yield f"I5: {change}: the operator deleted a migration that was running"


def _one_pod(change: Change, pods: dict[str, set[str]]) -> Iterator[str]:
    job = owner_of(change.after, "Job")
    if not job or not change.step:
        return
    known = pods[f"{change.version // ERA} {job}"]
    if uid_of(change.after) not in known and known:
        yield f"I2: {change}: a Job of step {change.step} got a second pod"
    known.add(uid_of(change.after))


def _started(change: Change, robbed: set[str]) -> Iterator[str]:
    """Check that a migration is started only with everything before it recorded and the database locked."""
    if not (change.before["spec"].get("suspend") and not change.after["spec"].get("suspend")):
        return
    run = change.run
    wanted = "none" not in run["spec"]["backup"]
    if wanted and not run.get("status", {}).get("backup", {}).get("proof"):
        yield f"I3: {change}: started before a proven backup was recorded"
    if step_of(run, "Migrate").get("jobUid") != uid_of(change.after):
        yield f"I2: {change}: started before its UID was recorded"
    locks = [lease for lease in all_of(change.state, "Lease") if label(lease, LOCK)]
    if uid_of(run) not in robbed | {lease["spec"].get("holderIdentity") for lease in locks}:
        yield f"I6: {change}: started without the lock of its database"


def _shortened(change: Change) -> Iterator[str]:
    before, after = change.before["spec"], change.after["spec"]
    if before.get("activeDeadlineSeconds") != after.get("activeDeadlineSeconds"):
        yield f"I5: {change}: the deadline of a migration was changed"
    suspended = not before.get("suspend") and after.get("suspend")
    if suspended and any(_is_at_work(pod) for pod in _pods_of(change)):
        yield f"I5: {change}: a migration that ran was suspended"


def _is_deleted(change: Change) -> bool:
    was = "deletionTimestamp" in change.before.get("metadata", {})
    return not was and (not change.after or "deletionTimestamp" in change.after["metadata"])


def _pods_of(change: Change) -> list[Raw]:
    uid = uid_of(change.before)
    return [pod for pod in all_of(change.state, "Pod") if owner_of(pod, "Job") == uid]


def _is_at_work(pod: Raw) -> bool:
    groups = ("initContainerStatuses", "containerStatuses")
    statuses = [status for group in groups for status in pod.get("status", {}).get(group, [])]
    return any("running" in status.get("state", {}) for status in statuses)
