"""The kinds of the API, with what their CRDs say besides the schema."""

from dataclasses import dataclass

from releaseflow.api.schema.base import ApiModel
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus

READY = '.status.conditions[?(@.type=="Ready")]'


@dataclass(frozen=True, slots=True)
class Column:
    """A column that `kubectl get` prints."""

    name: str
    """Heading of the column."""

    path: str
    """Path of its value in the object."""

    description: str
    """What it tells."""

    kind: str = "string"
    """Type of its value: string, boolean or date."""

    wide: bool = False
    """Whether it is only printed by `-o wide`."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind that users read and write with kubectl."""

    name: str
    plural: str
    short_name: str
    description: str
    spec: type[ApiModel]
    status: type[ApiModel]
    columns: tuple[Column, ...]

    selectable: tuple[str, ...]
    """Fields that `kubectl get --field-selector` can select by."""

    example: str
    """The smallest object that does something, in YAML."""


STATE_COLUMNS = (
    Column("Ready", f"{READY}.status", "Whether all is as asked for"),
    Column("Reason", f"{READY}.reason", "Why, in one word of docs/reference/reasons.md"),
)
AGE = Column("Age", ".metadata.creationTimestamp", "Time since the object was created", kind="date")
MESSAGE = Column("Message", f"{READY}.message", "Why, in words, and what to do next", wide=True)

RELEASE_FLOW = Kind(
    name="ReleaseFlow",
    plural="releaseflows",
    short_name="rflow",
    description="Moves workloads to an image once their database is ready for it: backed up first, then migrated with"
    " that image. Until both are known to have succeeded the image before keeps serving.",
    spec=ReleaseFlowSpec,
    status=ReleaseFlowStatus,
    columns=(
        Column("Targets", ".status.targetSummary", "Workloads that get the image"),
        Column("Wanted", ".status.wantedVersion", "Version to release: the image's tag, or 12 digits of its digest"),
        Column("Live", ".status.liveVersion", "Version that the targets run"),
        Column("Gate", ".status.gate", "First gate that is closed; empty when all are open"),
        *STATE_COLUMNS,
        AGE,
        Column("Wanted Image", ".status.wantedImage", "Image to release", wide=True),
        Column("Live Image", ".status.liveImage", "Image that the targets run", wide=True),
        Column("Suspended", ".spec.suspend", "Whether nothing new is started", kind="boolean", wide=True),
        MESSAGE,
    ),
    selectable=(".spec.image", ".spec.suspend", ".status.gate"),
    example="""\
apiVersion: releaseflow.dev/v1alpha1
kind: ReleaseFlow
metadata: {name: shop}
spec:
  image: ghcr.io/acme/shop:1.4.2
  targets: [{name: shop}]
  database: {urlSecretRef: {name: shop-db, key: url}}
  backup: {persistentVolumeClaim: {claimName: shop-backups}}
  migration: {tool: Django}
""",
)

MIGRATION_RUN = Kind(
    name="MigrationRun",
    plural="migrationruns",
    short_name="mrun",
    description="One check, backup and migration of a database, and the durable record of them. Made by a ReleaseFlow"
    " for each release, or by hand for a migration that promotes nothing. It never runs a second time: create another.",
    spec=MigrationRunSpec,
    status=MigrationRunStatus,
    columns=(
        Column("Flow", ".spec.flowRef.name", "Flow that the run belongs to; empty in a run made by hand"),
        Column("Version", ".status.version", "Version whose migration is run"),
        Column("Backup", ".status.backupState", "State of the backup"),
        Column("Migration", ".status.migrationState", "State of the migration"),
        *STATE_COLUMNS,
        Column("Duration", ".status.duration", "How long the run took; empty while it is under way"),
        AGE,
        Column("Image", ".spec.image", "Image whose migration is run", wide=True),
        MESSAGE,
    ),
    selectable=(".spec.flowRef.name", ".spec.image", ".status.outcome"),
    example="""\
apiVersion: releaseflow.dev/v1alpha1
kind: MigrationRun
metadata: {generateName: shop-by-hand-}
spec:
  image: ghcr.io/acme/shop:1.4.2
  database: {urlSecretRef: {name: shop-db, key: url}}
  backup: {persistentVolumeClaim: {claimName: shop-backups}}
  migration: {tool: Django, workloadRef: {name: shop}}
""",
)

KINDS = (RELEASE_FLOW, MIGRATION_RUN)
