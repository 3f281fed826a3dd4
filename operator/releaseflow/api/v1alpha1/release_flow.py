"""ReleaseFlow: move workloads to an image once their database is ready for it."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from releaseflow.api.schema.base import (
    ApiModel,
    ContainerName,
    ImageName,
    ObjectName,
    SeenImage,
    ShortText,
    Timestamp,
    Uid,
)
from releaseflow.api.schema.cel import Distinct, Keyed, Rule
from releaseflow.api.v1alpha1.conditions import Conditions
from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import Backup, Compatibility, Jobs, Migration
from releaseflow.api.v1alpha1.workload import WorkloadKind


class Target(ApiModel):
    """A workload to release."""

    kind: WorkloadKind = WorkloadKind.DEPLOYMENT
    """Kind of the workload."""

    name: ObjectName
    """Name of the workload, in the flow's own namespace."""

    containers: Annotated[tuple[ContainerName, ...], Field(max_length=10)] = ()
    """Containers and init containers whose image moves, for example `[web]`.

    When left out: all whose image has the repository of the flow's image; where none has, the pod's only container.
    """


class Mode(StrEnum):
    """What a flow has to do with the image of its targets."""

    PROMOTE = "Promote"


class Approval(StrEnum):
    """What waits for a person."""

    BEFORE_MIGRATION = "BeforeMigration"
    BEFORE_PROMOTION = "BeforePromotion"


class OnRolloutFailure(StrEnum):
    """What to do when a promoted image does not come up."""

    HOLD = "Hold"
    ROLLBACK = "Rollback"


class Promotion(ApiModel):
    """How the targets get the image once the migration is known to have succeeded.

    They get it one after the other, each rolled out before the next.
    """

    progress_deadline_seconds: Annotated[int, Field(ge=5, le=86_400)] = 600
    """Seconds that each target may take to roll out."""

    on_rollout_failure: OnRolloutFailure = OnRolloutFailure.HOLD
    """Hold: leave it to a person. Rollback: put the image before back; only where compatibility is Additive."""


