"""How a run backs up and migrates: what a user may set on its Jobs."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, Argument, Arguments, ContainerName, ImageName, KeyName, ObjectName
from releaseflow.api.schema.cel import Keyed, OneOf, Refusal, Rule, Spelling
from releaseflow.api.v1alpha1.database import SecretKeyRef
from releaseflow.presets.registry import PRESETS

CPU = Spelling(
    r"^([0-9]+m|[0-9]+(\.[0-9]{1,3})?)$",
    "is not an amount of CPU: write cores or thousandths of one, for example 2 or 500m",
)
MEMORY = Spelling(
    r"^[0-9]+(\.[0-9]+)?(k|Ki|M|Mi|G|Gi|T|Ti)?$",
    "is not an amount of memory: write a number and Mi or Gi, for example 256Mi (256m would be a fraction of a byte)",
)
VARIABLE = Spelling(
    r"^[A-Za-z_][A-Za-z0-9_]*$",
    "is not a variable's name: write letters, digits and '_', not beginning with a digit, for example LOG_LEVEL",
)
NOT_RESERVED = Rule(
    "!(self in ['DATABASE_URL', 'PGAPPNAME']) && !self.startsWith('RELEASEFLOW_')",
    "is set by the operator: leave it out here; the connection URL comes from spec.database.urlSecretRef, and for"
    " anything else take another name",
    refusal=Refusal.FORBIDDEN,
)


class ConfigMapKeyRef(ApiModel):
    """One key of a ConfigMap in the namespace of the object that names it."""

    name: ObjectName
    """Name of the ConfigMap."""

    key: KeyName
    """Key in the ConfigMap whose value is meant."""


class EnvVar(ApiModel):
    """An environment variable for a step; exactly one of value, secretKeyRef and configMapKeyRef."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "[has(self.value), has(self.secretKeyRef), has(self.configMapKeyRef)].exists_one(given, given)",
            "needs exactly one of value, secretKeyRef and configMapKeyRef; for an empty variable write value: ''",
        ),
    )

    name: Annotated[str, Field(max_length=253), VARIABLE, NOT_RESERVED]
    """Name of the variable. DATABASE_URL, PGAPPNAME and names that begin with RELEASEFLOW_ are set by the operator."""

    value: Argument | None = None
    """Value as it stands here. Put nothing secret into it."""

    secret_key_ref: SecretKeyRef | None = None
    """Take the value from a Secret."""

    config_map_key_ref: ConfigMapKeyRef | None = None
    """Take the value from a ConfigMap."""


class Resources(ApiModel):
    """Compute resources of a step's containers."""

    cpu: Annotated[str, Field(max_length=32), CPU] | None = None
    """CPU to request, for example `500m`. There is no CPU limit: a throttled migration holds its locks longer."""

    memory: Annotated[str, Field(max_length=32), MEMORY] | None = None
    """Memory to request and to be limited to, for example `256Mi`."""


class StepOptions(ApiModel):
    """What every step may be given."""

    env: Annotated[tuple[EnvVar, ...], Field(max_length=64), Keyed(("name",))] = ()
    """More environment variables for the step's containers; they win over inherited ones."""

    resources: Resources = Resources()
    """Compute resources of the step's containers; the operator's defaults when left out."""

    service_account_name: ObjectName | None = None
    """ServiceAccount of the step's pod. Its token is mounted only where a name stands here."""


class Backup(StepOptions):
    """A backup to a volume claim, taken and proven before each migration.

    Without a proven backup nothing is migrated. The command that restores it stands in the run's status.
    """

    volume_claim_name: ObjectName
    """PersistentVolumeClaim that backups are written to, one folder for each flow."""

    client_image: ImageName | None = None
    """Image with the database's client programs; the operator's default when left out.

    It needs a shell, and a client of the server's major version or newer.
    """

    deadline_seconds: Annotated[int, Field(ge=10, le=604_800)] = 2700
    """Seconds after which one attempt at a backup is given up."""

    retain: Annotated[int, Field(ge=1, le=100)] = 5
    """How many proven backups of successful runs are kept; older ones are pruned once a newer one is proven."""

    minimum_size_bytes: Annotated[int, Field(ge=1, le=1_000_000_000_000_000)] = 1
    """Bytes below which a backup is not believed."""


