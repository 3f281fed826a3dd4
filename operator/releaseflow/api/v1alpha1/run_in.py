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
        yield from (_required(runner, field) for field in runner.requires)
        yield from (_refused(runner, field) for field in runner.refuses)


def _only_with(runner: Runner, field: str) -> Rule:
    return Rule(
        f"self.runIn == '{runner.name}' || !has(self.{field})",
        f"belongs to runIn {runner.name}: write runIn: {runner.name}, or leave {field} out",
        field=f".{field}",
        reason=FieldValueErrorReason.FORBIDDEN,
    )


def _required(runner: Runner, field: Field) -> Rule:
    return Rule(
        f"self.runIn != '{runner.name}' || {field.is_given}",
        f"runIn {runner.name} {field.why}",
        field=f".{field.name}",
        reason=FieldValueErrorReason.REQUIRED,
    )


def _refused(runner: Runner, field: Field) -> Rule:
    return Rule(
        f"self.runIn != '{runner.name}' || !{field.is_given}",
        f"runIn {runner.name} {field.why}",
        field=f".{field.name}",
        reason=FieldValueErrorReason.FORBIDDEN,
    )