class ReleaseFlowSpec(ApiModel):
    """What to release, onto which workloads, with which database.

    A change of `image`, `database.engine` or `database.urlSecretRef` starts a release; every other change holds from
    the next release on.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.approvals) || !('BeforePromotion' in self.approvals)"
            " || self.migration.compatibility == 'Additive'",
            "BeforePromotion leaves the old image on the new schema: set migration.compatibility to Additive if that is"
            " safe, or approvals to [BeforeMigration]",
            field=".approvals",
        ),
        Rule(
            "self.promotion.onRolloutFailure != 'Rollback' || self.migration.compatibility == 'Additive'",
            "Rollback puts the old image on the new schema: set migration.compatibility to Additive if that is safe,"
            " or onRolloutFailure to Hold",
            field=".promotion.onRolloutFailure",
        ),
    )

    mode: Mode = Mode.PROMOTE
    """Promote: the flow names the image, and writes it into the targets once its migration has succeeded."""

    image: ImageName
    """Image to release, for example `ghcr.io/acme/shop:1.4.2`: its migration runs first, then the targets get it.

    A digest (`@sha256:`) is best: with a tag that was moved, the pods may run something else than what migrated.
    """

    targets: Annotated[tuple[Target, ...], Field(min_length=1, max_length=10), Keyed(("kind", "name"))]
    """Workloads that get the image, one after the other, in this order."""

    database: Database
    backup: Backup
    migration: Migration

    approvals: Annotated[tuple[Approval, ...], Field(max_length=2), Distinct()] = ()
    """Wait for a person: `[BeforeMigration]`, `[BeforePromotion]`, or both, and then for each by itself.

    Approve with the annotation releaseflow.dev/approve, as the message of the condition Ready says.
    """

    promotion: Promotion = Promotion()
    jobs: Jobs = Jobs()

    history_limit: Annotated[int, Field(ge=1, le=50)] = 10
    """How many finished runs, and releases in status.history, are kept."""

    suspend: bool = False
    """Start nothing new; a running migration finishes, and is not promoted."""


class Trigger(StrEnum):
    """Why a release was started."""

    FIRST_SIGHT = "FirstSight"
    NEW_IMAGE = "NewImage"
    DATABASE_CHANGED = "DatabaseChanged"
    RETRY = "Retry"


class Outcome(StrEnum):
    """How a release ended; final for its sequence."""

    RELEASED = "Released"
    SUPERSEDED = "Superseded"
    FAILED = "Failed"
    ROLLED_BACK = "RolledBack"
    ABORTED = "Aborted"


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

    kind: WorkloadKind = WorkloadKind.DEPLOYMENT
    """Kind of the workload."""

    name: ObjectName
    """Name of the workload."""

    uid: Uid = ""
    """UID of the workload that was fenced for this release."""

    containers: Annotated[tuple[ContainerStatus, ...], Field(max_length=128), Keyed(("name",))] = ()
    """Containers and init containers whose image the current release moves; chosen when it first saw the workload."""

    step: TargetStep = TargetStep.PENDING
    """How far the workload has come in the current release."""

    promoted_time: Timestamp | None = None
    """When the image was written into the workload in the current release."""


class Release(ApiModel):
    """One release of a flow."""

    sequence: Annotated[int, Field(ge=1)]
    """Number of the release; it only grows."""

    image: ImageName
    """Image that is released."""

    trigger: Trigger
    """Why the release was started."""

    database_hash: ShortText = ""
    """Hash of the flow's database settings at the start."""

    run: ObjectName
    """Name of the release's MigrationRun."""

    run_outcome: Reason | None = None
    """How the run ended, once that is known."""

    migrated: bool = False
    """Whether the run changed the schema."""

    compatibility: Compatibility = Compatibility.BREAKING
    """Compatibility that the flow claimed for this image's migration."""

    aborted: bool = False
    """Whether a person asked for the end of this release."""

    outcome: Outcome | None = None
    """How the release ended; empty while it is under way."""

    outcome_reason: Reason | None = None
    """Why the release ended so."""

    start_time: Timestamp
    """When the release was started."""

    completion_time: Timestamp | None = None
    """When the release ended."""


class LastHandled(ApiModel):
    """The commands that were last acted on, or answered, as their annotations stood."""

    approve: ShortText = ""
    """Last value of releaseflow.dev/approve."""

    retry: ShortText = ""
    """Last value of releaseflow.dev/retry."""

    abort: ShortText = ""
    """Last value of releaseflow.dev/abort."""

    reconcile: ShortText = ""
    """Last value of releaseflow.dev/reconcile."""


class ReleaseFlowStatus(ApiModel):
    """What is known of a flow."""

    observed_generation: int = -1
    """Generation of the spec that this status speaks of; -1 before the operator has seen the flow."""

    sequence: Annotated[int, Field(ge=0)] = 0
    """Number of the newest release."""

    gate: ShortText = ""
    """Type of the condition of the gate that is closed, for example RunSucceeded; empty when all are open."""

    target_summary: ShortText = ""
    """Targets in one line, for the columns of kubectl get."""

    wanted_version: ShortText = ""
    """Version that spec.image names, its tag or 12 digits of its digest, for the columns of kubectl get."""

    live_version: ShortText = ""
    """Version that the targets run, for the columns of kubectl get; several are named one after the other."""

    live_image: SeenImage = ""
    """Image that the targets run, for the columns of kubectl get; several are named one after the other."""

    release: Release | None = None
    """The newest release."""

    targets: Annotated[tuple[TargetStatus, ...], Field(max_length=10), Keyed(("kind", "name"))] = ()
    """What is known of each target."""

    history: Annotated[tuple[Release, ...], Field(max_length=50)] = ()
    """Releases that ended, newest first."""

    failure: Failure | None = None
    """What went wrong, and what to do next; empty when nothing did."""

    last_handled: LastHandled | None = None
    """The commands that were last acted on."""

    conditions: Conditions = ()
    """One condition for each gate, in order, and those of kstatus: Ready, Reconciling, Stalled."""
