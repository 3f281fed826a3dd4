"""What a data file says of a migration tool."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_PATH = "{path}"
"""Place of the user's path in the words of a data file."""
_VERSION, _NEXT = "{version}", "{next}"
"""Places in a way down: of the version to stay at, and of the number after it."""


class _Table(BaseModel):
    """A table of a data file; a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PresetFiles(_Table):
    """How the names of the files in the image say what is applied, where the tool's own check cannot be trusted."""

    ignored: str = ""
    """Regular expression for names that are no migrations; any other name has to be one, or something is pending."""
    name: str
    """Regular expression for the whole name of a migration; its one group is what the tool records of it."""
    recorded: dict[str, str]
    """SQL by the database's engine that returns what is recorded as applied: one row with one text for each."""


class PresetCheck(_Table):
    """How the tool is asked whether anything is pending."""

    arguments: tuple[str, ...] = ()
    """What follows the program; it exits with 0 only if nothing is pending, and writes nothing. Empty: no check."""
    pending: frozenset[Annotated[int, Field(ge=1, le=255)]] = frozenset()
    """Exit codes that say that something is pending. Any other than these and 0 is no answer."""
    takes_arguments: bool = False
    """Whether it answers for the arguments of the migration as well; else none is made where some are given."""
    files: PresetFiles | None = None
    """How `migration.check.folder` is compared with what is recorded; nothing where that is not exact."""
    says: str
    """One sentence for the reference: what else there is to know of the codes, or why there is no check."""

    @model_validator(mode="after")
    def _can_answer(self) -> Self:
        if bool(self.arguments) is not bool(self.pending):
            raise ValueError("a check has arguments and codes that mean pending, or neither of them")
        return self


