"""I1, I4, I10: which images the operator lets through, and what it touches of a workload."""

import copy
from collections.abc import Iterable, Iterator

from releaseflow.workloads.registry import WORKLOADS
from tests.faults.oracles.changes import STEP, Change, State, all_of, annotation, label, outcome_of, step_of
from tests.faults.simulator.history import Raw

FENCE = "releaseflow.dev/fence"
HELD = "releaseflow.dev/held"
MANAGED = "releaseflow.dev/managed"
RESTARTED_FOR = "releaseflow.dev/restarted-for"
GOOD = frozenset({"Migrated", "NothingPending"})
_OF_THE_SERVER = ("resourceVersion", "generation", "managedFields")


def broken_by(changes: Iterable[Change], applied: tuple[str, ...]) -> Iterator[str]:
    """Yield what the operator did to workloads that it must not do.

    Args:
        changes: All that happened.
        applied: Images whose migration the database has had before.
    """
    migrated = set(applied)
    for change in changes:
        if change.kind == "Pod" and change.step == "Migrate" and _has_ended_well(change.after):
            migrated.add(_containers(change.after)[0]["image"])
        if change.kind in WORKLOADS and change.write is not None and change.before and change.after:
            yield from _too_much(change)
            if image_of(change.before) != image_of(change.after) or (_is_resumed(change) and not _serves(change)):
                yield from _too_early(change, migrated)
                yield from _too_late(change)


def _has_ended_well(pod: Raw) -> bool:
    """Whether every container of a pod has ended with 0, whatever its phase says."""
    status = pod.get("status", {})
    seen = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    codes = [one["state"]["terminated"]["exitCode"] for one in seen if "terminated" in one.get("state", {})]
    return len(codes) == len(_containers(pod)) > 0 and not any(codes)


def _containers(pod: Raw) -> list[Raw]:
    spec = pod.get("spec", {})
    return [*spec.get("initContainers", []), *spec.get("containers", [])]


def _too_early(change: Change, migrated: set[str]) -> Iterator[str]:
    image = image_of(change.after)
    runs = [run for run in all_of(change.state, "MigrationRun") if run["spec"]["image"] == image]
    if not any(outcome_of(run) in GOOD for run in runs):
        yield f"I1: {change}: {image} was promoted, and no run of it had succeeded"
    if image not in migrated:
        yield f"I1: {change}: {image} was promoted before the database had its migration"


def _too_late(change: Change) -> Iterator[str]:
    """An image must not be promoted once the migration of a newer release was started."""
    fence = annotation(change.before, FENCE).rpartition("/")[2]
    runs = {int(run["spec"]["flowRef"]["sequence"]): run for run in all_of(change.state, "MigrationRun")}
    mine = max((s for s, run in runs.items() if run["spec"]["image"] == image_of(change.after)), default=0)
    if fence != str(mine):
        yield f"I4: {change}: promoted behind the fence {fence or 'of nobody'}, although it is of release {mine}"
    newer = [s for s, run in runs.items() if s > mine and _has_started(change.state, run)]
    if newer:
        yield f"I4: {change}: release {mine} was promoted although the migration of {newer} was started"


def _has_started(state: State, run: Raw) -> bool:
    job = state.get(("Job", step_of(run, "Migrate").get("jobName", "")), {})
    return bool(job) and not job["spec"].get("suspend", False)


def _is_resumed(change: Change) -> bool:
    return is_paused(change.before) and not is_paused(change.after)


def _serves(change: Change) -> bool:
    """Whether all pods of the workload have its image already: it was put back."""
    pods = [pod for pod in all_of(change.state, "Pod") if not label(pod, STEP)]
    return {_containers(pod)[0]["image"] for pod in pods} == {image_of(change.before)}


def _too_much(change: Change) -> Iterator[str]:
    """Only the image and what is ours may change; of one that admission holds, only that it is held."""
    if _stripped(change.before) != _stripped(change.after):
        yield f"I10: {change}: more than the image was changed by {change.write and change.write.asked}"
    if label(change.before, MANAGED) and not label(change.after, MANAGED):
        yield f"I10: {change}: our label was taken off"
    old, new = (annotation(raw, FENCE).split("/") for raw in (change.before, change.after))
    same_flow = old[:2] == new[:2] and len(new) == 3  # name, UID, sequence
    if same_flow and int(new[2]) < int(old[2]):
        yield f"I4: {change}: the fence was lowered from {old[2]} to {new[2]}"


def image_of(workload: Raw) -> str:
    """Return the image of a workload."""
    return str(workload["spec"]["template"]["spec"]["containers"][0]["image"])


def is_paused(workload: Raw) -> bool:
    """Whether a workload makes no pods of its newest template."""
    return bool(workload["spec"].get("paused"))


def _stripped(workload: Raw) -> Raw:
    found = copy.deepcopy({"metadata": workload["metadata"], "spec": workload["spec"]})
    for field in _OF_THE_SERVER:
        found["metadata"].pop(field, None)
    ours = {FENCE, HELD, "deployment.kubernetes.io/revision"}
    if annotation(workload, HELD):
        found["spec"].pop("paused", None)
    found["metadata"]["annotations"] = {
        k: v for k, v in found["metadata"].get("annotations", {}).items() if k not in ours
    }
    found["metadata"]["labels"] = {k: v for k, v in found["metadata"].get("labels", {}).items() if k != MANAGED}
    template = found["spec"]["template"]
    template["spec"]["containers"][0].pop("image")
    notes = template["metadata"].get("annotations", {})
    template["metadata"]["annotations"] = {k: v for k, v in notes.items() if k != RESTARTED_FOR}
    return found
