"""Everything that a decision about a ReleaseFlow can ask of the shell."""

from dataclasses import dataclass
from typing import TypeAlias

from releaseflow.api.migration_run import MigrationRunSpec
from releaseflow.core.flow.observed import Fence


@dataclass(frozen=True)
class FenceTarget:
    """Write the fence and our label on a target, if it is exactly the one that was seen."""

    name: str
    uid: str
    resource_version: str
    fence: Fence


@dataclass(frozen=True)
class CreateRun:
    """Create the run of a release, with our finalizer on it and the flow as its owner."""

    name: str
    spec: MigrationRunSpec


@dataclass(frozen=True)
class SetImage:
    """Apply the image of a target's containers, by one forced server-side apply; decided on live reads alone."""

    name: str
    uid: str
    resource_version: str
    images: tuple[tuple[str, str], ...]
    """Name and image of all containers of this flow."""
    restart_for: int = 0
    """Sequence to restart the pods for, where the image does not change."""
    init_images: tuple[tuple[str, str], ...] = ()
    """Name and image of all init containers of this flow."""


@dataclass(frozen=True)
class DeleteRun:
    """Delete an old run and its Jobs."""

    name: str
    uid: str
    resource_version: str


FlowAction: TypeAlias = FenceTarget | CreateRun | SetImage | DeleteRun
