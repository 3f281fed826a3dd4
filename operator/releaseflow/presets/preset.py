"""What a data file says of a migration tool."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Table(BaseModel):
    """A table of a data file; a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PresetCheck(_Table):
    """How the tool is asked whether anything is pending."""

    arguments: tuple[str, ...] = ()
    """What follows the program; it exits with 0 only if nothing is pending, and writes nothing. Empty: no check."""
    pending: frozenset[Annotated[int, Field(ge=1, le=255)]] = frozenset()
    """Exit codes that say that something is pending. Any other than these and 0 is no answer."""
    says: str
    """One sentence for the reference: what else there is to know of the codes, or why there is no check."""

    @model_validator(mode="after")
    def _can_answer(self) -> Self:
        if bool(self.arguments) is not bool(self.pending):
            raise ValueError("a check has arguments and codes that mean pending, or neither of them")
        return self


class Bookkeeping(_Table):
    """Where a tool records what it has applied, and how to say that in one line."""

    table: str
    version: str
    """SQL that returns one row with one text; it runs only where the table exists and may be read."""


class Leftovers(_Table):
    """What a migration that did not succeed leaves in the database: a sentence each, without its full stop."""

    failed: Annotated[str, Field(max_length=160)]
    """After an error of the migration's own."""
    killed: Annotated[str, Field(max_length=160)]
    """After the end of its process: the deadline, lack of memory, a lost node."""


class Preset(_Table):
    """What the operator knows of a migration tool."""

    name: Annotated[str, Field(pattern="^[A-Z][A-Za-z]+$", max_length=32)]
    """The word that `spec.migration.tool` names it by."""
    versions: str
    """The versions of the tool that were run."""
    program: Annotated[tuple[str, ...], Field(min_length=1)]
    """What every command begins with."""
    migrate: Annotated[tuple[str, ...], Field(min_length=1)]
    """What follows the program, to migrate."""
    check: PresetCheck
    environment: dict[str, str] = {}
    """Variables for the check and the migration; those of the workload and of the user win."""
    bookkeeping: dict[str, Bookkeeping]
    """By the database's engine, as `spec.database.engine` names it."""
    leftovers: dict[str, Leftovers]
    """By the database's engine."""

    @property
    def migrate_command(self) -> tuple[str, ...]:
        """The whole command that migrates."""
        return (*self.program, *self.migrate)

    @property
    def check_command(self) -> tuple[str, ...]:
        """The whole command of the check; empty where there is none."""
        return (*self.program, *self.check.arguments) if self.check.arguments else ()
