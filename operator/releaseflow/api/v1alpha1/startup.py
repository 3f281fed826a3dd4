"""What a migration at the start of the pods asks of the rest: the rules of the API server, and of `startCommand`."""

from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import Argument
from releaseflow.api.schema.cel import FieldValueErrorReason, Rule
from releaseflow.api.v1alpha1.workload import MAKE_JOBS

WAY = "Startup"
"""Value of `migration.runIn`."""
StartCommand = Annotated[tuple[Argument, ...], Field(min_length=1, max_length=64)]
_ELSEWHERE = f"self.migration.runIn != '{WAY}'"


def _shares(field: str, given: str, instead: str) -> Rule:
    return Rule(
        f"!has(self.startCommand) || !has(self.{field}) || !({given})",
        f"startCommand runs the migration in the application's own container: leave {field} out and {instead}, or leave"
        " startCommand out",
        field=f".{field}",
        reason=FieldValueErrorReason.FORBIDDEN,
    )


_RESOURCES = " || ".join(
    f"(has(self.resources.{part}) && has(self.resources.{part}.{name}))"
    for part in ("requests", "limits")
    for name in ("cpu", "memory")
)

START_COMMAND_RULES = (
    Rule(
        "!has(self.startCommand) || has(self.tool) || (has(self.command) && size(self.command) > 0)",
        "startCommand takes the place of the image's entrypoint, so args alone do not say how to migrate: write tool or"
        " command",
        field=".startCommand",
    ),
    _shares("env", "size(self.env) > 0", "set the variables in the target"),
    _shares("workingDir", "true", "set it in the target"),
    _shares("runAsUser", "true", "set it in the target"),
    _shares("resources", _RESOURCES, "set them in the target"),
)
"""Hold for a migration."""

FLOW_RULES = (
    Rule(
        f"{_ELSEWHERE} || has(self.targets)",
        f"runIn {WAY} migrates in the pods of the first target: name the targets, or write runIn: Job",
        field=".targets",
        reason=FieldValueErrorReason.REQUIRED,
    ),
    Rule(
        f"{_ELSEWHERE} || !has(self.targets) || !(self.targets[0].kind in {MAKE_JOBS})",
        f"runIn {WAY} migrates in the pods of the first target, and no pod of this kind starts with the promotion: name"
        " another target first, or write runIn: Job",
        field=".targets",
    ),
    Rule(
        f"{_ELSEWHERE} || self.mode == 'Promote'",
        f"runIn {WAY} migrates by what the promotion writes, and this mode writes nothing: write mode: Promote, or"
        " runIn: Job",
        field=".migration.runIn",
        reason=FieldValueErrorReason.FORBIDDEN,
    ),
    Rule(
        f"{_ELSEWHERE} || !has(self.migration.workloadRef)",
        f"runIn {WAY} migrates in the pods of the first target, with their environment: leave workloadRef out, or write"
        " runIn: Job",
        field=".migration.workloadRef",
        reason=FieldValueErrorReason.FORBIDDEN,
    ),
    Rule(
        f"{_ELSEWHERE} || !has(self.approvals) || !('BeforePromotion' in self.approvals)",
        f"with runIn {WAY} the promotion starts the migration, so one approval is for both: write approvals:"
        " [BeforeMigration]",
        field=".approvals",
        reason=FieldValueErrorReason.FORBIDDEN,
    ),
    Rule(
        f"{_ELSEWHERE} || !has(self.hooks) || !has(self.hooks.beforePromotion)"
        " || size(self.hooks.beforePromotion) == 0",
        f"with runIn {WAY} the promotion starts the migration, so nothing can run between them: write the hooks into"
        " beforeMigration or afterRollout, or runIn: Job",
        field=".hooks.beforePromotion",
        reason=FieldValueErrorReason.FORBIDDEN,
    ),
    Rule(
        "!has(self.migration.startCommand) || !has(self.database.urlSecretRef)",
        "startCommand migrates with the application's own variables: name the one with the URL in fromEnv: {url:"
        " DATABASE_URL}, or leave startCommand out",
        field=".database.urlSecretRef",
        reason=FieldValueErrorReason.FORBIDDEN,
    ),
)
"""Hold for a flow."""

NEEDS_FLOW = Rule(
    f"{_ELSEWHERE} || has(self.flowRef)",
    f"runIn {WAY} needs a promotion, and a run made by hand has none: write runIn: Job, or let a ReleaseFlow migrate",
    field=".migration.runIn",
    reason=FieldValueErrorReason.FORBIDDEN,
)
"""Holds for a run."""
