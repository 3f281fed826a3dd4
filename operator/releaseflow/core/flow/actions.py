"""Everything that a decision about a ReleaseFlow can ask of the controller."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.core.decision import Action
from releaseflow.core.flow.facts import Fence


@dataclass(frozen=True)
class FenceTarget(Action):
    """Write the fence and our label on a target, if it is exactly the one that was seen."""

    kind: str
    name: str
    uid: str
    resource_version: str
    fence: Fence


@dataclass(frozen=True)
class CreateRun(Action):
    """Create the run of a release, with our finalizer on it and the flow as its owner."""

    name: str
    spec: MigrationRunSpec


@dataclass(frozen=True)
class CreateContractRun(CreateRun):
    """Create the run of a contract: a cache that does not show a rollout yet would begin it beside old pods."""

    requires_live_read: ClassVar[bool] = True


@dataclass(frozen=True)
class SetImage(Action):
    """Apply the image of a target's containers, by one forced server-side apply.

    A promotion needs no record of its own, since the run's outcome is recorded.
    """

    requires_live_read: ClassVar[bool] = True
    before_status: ClassVar[bool] = True
    kind: str
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
class StartTarget(SetImage):
    """Apply the image, and with it the migration that the target's pods carry out as they start.

    Two writes would replace the pods twice, and run one of the images with the other's schema. That the migration may
    have begun is recorded first.
    """

    before_status: ClassVar[bool] = False
    run: str = ""
    """Run whose migration it is."""


@dataclass(frozen=True)
class RollBackImage(SetImage):
    """Put the image before back; that a release turns back is recorded first."""

    before_status: ClassVar[bool] = False


@dataclass(frozen=True)
class ResumeTarget(Action):
    """Resume a target that admission holds, if it is exactly the one that was seen, with that very template.

    It needs no record of its own: that the image's migration is done is recorded.
    """

    requires_live_read: ClassVar[bool] = True
    before_status: ClassVar[bool] = True
    kind: str
    name: str
    uid: str
    resource_version: str
    mark: str
    """What admission noted on it; empty where only what is left of a hold is taken away."""


@dataclass(frozen=True)
class DeleteRun(Action):
    """Delete an old run and its Jobs."""

    name: str
    uid: str
    resource_version: str


FlowAction: TypeAlias = FenceTarget | CreateRun | SetImage | ResumeTarget | DeleteRun
