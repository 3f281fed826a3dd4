"""The kinds of workloads that the operator knows: one for each other file in this folder."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from releaseflow import workloads
from releaseflow.workloads.workload import Workload

_OF_ALL_KINDS = frozenset({"registry", "workload"})


def _all() -> dict[str, Workload]:
    names = sorted(found.name for found in iter_modules(workloads.__path__) if found.name not in _OF_ALL_KINDS)
    found: list[Workload] = [import_module(f"{workloads.__name__}.{name}").WORKLOAD for name in names]
    return {workload.kind: workload for workload in found}


WORKLOADS: Mapping[str, Workload] = MappingProxyType(_all())
"""By kind, in the order of the files' names."""

DEFAULT_KIND = "Deployment"
"""What a target is that names no kind."""
