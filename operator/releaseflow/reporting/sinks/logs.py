"""The log: a line where the condition Ready changed."""

import structlog

from releaseflow.core.conditions import READY, condition
from releaseflow.reporting.sinks.sink import Sink, SinkContext, Transition

log = structlog.get_logger()


class LogSink:
    """Logs what became of Ready; the worker has bound kind, namespace and name."""

    def publish(self, transition: Transition) -> None:
        """Log Ready where its status or reason is another."""
        old, new = (condition(status.conditions, READY) for status in (transition.before, transition.after))
        if new is not None and (old is None or (old.status, old.reason) != (new.status, new.reason)):
            log.info("ready_changed", ready=new.status.value, reason=new.reason.value, message=new.message)


def sink(_context: SinkContext) -> Sink:
    """Return the sink of a process."""
    return LogSink()
