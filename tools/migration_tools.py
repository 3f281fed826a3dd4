"""The page docs/reference/tools.md, from the data files of the migration tools."""

from collections.abc import Iterator
from pathlib import Path

from releaseflow.presets.preset import Preset
from releaseflow.presets.registry import PRESETS

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "tools"
GENERATED = "<!-- Generated from operator/releaseflow/presets/ by `make docs`. Do not edit it: edit the data files. -->"


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from (GENERATED, "", "# Migration tools", "")
    yield from ("What `spec.migration.tool` may say, and what a run does then.", "")
    yield from ("| Tool | Versions that were run | Migrates with | Asks whether anything is pending with |",)
    yield "| --- | --- | --- | --- |"
    for name, preset in PRESETS.items():
        check = f"`{' '.join(preset.check_command())}`" if preset.check_command() else "nothing: it always migrates"
        migrate = " ".join(preset.migrate_command())
        yield f"| [{name}](#{name.lower()}) | {preset.versions} | `{migrate}` | {check} |"
    yield ""
    for preset in PRESETS.values():
        yield from _tool(preset)


def _tool(preset: Preset) -> Iterator[str]:
    yield from (f"## {preset.name}", "")
    if preset.check_command():
        codes = " or ".join(map(str, sorted(preset.check.pending)))
        yield f"- Exit codes of the check: 0 is nothing pending, {codes} is pending, any other is no answer."
        yield f"  {preset.check.says}"
    else:
        yield f"- No check: {preset.check.says}"
    if preset.path is not None:
        yield f"- `migration.path` is {preset.path.names}: `{' '.join(preset.migrate_command(path='PATH'))}`."
    else:
        yield "- It has no option for `migration.path`: say it in `migration.program` or `migration.arguments`."
    if preset.check_command() and not preset.check_command(arguments=("X",)):
        yield "- With `migration.arguments` its check does not answer for them: no check is made, unless one is given."
    for name, value in preset.environment.items():
        yield f"- `{name}={value}` is set for check and migration, unless the workload or `migration.env` sets it."
    for engine, bookkeeping in preset.bookkeeping.items():
        yield f"- On {engine} the schema's version is read from the table `{bookkeeping.table}`."
    for engine, leaves in preset.leftovers.items():
        yield f"- After a failed migration on {engine}: {leaves.failed}."
        yield f"- After a killed one on {engine}: {leaves.killed}."
    if (EXAMPLES / preset.name.lower()).is_dir():
        yield f"- [An example](../../examples/tools/{preset.name.lower()}/README.md)."
    yield ""
