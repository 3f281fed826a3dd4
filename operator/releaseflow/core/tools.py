"""What a run takes from the preset of its migration tool, and what from the user."""

from collections.abc import Mapping
from dataclasses import dataclass

from releaseflow.api.v1alpha1.check import CheckPolicy
from releaseflow.api.v1alpha1.migration import Migration
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.operation import Operation
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.names import with_tag
from releaseflow.presets.preset import Bookkeeping, Leftovers, Preset, PresetCheck, Second, WayDown
from releaseflow.presets.registry import PRESETS
from releaseflow.runners.registry import RUNNERS

NO_TOOL = Preset.model_construct(
    name="",
    language="",
    versions="",
    program=(),
    migrate=(),
    check=PresetCheck(says="The user's own command says no more than its exit code."),
    path=None,
    environment={},
    second=Second.MIGRATES_TOO,
    bookkeeping={},
    leftovers={},
    down=None,
)
"""What is known of a migration by a command of the user's own: nothing."""
_NOTHING_KNOWN = Leftovers(undone=False, failed="", killed="")


@dataclass(frozen=True)
class FilesCheck:
    """What the names of files in the image are compared with."""

    folder: str
    """Path in the image."""
    ignored: str
    """Regular expression for names that are no migrations; empty where each is one."""
    name: str
    """Regular expression for the name of a migration; its group is what is recorded."""
    table: str
    """Where the tool records what is applied."""
    recorded: str
    """SQL that returns that, row by row."""


PENDING_BY_FILES = 3
"""Exit code of our own check where something is pending; Python itself ends with 1 or 2 where it fails."""


def files_check(spec: MigrationRunSpec) -> FilesCheck | Absent:
    """Return what the run compares to find out whether anything is pending; ABSENT where it runs a command, or none."""
    engine, migration = spec.database.engine, spec.migration
    files, folder = _tool(migration).check.files, migration.check.folder
    if folder is None or files is None or engine not in files.recorded:
        return ABSENT
    table = _tool(migration).bookkeeping[engine].table
    return FilesCheck(folder, files.ignored, files.name, table, files.recorded[engine])


def check_command(spec: MigrationRunSpec) -> tuple[str, ...]:
    """Return the command that tells whether anything is pending; empty where none can be trusted."""
    migration = spec.migration
    match migration.check.policy:
        case CheckPolicy.NEVER:
            return ()
        case CheckPolicy.AUTO:
            return migration.check.command or _check_of_tool(migration)


def has_check(spec: MigrationRunSpec) -> bool:
    """Whether the run checks for pending migrations before it backs up."""
    return files_check(spec) is not ABSENT or bool(check_command(spec))


def pending_codes(spec: MigrationRunSpec) -> frozenset[int]:
    """Return the exit codes by which the tool's own check says that something is pending; none for the user's check."""
    migration = spec.migration
    if files_check(spec) is not ABSENT:
        return frozenset({PENDING_BY_FILES})
    return frozenset() if migration.check.command else _tool(migration).check.pending


def migration_image(spec: MigrationRunSpec) -> str:
    """Return the image of check and migration: the released one, unless another is given."""
    return with_tag(spec.migration.image, spec.image) if spec.migration.image else spec.image


def migrate_command(migration: Migration) -> tuple[str, ...]:
    """Return the command that migrates; empty where the image's own entrypoint does."""
    if migration.command or migration.args:
        return migration.command
    return _tool(migration).migrate_command(migration.program, migration.path or "", migration.arguments)


def way_down(migration: Migration) -> WayDown | Absent:
    """Return how the tool goes down to a version; ABSENT where it cannot."""
    down = _tool(migration).down
    return ABSENT if down is None else down


def down_command(migration: Migration, line: str) -> tuple[str, ...]:
    """Return the command that goes down to where a line of the tool's bookkeeping says."""
    return _tool(migration).down_command(line, migration.program, migration.path or "")


def bookkeeping(engine: str, migration: Migration) -> tuple[Bookkeeping, ...]:
    """Return where the chosen tool writes down what it has done; every known place for a command of the user's own."""
    tool = _tool(migration)
    chosen = PRESETS.values() if tool is NO_TOOL else (tool,)
    return tuple(preset.bookkeeping[engine] for preset in chosen if engine in preset.bookkeeping)


def environment_of_tool(migration: Migration) -> Mapping[str, str]:
    """Return the tool's variables that neither flow nor target sets."""
    return _tool(migration).environment


def runs_at_startup(spec: MigrationRunSpec) -> bool:
    """Whether the migration runs as the pods of a target start, and not from a Job."""
    return spec.operation is Operation.MIGRATE and not RUNNERS[spec.migration.run_in].has_job


def waits_for_another(migration: Migration) -> bool:
    """Whether a migration that starts while another one runs waits for it, and then finds nothing to do."""
    return _tool(migration).second is Second.WAITS


def leftovers(spec: MigrationRunSpec, *, killed: bool) -> str:
    """Say what a migration of the tool leaves that did not succeed; empty where that is not known."""
    tool = _tool(spec.migration)
    of_all = tool.down.leftovers if spec.down is not None and tool.down is not None else tool.leftovers
    left = of_all.get(spec.database.engine, _NOTHING_KNOWN)
    return left.killed if killed else left.failed


def _check_of_tool(migration: Migration) -> tuple[str, ...]:
    """The tool's own check speaks only for the tool's own command."""
    if migration.command or migration.args:
        return ()
    return _tool(migration).check_command(migration.program, migration.path or "", migration.arguments)


def _tool(migration: Migration) -> Preset:
    return NO_TOOL if migration.tool is None else PRESETS[migration.tool]
