"""MigrationRun: one check, backup and migration, and the durable record of them."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from releaseflow.api import commands
from releaseflow.api.schema.base import ApiModel, ImageName, Message, ObjectName, ShortText, Timestamp, Uid
from releaseflow.api.schema.cel import FieldValueErrorReason, ListMap, Rule
from releaseflow.api.v1alpha1.backup import BACKUP_NEEDS_CLIENT, Backup, check_backup_client
from releaseflow.api.v1alpha1.backup_status import BackupStatus, ExpiredBackup
from releaseflow.api.v1alpha1.conditions import Conditions
from releaseflow.api.v1alpha1.database import REPLACED_IS_RESERVED, Database, LeftBehind, SchemaStatus, needs_container
from releaseflow.api.v1alpha1.down import DOWN_RULES, Down, DownTarget, check_down
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.hooks import HookList
from releaseflow.api.v1alpha1.jobs import Jobs
from releaseflow.api.v1alpha1.lock_key import effective_lock_key
from releaseflow.api.v1alpha1.migration import IMAGE_HAS_TAG, SIDECARS_NEED_WORKLOAD, Migration, check_tag
from releaseflow.api.v1alpha1.operation import Operation, RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.startup import NEEDS_FLOW
from releaseflow.api.v1alpha1.steps import StepStatus
from releaseflow.api.v1alpha1.workload import WorkloadRef

FLOW_UID = Rule(
    "size(self) > 0",
    f"is empty: write the flow's UID, as {commands.print_flow_uid('NAMESPACE', 'NAME')} prints"
    " it, or leave out flowRef in a run made by hand",
    reason=FieldValueErrorReason.REQUIRED,
)


class FlowRef(ApiModel):
    """The flow that a run belongs to."""

    name: ObjectName
    """Name of the ReleaseFlow, in the run's own namespace."""

    uid: Annotated[Uid, FLOW_UID]
    """UID of the ReleaseFlow."""

    sequence: Annotated[int, Field(ge=1)]
    """Number of the release that the run is for."""

    role: RunRole = RunRole.MIGRATION
    """What the run is for in that release: its migration, or the hooks of one of three places."""


