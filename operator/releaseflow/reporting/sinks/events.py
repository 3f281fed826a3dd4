"""Events: on the flow or run, and on the targets of a flow."""

from dataclasses import dataclass

from releaseflow.reporting.sinks.sink import Sink, SinkContext, Transition
from releaseflow.reporting.transitions import transitions


@dataclass(frozen=True)
class EventSink:
    """Records an Event for each condition that changed."""

    context: SinkContext

    def publish(self, transition: Transition) -> None:
        """Record the Events that a transition is worth."""
        before, after = transition.before.conditions, transition.after.conditions
        for record in transitions(transition.about, before, after, transition.targets):
            self.context.record(record)


def sink(context: SinkContext) -> Sink:
    """Return the sink of a process."""
    return EventSink(context)
