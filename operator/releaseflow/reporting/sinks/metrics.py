"""Metrics: releases and steps that ended."""

from dataclasses import dataclass

from releaseflow.reporting.sinks.sink import Outlets, Sink, Transition


@dataclass(frozen=True)
class MetricsSink:
    """Counts what ended, with its duration."""

    outlets: Outlets

    def publish(self, transition: Transition) -> None:
        """Count what the status says, and its predecessor did not."""
        self.outlets.metrics.count_transition(transition.before, transition.after)


def sink(outlets: Outlets) -> Sink:
    """Return the sink of a process."""
    return MetricsSink(outlets)
