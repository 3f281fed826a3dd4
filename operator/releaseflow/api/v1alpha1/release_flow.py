"""ReleaseFlow: move workloads to an image once their database is ready for it."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from releaseflow.api.schema.base import ApiModel, ImageName, SeenImage, ShortText
from releaseflow.api.schema.cel import FieldValueErrorReason, ListMap, ListSet, Rule
from releaseflow.api.v1alpha1.backup import BACKUP_NEEDS_CLIENT, Backup, check_backup_client
from releaseflow.api.v1alpha1.conditions import Conditions
from releaseflow.api.v1alpha1.contract import CONTRACT_RULES, Contract
from releaseflow.api.v1alpha1.database import REPLACED_IS_RESERVED, Database, needs_container
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.hooks import Hooks
from releaseflow.api.v1alpha1.jobs import Jobs
from releaseflow.api.v1alpha1.migration import IMAGE_HAS_TAG, SIDECARS_NEED_WORKLOAD, Migration, check_tag
from releaseflow.api.v1alpha1.promotion import Mode, Promotion
from releaseflow.api.v1alpha1.release import Release
from releaseflow.api.v1alpha1.running_container import NO_TARGET, PROMOTES
from releaseflow.api.v1alpha1.startup import FLOW_RULES
from releaseflow.api.v1alpha1.target import Target, TargetStatus
from releaseflow.api.v1alpha1.target_selector import ARE_HELD, HAS_TARGETS, MOST_TARGETS, SELECTOR_RULES, TargetSelector
from releaseflow.api.v1alpha1.workload import CAN_BE_HELD


class Approval(StrEnum):
    """What waits for a person."""

    BEFORE_MIGRATION = "BeforeMigration"
    BEFORE_PROMOTION = "BeforePromotion"
    BEFORE_CONTRACT = "BeforeContract"


class ReleaseFlowSpec(ApiModel):
    """What to release, onto which workloads, with which database.

    A change of `image`, or of `database` but for its `client` and `lockKey`, starts a release; every other change
    holds from the next release on.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self.mode != 'Promote' || has(self.image)",
            "nothing says what to release: write image, for example ghcr.io/acme/shop:1.4.2, or mode: Gate or Follow"
            " where the targets name it",
            field=".image",
            reason=FieldValueErrorReason.REQUIRED,
        ),
        Rule(
            "self.mode == 'Promote' || !has(self.image)",
            "with this mode the targets name the image: leave image out, or write mode: Promote",
            field=".image",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        Rule(
            f"self.mode == 'Promote' || {HAS_TARGETS}",
            "nothing names the image: write targets: [{name: shop}], with the name of your Deployment",
            field=".targets",
            reason=FieldValueErrorReason.REQUIRED,
        ),
        Rule(
            "self.mode != 'Follow' || !has(self.approvals) || !('BeforePromotion' in self.approvals)",
            "with mode Follow nothing is promoted that could wait: leave BeforePromotion out, or write mode: Promote",
            field=".approvals",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        Rule(
            "self.mode == 'Promote' || self.promotion.onRolloutFailure != 'Rollback'",
            "with this mode the image stays where it was written, and nothing else is put back: leave onRolloutFailure"
            " out, or write mode: Promote",
            field=".promotion.onRolloutFailure",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        Rule(
            f"self.mode != 'Gate' || !has(self.targets) || self.targets.all(t, t.kind in {CAN_BE_HELD})",
            ARE_HELD,
            field=".targets",
            reason=FieldValueErrorReason.INVALID,
        ),
        *SELECTOR_RULES,
        *CONTRACT_RULES,
        BACKUP_NEEDS_CLIENT,
        replace(IMAGE_HAS_TAG, holds=f"!has(self.image) || {IMAGE_HAS_TAG.holds}"),
        REPLACED_IS_RESERVED,
        *FLOW_RULES,
        needs_container("has(self.targets) || has(self.migration.workloadRef)"),
        replace(SIDECARS_NEED_WORKLOAD, holds=f"has(self.targets) || {SIDECARS_NEED_WORKLOAD.holds}"),
        NO_TARGET,
        PROMOTES,
        Rule(
            f"{HAS_TARGETS} || !has(self.approvals) || !('BeforePromotion' in self.approvals)",
            "without targets there is no promotion to approve: write approvals: [BeforeMigration], or name the targets",
            field=".approvals",
        ),
        Rule(
            f"({HAS_TARGETS} && self.mode != 'Follow') || !has(self.hooks)"
            " || ((!has(self.hooks.beforePromotion) || size(self.hooks.beforePromotion) == 0)"
            " && (!has(self.hooks.afterRollout) || size(self.hooks.afterRollout) == 0))",
            "without targets, or with mode Follow, there is neither promotion nor rollout of ours: write"
            " hooks.beforeMigration or hooks.onFailure, or name the targets and write mode: Promote",
            field=".hooks",
        ),
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
    """Promote: the flow names the image, and writes it into the targets once its migration has succeeded.

    Without targets it only migrates, and is Ready once the database is. Follow: the targets name the image, and nothing
    holds them back: it is migrated at the same time as its pods roll out, with no promise which is first. The operator
    writes no image then, and Ready says `ungated`. Gate: the targets name the image too, and admission pauses a target
    with the label `releaseflow.dev/gate: NAME-OF-FLOW` whenever its images change, until the migration has succeeded.
    It needs Kubernetes 1.36 and the chart's policies.
    """

    image: ImageName | None = None
    """Image to release, for example `ghcr.io/acme/shop:1.4.2`: its migration runs first, then the targets get it.

    A digest (`@sha256:`) is best: with a tag that was moved, the pods may run something else than what migrated. Needed
    with mode Promote; left out with Follow and Gate, where the targets name it.
    """

    revision: ShortText = ""
    """Any text that differs with each change of the application, for example Helm's `{{ .Release.Revision }}`.

    Nothing is released for it. It makes tools that wait for the flow wait until the operator has read its targets after
    that change: `helm upgrade --wait` passes over a Deployment that is held.
    """

    targets: Annotated[tuple[Target, ...], Field(min_length=1, max_length=MOST_TARGETS), ListMap(("kind", "name"))] = ()
    """Workloads that get the image, in this order or at once (promotion.order); with Follow and Gate they name it.

    When left out, the flow only migrates: Ready says that the database is ready for the image, and something else puts
    it into the workloads.
    """

    target_selector: TargetSelector | None = None
    database: Database = Database()
    backup: Backup
    migration: Migration

    approvals: Annotated[tuple[Approval, ...], Field(max_length=3), ListSet()] = ()
    """Wait for a person: `[BeforeMigration]`, `[BeforePromotion]`, `[BeforeContract]`, or several, each by itself.

    Approve with the annotation releaseflow.dev/approve, as the message of the condition Ready says. When left out,
    nothing waits.
    """

    contract: Contract | None = None
    hooks: Hooks = Hooks()
    promotion: Promotion = Promotion()
    jobs: Jobs = Jobs()

    history_limit: Annotated[int, Field(ge=1, le=50)] = 10
    """How many finished runs, and releases in status.history, are kept."""

    suspend: bool = False
    """Start nothing new; a running migration finishes, and is not promoted."""

    @property
    def has_targets(self) -> bool:
        """Whether it has targets to move, named or chosen: also where none is chosen at the moment."""
        return bool(self.targets) or self.target_selector is not None

    @model_validator(mode="after")
    def _can_be_backed_up(self) -> Self:
        check_backup_client(self.database, self.backup)
        if self.image is not None:
            check_tag(self.image, self.migration)
        return self


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

    operator_version: ShortText = ""
    """Version of the operator that wrote this status; a newer one leaves it until it has something to report."""

    sequence: Annotated[int, Field(ge=0)] = 0
    """Number of the newest release."""

    gate: ShortText = ""
    """Type of the condition of the gate that is closed, for example RunSucceeded; empty when all are open."""

    target_summary: ShortText = ""
    """Targets in one line, for the columns of kubectl get."""

    wanted_image: SeenImage = ""
    """Image that is wanted: the one that spec.image names or, where the targets name it, the newest one of theirs."""

    wanted_version: ShortText = ""
    """Version that the wanted image names, its tag or 12 digits of its digest, for the columns of kubectl get."""

    live_version: ShortText = ""
    """Version that the targets run, for the columns of kubectl get; several are named one after the other."""

    live_image: SeenImage = ""
    """Image that the targets run, for the columns of kubectl get; several are named one after the other."""

    release: Release | None = None
    """The newest release."""

    targets: Annotated[tuple[TargetStatus, ...], Field(max_length=MOST_TARGETS), ListMap(("kind", "name"))] = ()
    """What is known of each target."""

    runner: TargetStatus | None = None
    """With runIn RunningContainer: what is known of the workload that the commands are executed in."""

    history: Annotated[tuple[Release, ...], Field(max_length=50)] = ()
    """Releases that ended, newest first."""

    failure: Failure | None = None
    """What went wrong, and what to do next; empty when nothing did."""

    last_handled: LastHandled | None = None
    """The commands that were last acted on."""

    conditions: Conditions = ()
    """One condition for each gate, in order, and those of kstatus: Ready, Reconciling, Stalled.

    Without targets RunSucceeded is the only gate; with mode Follow it is the last one.
    """

    @property
    def is_under_way(self) -> bool:
        """Whether a release is under way: the newest one has not ended."""
        return self.release is not None and self.release.outcome is None
