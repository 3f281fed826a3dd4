"""The places for backups that the operator knows: one for each file of this folder that describes one."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules
from types import MappingProxyType

from pydantic.alias_generators import to_snake

import releaseflow.destinations
from releaseflow.destinations.destination import Destination


def _all() -> Iterator[type[Destination]]:
    for found in iter_modules(releaseflow.destinations.__path__):
        module = import_module(f"{releaseflow.destinations.__name__}.{found.name}")
        for value in vars(module).values():
            here = isinstance(value, type) and value.__module__ == module.__name__
            if here and issubclass(value, Destination) and not isabstract(value):
                yield value


DESTINATIONS: Mapping[str, type[Destination]] = MappingProxyType(
    {to_snake(kind.method): kind for kind in sorted(_all(), key=lambda kind: kind.method)}
)
"""By the member of `spec.backup`, as Python spells it, in alphabetical order."""
