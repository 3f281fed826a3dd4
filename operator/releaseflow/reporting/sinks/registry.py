"""The sinks that the operator knows: one for each other file in this folder."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from releaseflow.reporting import sinks
from releaseflow.reporting.sinks.sink import Outlets, Sink

_OF_ALL_SINKS = frozenset({"registry", "sink"})


def all_sinks(outlets: Outlets) -> tuple[Sink, ...]:
    """Return the sinks of a process, in the order of their files' names."""
    names = sorted(found.name for found in iter_modules(sinks.__path__) if found.name not in _OF_ALL_SINKS)
    makers: list[Callable[[Outlets], Sink]] = [import_module(f"{sinks.__name__}.{name}").sink for name in names]
    return tuple(make(outlets) for make in makers)
