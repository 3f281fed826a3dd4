"""What a run takes from the preset of its migration tool, and what from the user."""

from collections.abc import Mapping

from releaseflow.api.v1alpha1.check import CheckPolicy
from releaseflow.api.v1alpha1.migration import Migration
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.presets.preset import Bookkeeping
from releaseflow.presets.registry import PRESETS


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
    return bool(check_command(spec))


def pending_codes(spec: MigrationRunSpec) -> frozenset[int]:
    """Return the exit codes by which the tool's own check says that something is pending; none for the user's check."""
    migration = spec.migration
    if migration.check.command or migration.tool is None:
        return frozenset()
    return PRESETS[migration.tool].check.pending


def migrate_command(migration: Migration) -> tuple[str, ...]:
    """Return the command that migrates; empty where the image's own entrypoint does."""
    if migration.command or migration.args or migration.tool is None:
        return migration.command
    return PRESETS[migration.tool].migrate_command


def bookkeeping(engine: str, migration: Migration) -> tuple[Bookkeeping, ...]:
    """Return where the chosen tool writes down what it has done; every known place for a command of the user's own."""
    chosen = PRESETS.values() if migration.tool is None else (PRESETS[migration.tool],)
    return tuple(preset.bookkeeping[engine] for preset in chosen if engine in preset.bookkeeping)


def environment_of_tool(migration: Migration) -> Mapping[str, str]:
    """Return the tool's variables that neither flow nor target sets."""
    return {} if migration.tool is None else PRESETS[migration.tool].environment


def left_behind(spec: MigrationRunSpec, *, killed: bool) -> str:
    """Return a sentence on what a migration of the tool leaves that did not succeed; empty where that is not known."""
    if spec.migration.tool is None:
        return ""
    leaves = PRESETS[spec.migration.tool].leaves[spec.database.engine]
    return f"{leaves.killed if killed else leaves.failed}. "


def _check_of_tool(migration: Migration) -> tuple[str, ...]:
    """The tool's own check speaks only for the tool's own command."""
    if migration.tool is None or migration.command or migration.args:
        return ()
    return PRESETS[migration.tool].check_command
