"""What a sink of statuses is: it takes in each status that was written, and its predecessor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from releaseflow.reporting.events import EventRecord, ObjectReference
from releaseflow.reporting.metrics import Metrics, Status


@dataclass(frozen=True)
class Transition:
    """A status that the API server has taken, and the one before it."""

    about: ObjectReference
    """The flow or run."""
    before: Status
    after: Status
    targets: tuple[ObjectReference, ...] = ()
    """The targets of a flow that exist."""


class Sink(Protocol):
    """Publishes what is new in a status."""

    def publish(self, transition: Transition) -> None:
        """Take in a transition at once: the work waits for it. Nothing depends on what becomes of it."""


@dataclass(frozen=True)
class SinkContext:
    """What a process has that sinks publish through."""

    record: Callable[[EventRecord], None]
    """Posts an Event, beside the work."""
    metrics: Metrics
