"""How a run takes the schema back to a version that an earlier run recorded."""

from releaseflow.api import commands
from releaseflow.api.schema.base import ApiModel, ObjectName, ShortText, Uid
from releaseflow.api.schema.cel import FieldValueErrorReason, Rule
from releaseflow.api.v1alpha1.operation import Operation
from releaseflow.presets.registry import PRESETS
from releaseflow.runners.registry import DEFAULT

WITH_DOWN = tuple(name for name, preset in PRESETS.items() if preset.down is not None)
"""Tools that have a command which goes down to a version."""
_IS_DOWN = "self.operation == 'Down'"
_FORBIDDEN = FieldValueErrorReason.FORBIDDEN


class Down(ApiModel):
    """With operation Down: the earlier run that this one undoes, and all that came after it.

    For example `{runName: shop-2-1b9c33a6f0}`. The version to go back to is what that run recorded before it migrated;
    the operator reads it there. The run has to be of the same database, and of the same tool.
    """

    run_name: ObjectName
    """Name of a MigrationRun of this namespace, for example `shop-2-1b9c33a6f0`."""


class DownTarget(ApiModel):
    """Where a Down goes back to."""

    run_uid: Uid
    """UID of the earlier run."""

    version: ShortText
    """The tool's bookkeeping as that run found it; a Down succeeded only where the database says the same again."""

    database_identity: ShortText
    """Hash of the system identifier and OID of the database that the run was for."""


def _only_down(holds: str, message: str, field: str) -> Rule:
    return Rule(f"!({_IS_DOWN}) || {holds}", message, field=field, reason=_FORBIDDEN)


DOWN_RULES = (
    Rule(
        f"has(self.down) == ({_IS_DOWN})",
        "operation Down and the run to go back before belong together: write operation: Down with down: {runName:"
        f" NAME}}, the name as {commands.show_runs('NAMESPACE')} prints it; or leave out both",
        field=".down",
    ),
    _only_down(
        "!has(self.flowRef)",
        "a flow only goes forward: leave out flowRef, and create the run by hand",
        ".flowRef",
    ),
    _only_down(
        f"(has(self.migration.tool) && self.migration.tool in {list(WITH_DOWN)})",
        f"there is no command that goes down to a version, only with tool {', '.join(WITH_DOWN)}: restore the backup"
        " of the earlier run instead",
        ".migration.tool",
    ),
    _only_down(
        f"self.migration.runIn == '{DEFAULT}'",
        f"what leads down is run by runIn {DEFAULT} alone: write it, or leave runIn out",
        ".migration.runIn",
    ),
    _only_down(
        "(!has(self.migration.arguments) || size(self.migration.arguments) == 0)",
        "arguments are for the command that migrates, and Down runs another: leave them out",
        ".migration.arguments",
    ),
    _only_down(
        "(!has(self.hooks) || size(self.hooks) == 0)",
        "hooks are for a migration, and Down runs none: leave them out",
        ".hooks",
    ),
    _only_down(
        "!has(self.backup.none)",
        "what goes down may delete data, and the backup says which database it is: write a place for it, or"
        " pointInTime",
        ".backup",
    ),
)
"""Holds for the spec of a run."""


def check_down(operation: Operation, down: Down | None) -> None:
    """See that a Down says where it goes.

    Raises:
        ValueError: It does not, which the API server refuses.
    """
    if operation is Operation.DOWN and down is None:
        raise ValueError("operation Down needs down: {runName: NAME}")
