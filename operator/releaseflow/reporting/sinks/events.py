"""Events: on the flow or run, and on the targets of a flow."""

from dataclasses import dataclass

from releaseflow.reporting.sinks.sink import Outlets, Sink, Transition
from releaseflow.reporting.transitions import transitions


@dataclass(frozen=True)
class EventSink:
    """Records an Event for each condition that changed."""

    outlets: Outlets

    def publish(self, transition: Transition) -> None:
        """Record the Events that a transition is worth."""
        before, after = transition.before.conditions, transition.after.conditions
        for record in transitions(transition.about, before, after, transition.targets):
            self.outlets.record(record)


def sink(outlets: Outlets) -> Sink:
    """Return the sink of a process."""
    return EventSink(outlets)
