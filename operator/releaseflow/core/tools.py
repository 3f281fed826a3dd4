"""Which commands of a migration tool a run uses, and whose bookkeeping it reads."""

from releaseflow.api.v1alpha1.database import Engine
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.steps import CheckPolicy, Migration
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


def migrate_command(migration: Migration) -> tuple[str, ...]:
    """Return the command that migrates; empty where the image's own entrypoint does."""
    if migration.command or migration.args or migration.tool is None:
        return migration.command
    return PRESETS[migration.tool].migrate


def bookkeeping(engine: Engine, migration: Migration) -> tuple[Bookkeeping, ...]:
    """Return where the chosen tool writes down what it has done; every known place for a command of the user's own."""
    chosen = PRESETS.values() if migration.tool is None else (PRESETS[migration.tool],)
    return tuple(preset.bookkeeping[engine] for preset in chosen if engine in preset.bookkeeping)


def _check_of_tool(migration: Migration) -> tuple[str, ...]:
    """The tool's own check speaks only for the tool's own command."""
    if migration.tool is None or migration.command or migration.args:
        return ()
    return PRESETS[migration.tool].check
