"""Workloads that a flow moves, or a migration takes its environment from."""

from enum import StrEnum

from releaseflow.api.schema.base import ApiModel, ContainerName, ObjectName


class WorkloadKind(StrEnum):
    """A kind of workload whose image can be moved."""

    DEPLOYMENT = "Deployment"


class WorkloadRef(ApiModel):
    """A workload in the same namespace, and a container of its pods."""

    kind: WorkloadKind = WorkloadKind.DEPLOYMENT
    """Kind of the workload."""

    name: ObjectName
    """Name of the workload."""

    container: ContainerName | None = None
    """Container of its pods; may be left out where they have only one, and in a flow where the workload is a target."""
