"""The field `migration.runIn`: what it may say, and what the rules of the API server make of each way."""

from collections.abc import Iterator
from typing import Annotated

from releaseflow.api.schema.cel import EnumOf, FieldValueErrorReason, Rule
from releaseflow.runners.registry import RUNNERS
from releaseflow.runners.runner import Field, Runner

RunIn = Annotated[str, EnumOf(tuple(RUNNERS))]


def rules() -> Iterator[Rule]:
    """What each way asks of the other fields of a migration."""
    for runner in RUNNERS.values():
        yield from (_only_with(runner, field) for field in runner.own)
        for field in runner.requires:
            yield _asked(runner, field, field.is_given, FieldValueErrorReason.REQUIRED)
        for field in runner.refuses:
            yield _asked(runner, field, f"!{field.is_given}", FieldValueErrorReason.FORBIDDEN)


def _only_with(runner: Runner, field: str) -> Rule:
    return Rule(
        f"self.runIn == '{runner.name}' || !has(self.{field})",
        f"belongs to runIn {runner.name}: write runIn: {runner.name}, or leave {field} out",
        field=f".{field}",
        reason=FieldValueErrorReason.FORBIDDEN,
    )


def _asked(runner: Runner, field: Field, holds: str, reason: FieldValueErrorReason) -> Rule:
    return Rule(
        f"self.runIn != '{runner.name}' || {holds}",
        f"runIn {runner.name} {field.why}",
        field=f".{field.name}",
        reason=reason,
    )
