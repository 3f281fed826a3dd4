"""The pages of docs/reference/ on migration tools, from their data files and examples."""

from collections.abc import Iterator
from pathlib import Path

from releaseflow.presets.preset import Preset, Second
from releaseflow.presets.registry import PRESETS
from tools import tool_outcomes

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "tools"
GENERATED = "<!-- Generated from operator/releaseflow/presets/ by `make docs`. Do not edit it: edit the data files. -->"
_SECOND = {
    Second.WAITS: "waits for a lock of the tool, and finds nothing left to do",
    Second.FAILS: "ends with an error",
    Second.MIGRATES_TOO: "runs the same migrations again, and both succeed",
    Second.MIGRATES_AND_FAILS: "runs the same migrations again, and ends with an error as it records them",
}
_HEAD = (
    "| Tool | Language | Versions that were run | Migrates with | Asked whether anything is pending"
    " | Undoes a migration that failed (PostgreSQL) | Down to a version |"
)


def overview() -> Iterator[str]:
    """The lines of the page with all tools."""
    yield from (GENERATED, "", "# Migration tools", "")
    yield from ("What `spec.migration.tool` may say. Each has a page: what is run, what a failure leaves, a flow.", "")
    yield from (_HEAD, "| --- | --- | --- | --- | --- | --- | --- |")
    for name, preset in PRESETS.items():
        check = _check(preset)
        migrate = " ".join(preset.migrate_command())
        page = f"[{name}](tools/{name.lower()}.md)"
        undone = "yes" if preset.leftovers["PostgreSQL"].undone else "no"
        down = "no" if preset.down is None else f"`{' '.join(preset.down.arguments)}`"
        yield f"| {page} | {preset.language} | {preset.versions} | `{migrate}` | {check} | {undone} | {down} |"
    yield from ("", "## What was seen", "")
    yield "Each case was played on a node, by the tool's example with a real PostgreSQL: `make test-tools`. The"
    yield "password has characters that a URL encodes. *Clean* and *Dirty* are what the database said of itself after a"
    yield from ("migration that did not succeed.", "")
    yield from tool_outcomes.table()
    yield ""


def _check(preset: Preset) -> str:
    """What a run asks, in a cell of the table."""
    if preset.check_command():
        return "its own check"
    return "the names of its files, with `check.folder`" if preset.check.files is not None else "nothing"


def by_language() -> Iterator[str]:
    """The lines of the README's table, whose links begin at the root of the repository."""
    yield from ("| Written in | `migration.tool` |", "| --- | --- |")
    for language in sorted({preset.language for preset in PRESETS.values()}):
        names = (name for name, preset in PRESETS.items() if preset.language == language)
        yield f"| {language} | {', '.join(f'[{name}](docs/reference/tools/{name.lower()}.md)' for name in names)} |"


def pages() -> Iterator[tuple[str, str]]:
    """The page of each tool: its file's name, and its text."""
    for preset in PRESETS.values():
        yield f"{preset.name.lower()}.md", "\n".join([*_page(preset), ""])


def _page(preset: Preset) -> Iterator[str]:
    yield from (GENERATED, "", f"# {preset.name}", "")
    yield from (f"`migration: {{tool: {preset.name}}}`. It was run in version {preset.versions}.", "")
    yield from _what_is_run(preset)
    yield from ("", "## After a migration that did not succeed", "")
    for engine, leaves in preset.leftovers.items():
        yield f"- After a failed one on {engine}: {leaves.failed}."
        yield f"- After a killed one on {engine}: {leaves.killed}."
        if leaves.blocks:
            yield "- The next one fails, until that is settled by hand, or the backup is restored."
    yield f"- A second one that people start beside it {_SECOND[preset.second]}. The operator starts none."
    yield from _way_down(preset)
    yield from _example(preset)


def _way_down(preset: Preset) -> Iterator[str]:
    """What a Down runs, and what one leaves that did not succeed."""
    yield from ("", "## Down", "")
    if preset.down is None:
        yield "It has no command that goes down to a version, or ReleaseFlow does not know it: [restore the"
        yield "backup](../../guides/restore.md) instead."
        return
    words = " ".join(preset.down.arguments).replace("{version}", "VERSION").replace("{next}", "NEXT")
    number = ", the number after the version to stay at" if "{next}" in " ".join(preset.down.arguments) else ""
    yield f"- `{words}`, behind the program, goes [down to the version that an earlier run"
    yield f"  recorded](../../guides/down.md){number}."
    for engine, leaves in preset.down.leftovers.items():
        yield f"- After one that failed on {engine}: {leaves.failed}."
        yield f"- After a killed one on {engine}: {leaves.killed}."
        if leaves.blocks:
            yield "- The next run of the tool fails, until that is settled by hand, or the backup is restored."


def _what_is_run(preset: Preset) -> Iterator[str]:
    yield from ("## What is run", "", f"- `{' '.join(preset.migrate_command())}` migrates.")
    if preset.check_command():
        codes = " or ".join(map(str, sorted(preset.check.pending)))
        yield f"- `{' '.join(preset.check_command())}` asks whether anything is pending: 0 is nothing, {codes} is"
        yield f"  pending, any other is no answer. {preset.check.says}"
    else:
        yield f"- No check: {preset.check.says}"
    if preset.check.files is not None:
        yield "- With `check.folder`, the folder of its migrations in the image, the names of the files are compared"
        yield "  with what it recorded: nothing is pending where both are the same. The image is mounted, and not run."
    if preset.path is not None:
        yield f"- `migration.path` is {preset.path.names}: `{' '.join(preset.migrate_command(path='PATH'))}`."
    else:
        yield "- It has no option for `migration.path`: say it in `migration.program` or `migration.arguments`."
    if preset.check_command() and not preset.check_command(arguments=("X",)):
        yield "- With `migration.arguments` its check does not answer for them: no check is made, unless one is given."
    for name, value in preset.environment.items():
        yield f"- `{name}={value}` is set for check and migration, unless the workload or `migration.env` sets it."
    if preset.writes:
        folders = ", ".join(f"`{folder}`" for folder in preset.writes)
        yield f"- It writes to {folders}: where the root file system is read-only, mount an `emptyDir` there."
    for engine, bookkeeping in preset.bookkeeping.items():
        yield f"- On {engine} the schema's version is read from the table `{bookkeeping.table}`."


def _example(preset: Preset) -> Iterator[str]:
    """The flow of the example."""
    folder = EXAMPLES / preset.name.lower()
    if not folder.is_dir():
        return
    yield from ("", "## An example", "")
    yield f"[Its README](../../../examples/tools/{folder.name}/README.md) releases an application by this flow:"
    yield from ("", "```yaml", *(folder / "flow.yaml").read_text("utf-8").splitlines(), "```")
