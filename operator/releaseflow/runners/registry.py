"""The ways to run a migration: one for each other file in this folder."""

from collections.abc import Mapping
from types import MappingProxyType

from releaseflow import runners
from releaseflow.plugins import modules_of
from releaseflow.runners.runner import Runner

_OF_ALL_WAYS = frozenset({"registry", "runner"})

DEFAULT = "Job"
"""How a migration runs that does not say so."""


def _all() -> dict[str, Runner]:
    found: list[Runner] = [module.RUNNER for module in modules_of(runners, but=_OF_ALL_WAYS)]
    return {runner.name: runner for runner in found}


RUNNERS: Mapping[str, Runner] = MappingProxyType(_all())
"""By name, in the order of the files' names."""