class PresetPath(_Table):
    """The tool's option for another file or folder than the one that it looks for by itself."""

    names: Annotated[str, Field(max_length=80)]
    """What the path leads to, for the reference, for example `the configuration file`."""
    before: tuple[str, ...] = ()
    """Words between the program and the tool's own verb; `{path}` in them is the path."""
    after: tuple[str, ...] = ()
    """Words behind the tool's own verb, in place of `before`."""
    default: str = ""
    """The path where the user names none, for a tool that needs one; empty where it looks for it by itself."""

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if [_PATH in " ".join(words) for words in (self.before, self.after) if words] != [True]:
            raise ValueError(f"a path is named once, by {_PATH} in before or in after")
        return self

    @property
    def option(self) -> str:
        """What the tool calls it, for people."""
        return " ".join(self.before or self.after).removesuffix(_PATH).strip()

    def words(self, path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the words before, and those behind the tool's own verb."""
        before, after = (tuple(word.replace(_PATH, path) for word in words) for words in (self.before, self.after))
        return before, after


class Second(StrEnum):
    """What a migration does that is started while another one runs; the operator starts none, but people may."""

    WAITS = "Waits"
    """It waits for a lock of the tool, and then finds nothing to do."""
    FAILS = "Fails"
    """It ends with an error, by a lock of the tool or on what the first one has made."""
    MIGRATES_TOO = "MigratesToo"
    """It runs the same migrations again, and both succeed."""
    MIGRATES_AND_FAILS = "MigratesAndFails"
    """It runs the same migrations again, and ends with an error as it records them."""


class Bookkeeping(_Table):
    """Where a tool records what it has applied, and how to say that in one line."""

    table: str
    version: str
    """SQL that returns one row with one text; it runs only where the table exists and may be read."""


class Leftovers(_Table):
    """What a migration that did not succeed leaves in the database: a sentence each, without its full stop."""

    undone: bool
    """Whether nothing stays of an ordinary migration that failed: one that asks for no special way to run."""
    failed: Annotated[str, Field(max_length=160)]
    """After an error of the migration's own."""
    killed: Annotated[str, Field(max_length=160)]
    """After the end of its process: the deadline, lack of memory, a lost node."""
    blocks: bool = False
    """Whether what a killed one leaves makes the next one fail, until a person has settled it."""


class WayDown(_Table):
    """How the tool takes the schema back to a version that its bookkeeping had before; its scripts are in the image."""

    arguments: Annotated[tuple[str, ...], Field(min_length=1)]
    """What follows the program. `{version}` in them is the version to stay at; `{next}` is the number after it."""
    version: str
    """Regular expression for the whole line of the bookkeeping; its one group is the version. No other line has one."""
    numbered: bool = True
    """Whether versions are numbers that grow: then it goes to none but a lower one. Else the tool refuses others."""
    leftovers: dict[str, Leftovers]
    """What is left of an attempt that did not succeed, by the database's engine."""

    @model_validator(mode="after")
    def _names_the_version(self) -> Self:
        places = [place for word in self.arguments for place in (_VERSION, _NEXT) if place in word]
        if len(places) != 1 or re.compile(self.version).groups != 1:
            raise ValueError("a way down names the version once in its arguments, and has one group that finds it")
        return self

    def version_of(self, line: str) -> str:
        """Return the version that a line of the bookkeeping says; empty where the tool cannot go to it."""
        found = re.fullmatch(self.version, line)
        return "" if found is None else found[1]

    def words(self, line: str) -> tuple[str, ...]:
        """Return what follows the program, to go to where a line of the bookkeeping says."""
        version = self.version_of(line)
        following = str(int(version) + 1) if self.numbered else ""
        return tuple(word.replace(_VERSION, version).replace(_NEXT, following) for word in self.arguments)


class Preset(_Table):
    """What the operator knows of a migration tool."""

    name: Annotated[str, Field(pattern="^[A-Z][A-Za-z]+$", max_length=32)]
    """The word that `spec.migration.tool` names it by."""
    language: Annotated[str, Field(max_length=16)]
    """What applications that use it are mostly written in."""
    package: str = ""
    """What its registry calls it; empty where that is its name in small letters."""
    versions: str
    """The versions of the tool that were run."""
    program: Annotated[tuple[str, ...], Field(min_length=1)]
    """What every command begins with."""
    migrate: Annotated[tuple[str, ...], Field(min_length=1)]
    """What follows the program, to migrate."""
    check: PresetCheck
    path: PresetPath | None = None
    """Its option for another file or folder; nothing where it has none."""
    environment: dict[str, str] = {}
    """Variables for the check and the migration; those of the workload and of the user win.

    `$(NAME)` in a value is a variable of theirs.
    """
    writes: tuple[str, ...] = ()
    """Folders that it writes to, absolute or below its working directory; a closed pod needs a volume there."""
    second: Second
    """What a second migration does beside the first."""
    bookkeeping: dict[str, Bookkeeping]
    """By the database's engine, as `spec.database.engine` names it."""
    leftovers: dict[str, Leftovers]
    """By the database's engine."""
    down: WayDown | None = None
    """Its command that goes down to a version; nothing where it has none, or only one by steps."""

    def migrate_command(
        self, program: tuple[str, ...] = (), path: str = "", arguments: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """Return the whole command that migrates.

        Args:
            program: What it begins with, in place of the tool's own program.
            path: The file or folder that the tool's option names; empty where it looks for it by itself.
            arguments: What follows.
        """
        return (*self._command(self.migrate, program, path), *arguments)

    def check_command(
        self, program: tuple[str, ...] = (), path: str = "", arguments: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """Return the whole command of the check, arguments as for the migration; empty where none can be trusted."""
        if not self.check.arguments or (arguments and not self.check.takes_arguments):
            return ()
        return (*self._command(self.check.arguments, program, path), *arguments)

    def down_command(self, line: str, program: tuple[str, ...] = (), path: str = "") -> tuple[str, ...]:
        """Return the whole command that goes to where a line of its bookkeeping says.

        Raises:
            ValueError: There is none: the tool has no way down.
        """
        if self.down is None:
            raise ValueError(f"{self.name} has no command that goes down to a version")
        return self._command(self.down.words(line), program, path)

    def _command(self, verb: tuple[str, ...], program: tuple[str, ...], path: str) -> tuple[str, ...]:
        path = path or (self.path.default if self.path is not None else "")
        before, after = self.path.words(path) if self.path is not None and path else ((), ())
        return (*(program or self.program), *before, *verb, *after)
