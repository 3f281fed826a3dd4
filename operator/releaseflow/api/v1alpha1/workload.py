"""Workloads that a flow moves, or a migration takes its environment from."""

from typing import Annotated

from releaseflow.api.schema.base import ApiModel, ContainerName, ObjectName
from releaseflow.api.schema.cel import EnumOf
from releaseflow.workloads.registry import DEFAULT_KIND, WORKLOADS

WorkloadKind = Annotated[str, EnumOf(tuple(WORKLOADS))]
MAKE_JOBS = [kind for kind, workload in WORKLOADS.items() if workload.makes_jobs]
"""Kinds that have pods from time to time only."""
CAN_BE_HELD = [kind for kind, workload in WORKLOADS.items() if workload.can_be_held]
"""Kinds that admission can hold, as mode Gate needs."""


class WorkloadRef(ApiModel):
    """A workload in the same namespace, and a container of its pods."""

    kind: WorkloadKind = DEFAULT_KIND
    """Kind of the workload."""

    name: ObjectName
    """Name of the workload, for example `shop`."""

    container: ContainerName | None = None
    """Container of its pods, for example `web`.

    May be left out where they have only one, and in a flow where the workload is a target.
    """
