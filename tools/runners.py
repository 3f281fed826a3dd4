"""The page docs/reference/runners.md, from the ways to run a migration."""

from collections.abc import Iterator

from releaseflow.runners.registry import DEFAULT, RUNNERS
from releaseflow.runners.runner import Runner

_SOURCE = "Generated from operator/releaseflow/runners/"


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from (f"<!-- {_SOURCE} by `make docs`. Do not edit it: edit the files of the ways. -->", "")
    yield from ("# Ways to run a migration", "")
    yield "What `spec.migration.runIn` may say: where the commands of the migration, and of the tool's own check, are"
    yield from (f"executed. Where it is left out, it is {DEFAULT}.", "")
    yield from ("| runIn | From a Job of the operator's | Only with it |", "| --- | --- | --- |")
    for name, runner in RUNNERS.items():
        own = ", ".join(f"`{field}`" for field in runner.own)
        yield f"| [{name}](#{name.lower()}) | {'yes' if runner.has_job else 'no'} | {own} |"
    yield ""
    for runner in RUNNERS.values():
        yield from _section(runner)


def _section(runner: Runner) -> Iterator[str]:
    yield from (f"## {runner.name}", "", f"{runner.summary} {runner.suits}", "")
    for words, fields in (("needs", runner.requires), ("refuses", runner.refuses)):
        if fields:
            yield from (f"It {words}, with these words:", "")
            yield from (f"- `migration.{field.name}`: runIn {runner.name} {field.why}." for field in fields)
            yield ""
