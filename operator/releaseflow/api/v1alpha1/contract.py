"""The second half of a change of schema: what only the old version needed goes once that is gone."""

from typing import Annotated, ClassVar

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, Argument, Arguments
from releaseflow.api.schema.cel import FieldValueErrorReason, ListMap, Rule
from releaseflow.api.v1alpha1.check import Check
from releaseflow.api.v1alpha1.pods import EnvVar

_COMMAND = " || ".join(
    f"(has(self.contract.{field}) && size(self.contract.{field}) > 0)" for field in ("command", "args")
)
_ARGUMENTS = "!has(self.contract.arguments) || size(self.contract.arguments) == 0"
CONTRACT_HAS_COMMAND = Rule(
    f"!has(self.contract) || has(self.migration.tool) || {_COMMAND}",
    "nothing says how to contract: write contract.command, or name migration.tool",
    field=".contract",
    reason=FieldValueErrorReason.REQUIRED,
)
CONTRACT_ARGUMENTS_HAVE_TOOL = Rule(
    f"!has(self.contract) || has(self.migration.tool) || {_ARGUMENTS}",
    "without migration.tool there is no command that arguments could change: write them into contract.args",
    field=".contract.arguments",
    reason=FieldValueErrorReason.FORBIDDEN,
)
CONTRACT_NEEDS_TARGETS = Rule(
    "!has(self.contract) || ((has(self.targets) || has(self.targetSelector)) && self.mode != 'Follow')",
    "without targets, or with mode Follow, it is not known when the old version is gone: leave contract out, or name"
    " the targets and write mode: Promote",
    field=".contract",
    reason=FieldValueErrorReason.FORBIDDEN,
)
CONTRACT_IS_APPROVED = Rule(
    "has(self.contract) || !has(self.approvals) || !('BeforeContract' in self.approvals)",
    "there is no contract to approve: write contract, or leave BeforeContract out of approvals",
    field=".approvals",
)
CONTRACT_RULES = (CONTRACT_HAS_COMMAND, CONTRACT_ARGUMENTS_HAVE_TOOL, CONTRACT_NEEDS_TARGETS, CONTRACT_IS_APPROVED)
"""Hold for a flow."""


class Contract(ApiModel):
    """The migrations that drop what only the old version needed: a run of its own, once that version is gone.

    For example `{soakSeconds: 86400}` with `migration.env` that keeps them back, or `{command: [make, contract]}`. It
    has its own check, backup, lock and proof. A failure leaves the release as it is. When left out, there is none.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.arguments) || size(self.arguments) == 0 || ((!has(self.command) || size(self.command) == 0)"
            " && (!has(self.args) || size(self.args) == 0))",
            "arguments are for the tool's own command: leave them out, or leave out command and args",
            field=".arguments",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        Rule(
            "!has(self.check.folder)",
            "compares all files with what was applied, and so cannot tell those that were kept back: leave folder out,"
            " or give check.command",
            field=".check.folder",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
    )

    command: Arguments = ()
    """Command that contracts, for example `[make, contract]`; when left out, the tool's own."""

    args: Arguments = ()
    """Arguments for command or, without one, for the image's entrypoint, for example `[contract]`."""

    arguments: Annotated[tuple[Argument, ...], Field(max_length=32)] = ()
    """With tool: added to the command that migrates, in place of `migration.arguments`."""

    env: Annotated[tuple[EnvVar, ...], Field(max_length=16), ListMap(("name",))] = ()
    """Variables of check and migration, in place of `migration.env`.

    So a variable there that keeps these migrations back, for example `SKIP_POST_DEPLOYMENT_MIGRATIONS`, does not hold
    here.
    """

    check: Check = Check()

    soak_seconds: Annotated[int, Field(ge=0, le=2_592_000)] = 3_600
    """Seconds from the end of the release until the contract begins: so long the old version can be put back."""

    deadline_seconds: Annotated[int, Field(ge=10, le=604_800)] = 21_600
    """Seconds after which a running contract is ended. Be generous."""
