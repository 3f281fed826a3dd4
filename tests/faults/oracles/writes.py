"""I7, I11 and conformance: every write is one that the core asks for, of exactly the object that was seen."""

from collections.abc import Iterable, Iterator

from tests.faults.oracles.changes import (
    RUN_UID,
    STEP,
    Change,
    annotation,
    label,
    outcome_of,
    run_of,
    step_of,
    uid_of,
)
from tests.faults.oracles.classify import classify
from tests.faults.oracles.images import FENCE
from tests.faults.oracles.manifests import broken_by_job
from tests.faults.proxy.record import Record
from tests.faults.proxy.request import ProxiedRequest
from tests.faults.simulator.history import ERA, Raw

TEMPLATE_HASH = "releaseflow.dev/template-hash"


def broken_by_requests(record: Record, namespace: str, operator_namespace: str) -> Iterator[str]:
    """Yield requests that the operator must never send, whatever becomes of them."""
    for exchange in record.writes:
        asked = exchange.asked
        where = f"write {exchange.number} ({asked})"
        home = operator_namespace if asked.kind == "Lease" else namespace
        if asked.namespace != home:
            yield f"I7: {where}: in namespace {asked.namespace}"
        if asked.method != "POST" and not _is_exact(asked):
            yield f"I7: {where}: does not name uid and resourceVersion of what was seen"
        if classify(asked) is None:
            yield f"conformance: {where}: no action of the core looks like this"
        if asked.kind == "Job" and asked.method == "POST":
            yield from (f"{rule} ({where})" for rule in broken_by_job(asked.said))


def broken_by_changes(changes: Iterable[Change]) -> Iterator[str]:
    """Yield writes that the record, as it stood, does not allow; that of a late write stood earlier."""
    intents: set[str] = set()
    for change in changes:
        if change.kind == "ReleaseFlow":
            status = change.after.get("status", {})
            intents.add(status.get("release", {}).get("run", ""))
            intents.add(f"{change.name}/{uid_of(change.after)}/{status.get('sequence')}")
        if change.write is not None and not change.write.late:
            shape = classify(change.write.asked)
            why = _not_allowed(change, shape, intents) if shape else ""
            if why:
                yield f"conformance: {change}: {change.write.asked} ({shape}): {why}"


def _is_exact(asked: ProxiedRequest) -> bool:
    said = asked.said
    if asked.method == "DELETE":
        exactly = said.get("preconditions", {})
        return bool(exactly.get("uid") and exactly.get("resourceVersion") and said.get("propagationPolicy"))
    if "operations" in said:
        tests = {one["path"]: one.get("value") for one in said["operations"] if one["op"] == "test"}
        return bool(tests.get("/metadata/uid") and tests.get("/metadata/resourceVersion"))
    metadata = said.get("metadata", {})
    return bool(metadata.get("uid") and metadata.get("resourceVersion"))


def _not_allowed(change: Change, shape: str, intents: set[str]) -> str:
    """Return why the record does not allow a write; empty where it does.

    Args:
        change: What the write did.
        shape: Which action it is.
        intents: Runs and fences that the flow's record has ever named: a view may lag.
    """
    said = change.after or change.before
    match shape:
        case "create run":
            return "" if change.name in intents else "the flow's record never named it"
        case "create job":
            return _not_recorded(change.run, said, forgotten=change.version >= ERA)
        case "fence":
            return "" if annotation(change.after, FENCE) in intents else "the flow's record never had this fence"
        case "start":
            return "" if step_of(change.run, "Migrate").get("jobUid") == uid_of(said) else "its UID is not recorded"
        case _:
            run = _run_to_be_over(change, shape)
            return "" if not run or outcome_of(run) else "the outcome of the run is not recorded"


def _run_to_be_over(change: Change, shape: str) -> Raw:
    """Return the run whose outcome must be recorded before a write; nothing where there is no such run."""
    match shape:
        case "release job" | "release pod" | "delete job":
            return change.run
        case "release run":
            return change.before
        case "release lock" | "delete lock":
            return run_of(change.state, change.before.get("spec", {}).get("holderIdentity", ""))
        case _:
            return {}


def _not_recorded(run: Raw, job: Raw, *, forgotten: bool) -> str:
    """Return why a run's record does not allow a Job.

    Args:
        run: The run, where there is one.
        job: The Job.
        forgotten: Whether the store was restored: it may know nothing of the run, and the operator nothing of that yet.
    """
    step = step_of(run, label(job, STEP))
    if not run or uid_of(run) != label(job, RUN_UID):
        return "" if forgotten else "its run is gone"
    if step.get("jobName") != job["metadata"]["name"] or step.get("outcome"):
        return "the record names another Job, or none"
    return "" if step.get("templateHash") == annotation(job, TEMPLATE_HASH) else "the record has another hash"
