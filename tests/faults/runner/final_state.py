"""Whether everything has come to rest, and where it did."""

from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from releaseflow.workloads.registry import WORKLOADS
from tests.faults.simulator.history import History, Raw
from tests.faults.simulator.objects import NAME

FINALIZER = "releaseflow.dev/outcome"
LOCK = "releaseflow.dev/lock"
MANAGED = "releaseflow.dev/managed"
WAITING_FOR_PEOPLE = frozenset({"TargetNotFound", "ContainerNotFound", "AwaitingApproval", "Suspended", "TargetPaused"})
"""Reasons with which a flow may wait for ever: only a person can change that, and the message says how."""
DATABASE_IN_DOUBT = frozenset({"OutcomeUnknown", "DatabaseUnknown"})
"""Reasons after which only a person who says that the database may be used lets a run take the lock over."""


@dataclass(frozen=True)
class End:
    """How a flow and its workload stand."""

    ready: str = ""
    reason: str = ""
    stalled: bool = False
    sequence: int = 0
    outcomes: tuple[str, ...] = ()
    """Outcomes of the runs, the oldest first."""
    image: str = ""
    """Image of the workload; empty where there is none."""
    wanted: str = ""
    """Image that the flow asks for."""
    has_targets: bool = True
    """Whether the flow moves the workload's image."""
    present: bool = True
    """Whether the flow exists."""
    message: str = field(default="", compare=False)
    """What the flow says of it; names and times in it are of this plan alone."""

    @override
    def __str__(self) -> str:
        flow = f"Ready={self.ready} {self.reason}, sequence {self.sequence}" if self.present else "no flow"
        return f"{flow}, runs {list(self.outcomes)}, workload {self.image or 'gone'}"


def end_of(history: History) -> End:
    """Return how things stand now."""
    flow, target = history.get("ReleaseFlow", NAME), workload_of(history)
    ready = condition(flow, "Ready")
    runs = sorted(history.all_of("MigrationRun"), key=lambda run: int(run["spec"]["flowRef"]["sequence"]))
    status = (flow or {}).get("status", {})
    return End(
        ready=ready.get("status", ""),
        reason=ready.get("reason", ""),
        message=ready.get("message", ""),
        stalled=condition(flow, "Stalled").get("status") == "True",
        sequence=status.get("sequence", 0),
        outcomes=tuple(run.get("status", {}).get("outcome", "") for run in runs),
        image=target["spec"]["template"]["spec"]["containers"][0]["image"] if target else "",
        wanted=(flow["spec"].get("image") or status.get("wantedImage", "")) if flow else "",
        has_targets=flow is not None and bool(flow["spec"].get("targets")),
        present=flow is not None,
    )


def workload_of(history: History) -> Raw | None:
    """Return the workload, of whatever kind it is; None where there is none."""
    found = (history.get(kind, NAME) for kind in WORKLOADS)
    return next((raw for raw in found if raw is not None), None)


def is_settled(history: History, *, by_people: bool) -> bool:
    """Whether the flow says that it is done, or that it waits for people who interfered, about the spec as it is."""
    flow = history.get("ReleaseFlow", NAME)
    if flow is None:
        return True
    if "deletionTimestamp" in flow["metadata"]:
        return False
    ready = condition(flow, "Ready")
    if ready.get("observedGeneration") != flow["metadata"]["generation"]:
        return False
    return ready.get("status") in {"True", "False"} or (by_people and ready.get("reason") in WAITING_FOR_PEOPLE)


def is_waiting(history: History) -> bool:
    """Whether the flow waits for a person."""
    return condition(history.get("ReleaseFlow", NAME), "Ready").get("reason") in WAITING_FOR_PEOPLE


def left_hanging(history: History) -> list[str]:
    """Return what a release that is over must not leave: unfinished Jobs, what is kept by us, a lock that is held.

    One that waits for a person is not over, but nothing of it may be at work. The lock of a run that is gone stays as
    it is where the flow says that its database is in doubt: the operator may take a lock for a run that a restored
    store does not have.
    """
    waits = is_waiting(history)
    managed = [job for job in history.all_of("Job") if MANAGED in job["metadata"].get("labels", {})]
    unfinished = [job for job in managed if not _is_over(job) and not (waits and job["spec"].get("suspend"))]
    hanging = [f"Job {name_of(job)} is not over" for job in unfinished]
    if waits:
        return hanging
    for kind in ("Job", "Pod", "MigrationRun"):
        held = [raw for raw in history.all_of(kind) if FINALIZER in raw["metadata"].get("finalizers", [])]
        hanging += [f"{kind} {name_of(raw)} is kept" for raw in held]
    locks = [raw for raw in history.all_of("Lease") if LOCK in raw["metadata"].get("labels", {})]
    held_by = {name_of(raw): raw["spec"].get("holderIdentity") for raw in locks}
    in_doubt = condition(history.get("ReleaseFlow", NAME), "Ready").get("reason") in DATABASE_IN_DOUBT
    there = {raw["metadata"]["uid"] for raw in history.all_of("MigrationRun")}
    return hanging + [
        f"lock {lock} is held" for lock, holder in held_by.items() if holder and (holder in there or not in_doubt)
    ]


def condition(raw: Raw | None, kind: str) -> dict[str, Any]:
    """Return a condition of an object; an empty one where there is none."""
    conditions = (raw or {}).get("status", {}).get("conditions", [])
    return next((found for found in conditions if found["type"] == kind), {})


def name_of(raw: Raw) -> str:
    """Return the name of an object."""
    return str(raw["metadata"]["name"])


def _is_over(job: Raw) -> bool:
    return any(condition(job, kind).get("status") == "True" for kind in ("Complete", "Failed"))
