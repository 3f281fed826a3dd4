"""What a data file says of a migration tool."""

from pydantic import BaseModel, ConfigDict


class _Table(BaseModel):
    """A table of a data file: what it does not know is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bookkeeping(_Table):
    """Where a tool writes down what it has done, and how to say that in one line."""

    table: str
    version: str
    """SQL that returns one row with one text; it runs only where the table exists and may be read."""


class Preset(_Table):
    """What the operator knows of a migration tool."""

    name: str
    """The word that `spec.migration.tool` names it by."""
    migrate: tuple[str, ...]
    check: tuple[str, ...] = ()
    """Command that exits with 0 when nothing is pending and writes nothing; empty where the tool has none."""
    bookkeeping: dict[str, Bookkeeping]
    """By the database's engine, as `spec.database.engine` names it."""
