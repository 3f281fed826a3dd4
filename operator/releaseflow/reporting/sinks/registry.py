"""The sinks that the operator knows: one for each other file in this folder."""

from collections.abc import Callable

from releaseflow.plugins import modules_of
from releaseflow.reporting import sinks
from releaseflow.reporting.sinks.sink import Sink, SinkContext

_OF_ALL_SINKS = frozenset({"registry", "sink"})


def all_sinks(context: SinkContext) -> tuple[Sink, ...]:
    """Return the sinks of a process, in the order of their files' names."""
    makers: list[Callable[[SinkContext], Sink]] = [module.sink for module in modules_of(sinks, but=_OF_ALL_SINKS)]
    return tuple(make(context) for make in makers)
