"""The places for backups that the operator knows: one for each file of this folder that describes one."""

from collections.abc import Iterator, Mapping
from inspect import isabstract
from types import MappingProxyType

from pydantic.alias_generators import to_snake

from releaseflow import destinations
from releaseflow.destinations.destination import Destination
from releaseflow.plugins import modules_of


def _all() -> Iterator[type[Destination]]:
    for module in modules_of(destinations):
        for value in vars(module).values():
            here = isinstance(value, type) and value.__module__ == module.__name__
            if here and issubclass(value, Destination) and not isabstract(value):
                yield value


DESTINATIONS: Mapping[str, type[Destination]] = MappingProxyType(
    {to_snake(kind.method): kind for kind in sorted(_all(), key=lambda kind: kind.method)}
)
"""By the member of `spec.backup`, as Python spells it, in alphabetical order."""
