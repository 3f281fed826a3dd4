"""How a run backs up and migrates: what a user may set on its Jobs."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, Arguments, ObjectName
from releaseflow.api.schema.cel import ExactlyOne, OneOf, Refusal, Rule
from releaseflow.api.v1alpha1.pods import PodOptions
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.presets.registry import PRESETS


class VolumeClaim(ApiModel):
    """Backups go to a volume, one folder for each flow."""

    claim_name: ObjectName
    """Name of the PersistentVolumeClaim, in the namespace of the object that names it."""


class Backup(ApiModel):
    """A backup, taken and proven before each migration: exactly one place where it goes to, and its bounds.

    Without a proven backup nothing is migrated. The run's status has the command that restores it.
    """

    union = ExactlyOne(
        ("persistentVolumeClaim",),
        "needs exactly one place for backups: write persistentVolumeClaim: {claimName: shop-backups}, with the name of"
        " your claim",
    )

    persistent_volume_claim: VolumeClaim

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


class Migration(PodOptions):
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

    workload_ref: WorkloadRef | None = None
    """Workload and container that environment, volumes and security context are taken from.

    When left out in a flow: the first target, and the first container that the flow releases there. A MigrationRun
    made by hand names them.
    """

    check: Check = Check()

    deadline_seconds: Annotated[int, Field(ge=10, le=604_800)] = 21_600
    """Seconds after which a running migration is ended. Be generous: to kill an index build is worse than to wait."""

    compatibility: Compatibility = Compatibility.BREAKING
    """Additive: the old image reads and writes on the new schema. Breaking (default): it cannot, or that is unknown."""


class Jobs(ApiModel):
    """What holds for the Job of every step: check, backup and migration."""

    start_deadline_seconds: Annotated[int, Field(ge=5, le=86_400)] = 300
    """Seconds that a step's pod may take to start: image pull, missing Secret, no room, quota. Then it is given up."""
