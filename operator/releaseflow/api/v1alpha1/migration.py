"""How the schema is migrated."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from releaseflow.api.schema.base import Arguments
from releaseflow.api.schema.cel import EnumOf, FieldValueErrorReason, Rule
from releaseflow.api.v1alpha1.check import Check
from releaseflow.api.v1alpha1.pods import PodOptions
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.presets.registry import PRESETS


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
            reason=FieldValueErrorReason.REQUIRED,
        ),
        Rule(
            "!has(self.tool) || ((!has(self.command) || size(self.command) == 0)"
            " && (!has(self.args) || size(self.args) == 0))",
            "tool has commands of its own: leave out tool to give a command or args, or leave out both of them",
            field=".tool",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
    )

    tool: Annotated[str, EnumOf(tuple(PRESETS))] | None = None
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
