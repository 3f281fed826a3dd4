"""The history of a plan as a row of changes: each with what stood before it, and the operator's write that made it."""

from collections.abc import Iterator
from dataclasses import dataclass

from typing_extensions import override

from tests.faults.proxy.record import Exchange, Record
from tests.faults.simulator.history import History, Raw

State = dict[tuple[str, str], Raw]
"""Objects by kind and name."""

RUN_UID = "releaseflow.dev/run-uid"
STEP = "releaseflow.dev/step"


@dataclass(frozen=True)
class Change:
    """One change of one object, in the order of the store."""

    version: int
    kind: str
    name: str
    before: Raw
    """Empty for an object that was created."""
    after: Raw
    """Empty for an object that is gone."""
    write: Exchange | None
    """The operator's write that made it; None where somebody else did."""
    state: State
    """Everything as it stood before."""

    @property
    def step(self) -> str:
        """The step that a Job or pod is for."""
        return label(self.after or self.before, STEP)

    @property
    def run(self) -> Raw:
        """The run that a Job or pod is for, as it stood; empty where it was gone."""
        return run_of(self.state, label(self.after or self.before, RUN_UID))

    @override
    def __str__(self) -> str:
        return f"revision {self.version}, {self.kind} {self.name}"


def changes(history: History, record: Record) -> Iterator[Change]:
    """Yield all changes in order; the state goes on to change under the hands of whoever keeps it."""
    writes: dict[int, Exchange] = {}
    for exchange in record.writes:
        if exchange.accepted and exchange.version:
            writes.setdefault(exchange.version, exchange)
    state: State = {}
    for event in history.in_order():
        key = (event.kind, event.name)
        after = {} if event.gone else event.raw
        write = writes.get(event.version)
        if write is not None and (write.asked.kind, write.asked.name) != key:
            write = None
        yield Change(event.version, event.kind, event.name, state.get(key, {}), after, write, state)
        if event.gone:
            state.pop(key, None)
        else:
            state[key] = event.raw


def run_of(state: State, uid: str) -> Raw:
    """Return the run of a UID."""
    runs = (raw for (kind, _), raw in state.items() if kind == "MigrationRun")
    return next((raw for raw in runs if raw["metadata"]["uid"] == uid), {})


def all_of(state: State, kind: str) -> list[Raw]:
    """Return the objects of a kind."""
    return [raw for (known, _), raw in state.items() if known == kind]


def label(raw: Raw, key: str) -> str:
    """Return a label; empty where there is none."""
    return str(raw.get("metadata", {}).get("labels", {}).get(key, ""))


def annotation(raw: Raw, key: str) -> str:
    """Return an annotation; empty where there is none."""
    return str(raw.get("metadata", {}).get("annotations", {}).get(key, ""))


def uid_of(raw: Raw) -> str:
    """Return the UID; empty for no object."""
    return str(raw.get("metadata", {}).get("uid", ""))


def outcome_of(run: Raw) -> str:
    """Return how a run ended; empty while it goes on."""
    return str(run.get("status", {}).get("outcome", ""))


def step_of(run: Raw, kind: str) -> Raw:
    """Return what a run's record says of a step; empty where it says nothing."""
    return next((step for step in run.get("status", {}).get("steps", []) if step["type"] == kind), {})


def owner_of(raw: Raw, kind: str) -> str:
    """Return the UID of the owner of a kind."""
    owners = raw.get("metadata", {}).get("ownerReferences", [])
    return next((str(owner["uid"]) for owner in owners if owner["kind"] == kind), "")
