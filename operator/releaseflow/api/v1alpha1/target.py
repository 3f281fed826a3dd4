"""A target: the workload that a flow releases, and what is recorded of it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, ContainerName, ObjectName, SeenImage, Timestamp, Uid
from releaseflow.api.schema.cel import ListMap
from releaseflow.api.v1alpha1.workload import WorkloadKind
from releaseflow.workloads.registry import DEFAULT_KIND


class Target(ApiModel):
    """A workload to release."""

    kind: WorkloadKind = DEFAULT_KIND
    """Kind of the workload."""

    name: ObjectName
    """Name of the workload, in the flow's own namespace."""

    containers: Annotated[tuple[ContainerName, ...], Field(max_length=10)] = ()
    """Containers and init containers whose image moves, for example `[web]`.

    When left out: all whose image has the repository of the flow's image; where none has, the pod's only container.
    """


class TargetStep(StrEnum):
    """How far a target has come in the current release."""

    PENDING = "Pending"
    PROMOTED = "Promoted"
    ROLLED_OUT = "RolledOut"
    FAILED = "Failed"
    ROLLED_BACK = "RolledBack"


class ContainerStatus(ApiModel):
    """What is known of a container or init container whose image a release moves."""

    name: ContainerName
    """Name of the container."""

    image: SeenImage = ""
    """Image that this release last knew to be in the container: seen at its start, or written by it."""

    good_image: SeenImage = ""
    """Image last seen fully rolled out here; a rollback goes back to it."""


class TargetStatus(ApiModel):
    """What is known of one target."""

    kind: WorkloadKind = DEFAULT_KIND
    """Kind of the workload."""

    name: ObjectName
    """Name of the workload."""

    uid: Uid = ""
    """UID of the workload that was fenced for this release."""

    containers: Annotated[tuple[ContainerStatus, ...], Field(max_length=128), ListMap(("name",))] = ()
    """Containers and init containers whose image the current release moves; chosen when it first saw the workload."""

    step: TargetStep = TargetStep.PENDING
    """How far the workload has come in the current release."""

    promoted_time: Timestamp | None = None
    """When the image was written into the workload in the current release, or its rollout went on after a pause.

    Empty while a person has to do something for it to go on.
    """
