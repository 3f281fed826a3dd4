"""Metrics: releases and steps that ended."""

from dataclasses import dataclass

from releaseflow.reporting.sinks.sink import Sink, SinkContext, Transition


@dataclass(frozen=True)
class MetricsSink:
    """Counts what ended, with its duration."""

    context: SinkContext

    def publish(self, transition: Transition) -> None:
        """Count what the status says, and its predecessor did not."""
        self.context.metrics.count_transition(transition.before, transition.after)


def sink(context: SinkContext) -> Sink:
    """Return the sink of a process."""
    return MetricsSink(context)
