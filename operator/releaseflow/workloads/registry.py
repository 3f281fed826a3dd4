"""The kinds of workloads that the operator knows: one for each other file in this folder."""

from collections.abc import Mapping
from types import MappingProxyType

from releaseflow import workloads
from releaseflow.plugins import modules_of
from releaseflow.workloads.workload import Workload

_OF_ALL_KINDS = frozenset({"registry", "workload"})


def _all() -> dict[str, Workload]:
    found: list[Workload] = [module.WORKLOAD for module in modules_of(workloads, but=_OF_ALL_KINDS)]
    return {workload.kind: workload for workload in found}


WORKLOADS: Mapping[str, Workload] = MappingProxyType(_all())
"""By kind, in the order of the files' names."""

DEFAULT_KIND = "Deployment"
"""What a target is that names no kind."""
