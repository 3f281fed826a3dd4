"""What a file of this folder says of a way to run a migration."""

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Field:
    """A field of `migration`, and what a way does with it."""

    name: str
    """Name of the field, as it is written in YAML."""
    why: str
    """The end of a sentence that begins with the way's name: why that is so, and what to write instead."""
    given: str = "true"
    """CEL expression over the migration: whether the field, which is there, has a value that counts."""

    @property
    def is_given(self) -> str:
        """CEL expression over the migration: whether a user wrote the field."""
        return f"(has(self.{self.name}) && {self.given})"


class Runner(ABC):
    """A way to run a migration, and the tool's own check: where their commands are executed."""

    name: ClassVar[str]
    """Value of `migration.runIn`."""
    summary: ClassVar[str]
    """Where the commands run: one sentence for the reference."""
    suits: ClassVar[str]
    """Which applications it suits: one sentence for the reference."""
    has_job: ClassVar[bool] = True
    """Whether the migration runs, or is executed from, a Job of ours."""
    own: ClassVar[tuple[str, ...]] = ()
    """Fields of `migration` that only this way has; another one refuses them."""
    requires: ClassVar[tuple[Field, ...]] = ()
    """Fields of `migration` that it cannot do without."""
    refuses: ClassVar[tuple[Field, ...]] = ()
    """Fields of `migration` that it cannot honour."""