class MigrationRunSpec(ApiModel):
    """What to do: a snapshot that never changes. To do something else, create another run."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self == oldSelf",
            "the spec of a run never changes: leave it as it is and create another MigrationRun, with"
            f" {commands.CREATE}",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        Rule(
            "self.operation != 'Hook' || has(self.flowRef)",
            "hooks belong to a release: write them into spec.hooks of a ReleaseFlow, which creates their run",
            field=".operation",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        *DOWN_RULES,
        BACKUP_NEEDS_CLIENT,
        IMAGE_HAS_TAG,
        REPLACED_IS_RESERVED,
        needs_container("has(self.migration.workloadRef)"),
        SIDECARS_NEED_WORKLOAD,
        NEEDS_FLOW,
    )

    flow_ref: FlowRef | None = None
    """The flow that this run belongs to; leave it out in a run made by hand."""

    operation: Operation = Operation.MIGRATE
    """Migrate: check, back up and migrate. Hook: run the hooks of a release, and nothing else; a flow creates it. Down:
    back to the version that an earlier run found, with a run made by hand."""

    down: Down | None = None

    image: ImageName
    """Image whose migration is run, or of whose release the hooks are; for Down the newer one, which has the scripts
    that lead down."""

    database: Database = Database()
    backup: Backup
    migration: Migration
    jobs: Jobs = Jobs()

    hooks: HookList = ()
    """With operation Migrate: run before the backup, where something is pending. With operation Hook: run at once."""

    approval_required: bool = False
    """Wait, without the lock, until the annotation releaseflow.dev/approve names this run; then back up.

    The annotation is read on the flow; for a run made by hand, on the run itself.
    """

    accept_unknown_database: bool = False
    """State that the database may be used although an earlier migration failed or its outcome is unknown."""

    accept_empty_database: bool = False
    """State that a database without tables is the right one, although an earlier backup of it had some."""

    @model_validator(mode="after")
    def _can_be_run(self) -> Self:
        check_backup_client(self.database, self.backup)
        check_tag(self.image, self.migration)
        check_down(self.operation, self.down)
        return self

    @property
    def role(self) -> RunRole:
        """What the run is for in a release; a migration where it belongs to none."""
        return RunRole.MIGRATION if self.flow_ref is None else self.flow_ref.role

    @property
    def takes_lock(self) -> bool:
        """Whether the run touches the database, so that no other run may meanwhile."""
        return self.operation is not Operation.HOOK

    @property
    def inherits(self) -> bool:
        """Whether the steps take anything from a workload."""
        return self.migration.workload_ref is not None

    @property
    def workload_ref(self) -> WorkloadRef:
        """The workload to inherit from.

        Raises:
            ValueError: The steps inherit from none.
        """
        if self.migration.workload_ref is None:
            raise ValueError("the steps inherit from no workload")
        return self.migration.workload_ref

    @property
    def lock_key(self) -> str:
        """The key of the lock of its database."""
        return effective_lock_key(self.database, self.migration.workload_ref)


class MigrationRunStatus(ApiModel):
    """The durable record of a run."""

    observed_generation: int = -1
    """Generation of the spec that this status speaks of; -1 before the operator has seen the run."""

    operator_version: ShortText = ""
    """Version of the operator that wrote this status; a newer one leaves it until it has something to report."""

    conditions: Conditions = ()
    """One condition for each gate, in order, then Succeeded, and those of kstatus: Ready, Reconciling, Stalled."""

    steps: Annotated[tuple[StepStatus, ...], Field(max_length=32), ListMap(("name",))] = ()
    """What is known of each step."""

    approval_request_time: Timestamp | None = None
    """When the run began to wait for a person, and to give the database's lock back meanwhile."""

    approval_time: Timestamp | None = None
    """When the operator saw that a person had approved the migration; from then on the run does not ask again."""

    down: DownTarget | None = None
    """Where a Down goes back to, as the earlier run recorded it: read once, before anything is started."""

    backup: BackupStatus | None = None
    """The proven backup, the recorded point in time, or that none was taken."""

    expired_backups: Annotated[tuple[ExpiredBackup, ...], Field(max_length=3), ListMap(("location",))] = ()
    """Proven backups that grew too old before the migration could start; they are pruned with the next backup of the
    flow that follows a success."""

    database_identity: ShortText = ""
    """Hash of the database's system identifier and OID."""

    schema_before: SchemaStatus | None = None
    """Schema when the backup was taken or the point recorded; empty where neither was."""

    schema_after: SchemaStatus | None = None
    """Schema after the migration, also after one that failed, where the database could be asked."""

    database_state: LeftBehind | None = None
    """What a migration that did not succeed left in the database; empty where none was started, or it succeeded.

    Clean: schema and bookkeeping are as they were when the backup was taken; rows are not compared. Dirty: they are
    not. Unknown: the database was not asked yet, or cannot tell. In each case nothing is started on it before a person
    says so with the annotation releaseflow.dev/retry.
    """

    database_message: Message = ""
    """What differs, or why that is not known."""

    version: ShortText = ""
    """Version that spec.image names, its tag or 12 digits of its digest, for the columns of kubectl get."""

    backup_state: ShortText = ""
    """State of the backup, for the columns of kubectl get."""

    migration_state: ShortText = ""
    """State of the migration, for the columns of kubectl get."""

    outcome: Reason | None = None
    """How the run ended; empty while it is under way. It is final."""

    failure: Failure | None = None
    """What went wrong, and what to do next; empty when nothing did."""

    start_time: Timestamp | None = None
    """When the operator first reconciled the run."""

    completion_time: Timestamp | None = None
    """When the run ended."""

    duration: ShortText = ""
    """Time from the start of the run to its end, for the columns of kubectl get; empty while it is under way."""
