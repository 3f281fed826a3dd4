"""How a run finds out whether anything is pending."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, Arguments, FolderPath
from releaseflow.api.schema.cel import FieldValueErrorReason, Rule
from releaseflow.presets.registry import PRESETS


class CheckPolicy(StrEnum):
    """Whether a run checks for pending migrations before it backs up."""

    AUTO = "Auto"
    NEVER = "Never"


BY_FILES = tuple(name for name, preset in PRESETS.items() if preset.check.files is not None)
"""Tools whose migrations can be compared by the names of their files."""
_FOLDER = f"""With tool: the folder of its migrations in the image, for example `/app/migrations`.

The check then compares the names of the files there with what the tool has recorded in the database; they are mounted,
nothing of the image runs. Nothing is pending only where both are the same; so it has to be the only folder that the
tool takes migrations from. For {", ".join(BY_FILES)}; it needs Kubernetes 1.35 or later. When left out: the tool's own
check, where it has one."""


class Check(ApiModel):
    """How a run finds out whether anything is pending; if nothing is, it ends without a backup and a migration.

    For example `{command: [make, pending]}`. When left out: the tool's own check. Where it has none, as with a command,
    every release backs up and migrates.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self.policy == 'Auto' || !has(self.command) || size(self.command) == 0",
            "policy Never runs no check: leave out check.command, or set policy to Auto",
            field=".command",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        Rule(
            "!has(self.folder) || (self.policy == 'Auto' && (!has(self.command) || size(self.command) == 0))",
            "is asked only where nothing else is: leave it out, or leave out check.command, and policy Never",
            field=".folder",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
    )

    policy: CheckPolicy = CheckPolicy.AUTO
    """Auto: the given command, else the tool's own check where it is trustworthy. Never: always back up and migrate."""

    command: Arguments = ()
    """Command that exits with 0 when nothing is pending, for example `[make, pending]`; any other code: something is.

    It must write nothing. Codes 126 to 192 are no answer: it could not be run, or was killed. It is run again, three
    times at the most.
    """

    folder: FolderPath | None = Field(None, description=_FOLDER)

    deadline_seconds: Annotated[int, Field(ge=10, le=86_400)] = 600
    """Seconds after which one attempt at the check is given up. An application that boots slowly may need more."""
