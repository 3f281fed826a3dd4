"""The migration tools whose commands the operator knows; to add one is to add a row here."""

from dataclasses import dataclass

from releaseflow.api.migration_run import MigrationRunSpec
from releaseflow.api.steps import CheckPolicy, Migration, Tool


@dataclass(frozen=True)
class Bookkeeping:
    """Where a tool writes down what it has done, and how to say that in one line."""

    table: str
    version: str
    """SQL that returns one row with one text; it runs only where the table exists and may be read."""


@dataclass(frozen=True)
class ToolFacts:
    """What the operator knows of a migration tool."""

    migrate: tuple[str, ...]
    check: tuple[str, ...]
    """Command that exits with 0 when nothing is pending and writes nothing; empty where the tool has none."""
    bookkeeping: Bookkeeping


TOOLS: dict[Tool, ToolFacts] = {
    Tool.DJANGO: ToolFacts(
        migrate=("python", "manage.py", "migrate", "--noinput"),
        check=("python", "manage.py", "migrate", "--check"),
        bookkeeping=Bookkeeping(
            table="django_migrations",
            version="select (select count(*) from django_migrations) || ' applied' || coalesce("
            "(select ', last: ' || app || '.' || name from django_migrations order by id desc limit 1), '')",
        ),
    ),
}


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
    return TOOLS[migration.tool].migrate


def known_bookkeeping(tool: Tool | None) -> tuple[Bookkeeping, ...]:
    """Return every known bookkeeping, that of the given tool first."""
    order = sorted(TOOLS, key=lambda known: known is not tool)
    return tuple(TOOLS[known].bookkeeping for known in order)


def _check_of_tool(migration: Migration) -> tuple[str, ...]:
    """The tool's own check speaks only for the tool's own command."""
    if migration.tool is None or migration.command or migration.args:
        return ()
    return TOOLS[migration.tool].check