class CheckPolicy(StrEnum):
    """Whether a run checks for pending migrations before it backs up."""

    AUTO = "Auto"
    NEVER = "Never"


class Check(ApiModel):
    """How a run finds out whether anything is pending; if nothing is, it ends without a backup and a migration."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self.policy == 'Auto' || !has(self.command) || size(self.command) == 0",
            "policy Never runs no check: leave out check.command, or set policy to Auto",
            field=".command",
            refusal=Refusal.FORBIDDEN,
        ),
    )

    policy: CheckPolicy = CheckPolicy.AUTO
    """Auto: the given command, else the tool's own check where it is trustworthy. Never: always back up and migrate."""

    command: Arguments = ()
    """Command that exits with 0 when nothing is pending; any other code means that something is.

    Codes 126 to 192 are no answer: it could not be run, or was killed. It is run again, three times at the most.
    """

    deadline_seconds: Annotated[int, Field(ge=10, le=86_400)] = 600
    """Seconds after which one attempt at the check is given up. An application that boots slowly may need more."""


class Compatibility(StrEnum):
    """Whether the image before may run on the schema after."""

    ADDITIVE = "Additive"
    BREAKING = "Breaking"


class Migration(StepOptions):
    """How the schema is migrated: with the new image, once the backup is proven, and only once.

    Write `tool` for a migration tool that ReleaseFlow knows, or `command` for any other. It runs in a pod of its own
    that takes environment, volumes and security context from a container of the workload. A migration is never
    repeated by itself: after a failure repair the image, release it, and set the annotation releaseflow.dev/retry.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.tool) || (has(self.command) && size(self.command) > 0)"
            " || (has(self.args) && size(self.args) > 0)",
            f"nothing says how to migrate: write tool ({', '.join(PRESETS)}), or a command, for example"
            " command: [make, migrate]",
            field=".tool",
            refusal=Refusal.REQUIRED,
        ),
        Rule(
            "!has(self.tool) || ((!has(self.command) || size(self.command) == 0)"
            " && (!has(self.args) || size(self.args) == 0))",
            "tool has commands of its own: leave out tool to give a command or args, or leave out both of them",
            field=".tool",
            refusal=Refusal.FORBIDDEN,
        ),
    )

    tool: Annotated[str, OneOf(tuple(PRESETS))] | None = None
    """Migration tool whose commands are used; the reference of tools says which they are.

    For any other tool leave it out, and give `command` or `args` instead.
    """

    command: Arguments = ()
    """Command that migrates, for example `[make, migrate]`.

    It runs in the new image and replaces its entrypoint. No shell is involved unless you name one.
    """

    args: Arguments = ()
    """Arguments for command or, without one, for the image's entrypoint."""

    container: ContainerName | None = None
    """Container that environment, volumes and security context are taken from; it belongs to the first target.

    The first one that the flow releases there when left out. In a MigrationRun, write workloadRef.container instead.
    """

    check: Check = Check()

    deadline_seconds: Annotated[int, Field(ge=10, le=604_800)] = 21_600
    """Seconds after which a running migration is ended. Be generous: to kill an index build is worse than to wait."""

    compatibility: Compatibility = Compatibility.BREAKING
    """Additive: the old image can read and write on the new schema. Breaking: it cannot, or nobody has said so."""


class Jobs(ApiModel):
    """What holds for the Job of every step: check, backup and migration."""

    start_deadline_seconds: Annotated[int, Field(ge=5, le=86_400)] = 300
    """Seconds that a step's pod may take to start: image pull, missing Secret, no room, quota. Then it is given up."""
