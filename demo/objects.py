"""What the demo shows of the objects in the cluster, parsed from what a watch says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Raw = Mapping[str, Any]
STEP_LABEL = "releaseflow.dev/step"
REPORTER = "releaseflow"


@dataclass(frozen=True)
class Condition:
    """One fact about an object, and why it is so."""

    type: str
    status: str
    reason: str
    message: str


@dataclass(frozen=True)
class Failure:
    """What went wrong, and what to do next."""

    step: str
    reason: str
    exit_code: int | None
    pod: str
    log_tail: str
    hint: str


@dataclass(frozen=True)
class Flow:
    """The ReleaseFlow."""

    mode: str
    image: str
    """Image that is wanted: that of the spec or, where the Deployment names it, that of the status."""
    seen: bool
    """Whether the status speaks of the newest spec."""
    sequence: int
    step: str
    live: str
    conditions: tuple[Condition, ...]
    failure: Failure | None


@dataclass(frozen=True)
class Run:
    """A MigrationRun."""

    name: str
    sequence: int
    image: str
    started: float | None
    done: float | None
    """When the migration was recorded as done; None where it was not."""
    outcome: str
    conditions: tuple[Condition, ...]
    failure: Failure | None
    backup: Mapping[str, Any]


@dataclass(frozen=True)
class Pod:
    """A pod of the shop, or of a step."""

    uid: str
    name: str
    image: str
    """Image without its registry, for example `shop:v2`; of a step, that of its first container."""
    step: str
    doing: str
    """The container that runs or failed, or the phase where none does."""
    ready: bool
    leaving: bool
    restarts: int

    @property
    def version(self) -> str:
        """Version that the image's tag names."""
        return version(self.image)


@dataclass(frozen=True)
class Event:
    """An Event of ReleaseFlow."""

    uid: str
    about: str
    reason: str
    message: str
    warning: bool
    by_us: bool


Seen = Flow | Run | Pod | Event


@dataclass(frozen=True)
class Gone:
    """An object was deleted."""

    seen: Seen


def flow(raw: Raw) -> Flow:
    """Return a ReleaseFlow."""
    status = raw.get("status", {})
    return Flow(
        mode=raw["spec"]["mode"],
        image=raw["spec"].get("image") or status.get("wantedImage", ""),
        seen=status.get("observedGeneration") == raw["metadata"]["generation"],
        sequence=status.get("sequence", 0),
        step=status.get("step", ""),
        live=status.get("liveImage", ""),
        conditions=conditions(status),
        failure=failure(status),
    )


def run(raw: Raw) -> Run:
    """Return a MigrationRun."""
    status = raw.get("status", {})
    migrate: Raw = next((step for step in status.get("steps", ()) if step["type"] == "Migrate"), {})
    done = moment(migrate.get("completionTime")) if migrate.get("outcome") == "Succeeded" else None
    return Run(
        name=raw["metadata"]["name"],
        sequence=raw["spec"].get("flowRef", {}).get("sequence", 0),
        image=raw["spec"]["image"],
        started=moment(status.get("startTime")),
        done=done,
        outcome=status.get("outcome", ""),
        conditions=conditions(status),
        failure=failure(status),
        backup=status.get("backup", {}),
    )


def pod(raw: Raw) -> Pod:
    """Return a pod."""
    metadata, status = raw["metadata"], raw.get("status", {})
    containers = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    first = raw["spec"].get("initContainers", raw["spec"]["containers"])[0]
    return Pod(
        uid=metadata["uid"],
        name=metadata["name"],
        image=first["image"].rpartition("/")[2],
        step=metadata.get("labels", {}).get(STEP_LABEL, ""),
        doing=doing(containers) or status.get("phase", ""),
        ready=any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions", ())),
        leaving="deletionTimestamp" in metadata,
        restarts=sum(container["restartCount"] for container in containers),
    )


def doing(containers: list[Raw]) -> str:
    """Return which container runs or failed; empty where none does or did."""
    for container in containers:
        state = container.get("state", {})
        if "running" in state:
            return f"{container['name']} runs"
        if state.get("terminated", {}).get("exitCode"):
            return f"{container['name']} exited with {state['terminated']['exitCode']}"
    return ""


def event(raw: Raw) -> Event:
    """Return an Event."""
    about = raw["involvedObject"]
    return Event(
        uid=raw["metadata"]["uid"],
        about=f"{about['kind']}/{about['name']}",
        reason=raw.get("reason", ""),
        message=raw.get("message", ""),
        warning=raw.get("type") == "Warning",
        by_us=raw.get("reportingComponent") == REPORTER,
    )


def conditions(status: Raw) -> tuple[Condition, ...]:
    """Return the conditions of a status."""
    found = status.get("conditions", ())
    return tuple(Condition(each["type"], each["status"], each["reason"], each.get("message", "")) for each in found)


def failure(status: Raw) -> Failure | None:
    """Return the failure block of a status."""
    found = status.get("failure")
    if not found:
        return None
    return Failure(
        step=found["step"],
        reason=found["reason"],
        exit_code=found.get("exitCode"),
        pod=found.get("pod", ""),
        log_tail=found.get("logTail", ""),
        hint=found.get("hint", ""),
    )


def version(image: str) -> str:
    """Return the version that an image's tag names."""
    return image.rpartition(":")[2]


def moment(text: str | None) -> float | None:
    """Return a time of the API as seconds since 1970."""
    return datetime.fromisoformat(text).astimezone(UTC).timestamp() if text else None


def named(found: tuple[Condition, ...], kind: str) -> Condition | None:
    """Return the condition of a type."""
    return next((condition for condition in found if condition.type == kind), None)


def holds(found: tuple[Condition, ...], kind: str) -> bool:
    """Whether a condition is True."""
    condition = named(found, kind)
    return condition is not None and condition.status == "True"
