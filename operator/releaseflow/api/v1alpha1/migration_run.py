"""MigrationRun: one check, backup and migration, and the durable record of them."""

from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from releaseflow.api import commands
from releaseflow.api.schema.base import (
    ApiModel,
    ExitCode,
    ImageName,
    ObjectName,
    SeenImage,
    ShortText,
    Timestamp,
    Uid,
)
from releaseflow.api.schema.cel import Keyed, Refusal, Rule
from releaseflow.api.v1alpha1.conditions import Conditions
from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import Backup, Jobs, Migration
from releaseflow.api.v1alpha1.workload import WorkloadRef

FLOW_UID = Rule(
    "size(self) > 0",
    f"is empty: write the flow's UID, as {commands.print_flow_uid('NAMESPACE', 'NAME')} prints"
    " it, or leave out flowRef in a run made by hand",
    refusal=Refusal.REQUIRED,
)
NO_WORKLOAD = (
    "a run has no targets to take environment, volumes and security context from: name the workload, for example"
    " workloadRef: {name: shop, container: web}"
)


class FlowRef(ApiModel):
    """The flow that a run belongs to."""

    name: ObjectName
    """Name of the ReleaseFlow, in the run's own namespace."""

    uid: Annotated[Uid, FLOW_UID]
    """UID of the ReleaseFlow."""

    sequence: Annotated[int, Field(ge=1)]
    """Number of the release that the run is for."""


class MigrationRunSpec(ApiModel):
    """What to do: a snapshot that never changes. To do something else, create another run."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self == oldSelf",
            "the spec of a run never changes: leave it as it is and create another MigrationRun, with"
            f" {commands.CREATE}",
            refusal=Refusal.FORBIDDEN,
        ),
        Rule(
            "!self.approvalRequired || has(self.flowRef)",
            "a run made by hand has no flow to approve it on: leave out approvalRequired, or create the run when it may"
            " migrate",
            field=".approvalRequired",
        ),
        Rule(
            "has(self.migration.workloadRef)",
            NO_WORKLOAD,
            field=".migration.workloadRef",
            refusal=Refusal.REQUIRED,
        ),
    )

    flow_ref: FlowRef | None = None
    """The flow that this run belongs to; leave it out in a run made by hand."""

    image: ImageName
    """Image whose migration is run."""

    database: Database
    backup: Backup
    migration: Migration
    jobs: Jobs = Jobs()

    approval_required: bool = False
    """Wait before the migration until the flow's annotation releaseflow.dev/approve names this run."""

    accept_unknown_database: bool = False
    """State that the database may be used although an earlier migration failed or its outcome is unknown."""

    accept_empty_database: bool = False
    """State that a database without tables is the right one, although an earlier backup of it had some."""

    @model_validator(mode="after")
    def _names_a_workload(self) -> Self:
        _ = self.workload_ref
        return self

    @property
    def workload_ref(self) -> WorkloadRef:
        """The workload to inherit from.

        Raises:
            ValueError: The run names none, which the API server refuses.
        """
        if self.migration.workload_ref is None:
            raise ValueError(NO_WORKLOAD)
        return self.migration.workload_ref


class StepType(StrEnum):
    """What kind of thing a run does with a Job."""

    CHECK = "Check"
    BACKUP = "Backup"
    MIGRATE = "Migrate"


class StepOutcome(StrEnum):
    """How a step ended."""

    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class StepStatus(ApiModel):
    """What is known of one step."""

    name: Annotated[str, Field(max_length=63)]
    """Name of the step, one of its kind in a run, for example migrate."""

    type: StepType
    """What the step does: Check, Backup or Migrate."""

    attempt: Annotated[int, Field(ge=1, le=16)] = 1
    """Number of the attempt; a migration has only one."""

    unreachable: Annotated[int, Field(ge=0, le=13)] = 0
    """How many attempts before this one could not reach the database: they are repeated for about ten minutes."""

    job_name: ObjectName
    """Name of the attempt's Job."""

    job_uid: Uid = ""
    """UID of the attempt's Job. A migration is not started before this is recorded."""

    template_hash: ShortText = ""
    """Hash of the Job's pod template, as it was when the attempt was decided on."""

    outcome: StepOutcome | None = None
    """How the step ended; empty while it is under way."""

    exit_code: ExitCode | None = None
    """Exit code of the container that decided the outcome."""

    image_id: SeenImage = ""
    """Image ID that the container runtime reported for the migration's container."""

    pod_name: ShortText = ""
    """Pod that the step was last seen in."""

    given_up: Reason | None = None
    """Why a migration's Job is being suspended before its pod started."""

    start_time: Timestamp | None = None
    """When the attempt was decided on."""

    completion_time: Timestamp | None = None
    """When the outcome was recorded."""


class BackupMethod(StrEnum):
    """How the way back was made: the member of spec.backup that asked for it."""

    PERSISTENT_VOLUME_CLAIM = "PersistentVolumeClaim"


class BackupStatus(ApiModel):
    """A proven backup: where it is, how it was proven, how to restore it."""

    method: BackupMethod
    """How the backup was made: PersistentVolumeClaim is a dump to a volume."""

    location: Annotated[str, Field(max_length=1024)] = ""
    """Where the backup is, as a URI: pvc://CLAIM/PATH is a file in a PersistentVolumeClaim of the run's namespace."""

    size_bytes: Annotated[int, Field(ge=0)] = 0
    """Size of the backup in bytes."""

    sha256: Annotated[str, Field(max_length=64)] = ""
    """SHA-256 of the backup, taken when it was written."""

    duration_seconds: Annotated[int, Field(ge=0)] = 0
    """Seconds that the dump took."""

    server_version: ShortText = ""
    """Version of the database server."""

    client_version: ShortText = ""
    """Version of the program that took the backup."""

    tables: Annotated[int, Field(ge=0)] = 0
    """Number of tables in the database when the backup was taken."""

    proof: ShortText = ""
    """How the backup was proven."""

    restore_command: Annotated[str, Field(max_length=4096)] = ""
    """Command that restores exactly this backup into an empty database."""

    warning: ShortText = ""
    """Why old backups could not be removed; empty where all that should be gone is gone."""

    completion_time: Timestamp | None = None
    """When the backup was proven."""


class SchemaStatus(ApiModel):
    """The database's own word on its schema."""

    version: ShortText = ""
    """The migration tool's bookkeeping, in one line; empty where none was found."""

    fingerprint: Annotated[str, Field(max_length=64)] = ""
    """Hash of all tables, columns, indexes, constraints, views, functions and types."""


class MigrationRunStatus(ApiModel):
    """The durable record of a run."""

    observed_generation: int = -1
    """Generation of the spec that this status speaks of; -1 before the operator has seen the run."""

    conditions: Conditions = ()
    """One condition for each gate, in order, then Succeeded, and those of kstatus: Ready, Reconciling, Stalled."""

    steps: Annotated[tuple[StepStatus, ...], Field(max_length=32), Keyed(("name",))] = ()
    """What is known of each step."""

    backup: BackupStatus | None = None
    """The proven backup."""

    database_identity: ShortText = ""
    """Hash of the database's system identifier and OID."""

    schema_before: SchemaStatus | None = None
    """Schema when the backup was taken."""

    schema_after: SchemaStatus | None = None
    """Schema after the migration."""

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
