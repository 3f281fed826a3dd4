"""What the module `client.py` of an engine's folder provides: which client programs are run, and how they are read.

It runs nothing itself: `releaseflow.steps` does, inside our own containers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol


class ConnectionUnreadableError(Exception):
    """The variables of a container name a database in no way that can be read; the message holds no secret."""


class ConnectionAbsentError(Exception):
    """The variables of a container name no database."""


@dataclass(frozen=True)
class Command:
    """A client program with its arguments, none of which is secret."""

    arguments: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What it needs beyond the variables that every program gets."""
    stdin: str = ""


@dataclass(frozen=True)
class Connection:
    """The way to a database."""

    target: str
    """Names the database on the command line of a client program, without the password."""
    env: Mapping[str, str]
    """What else a client program needs, the password included."""
    secrets: tuple[str, ...]
    """What must be in no message."""


@dataclass(frozen=True)
class Facts:
    """What a database is and what its schema is."""

    identity: str
    """Differs for every database there is."""
    server_version: str
    server_major: int
    database: str
    schema_version: str
    """The migration tool's bookkeeping; empty where none was found."""
    fingerprint: str
    """SHA-256 of the schema."""
    tables: int
    sessions: str
    """Names of the sessions of other runs."""


@dataclass(frozen=True)
class Contents:
    """What a backup's own table of contents says."""

    database: str
    tables: int


@dataclass(frozen=True)
class RecoveryPoint:
    """A moment that the database's own backups can restore it to."""

    standby: bool
    time: str
    lsn: str


class ClientProgram(Protocol):
    """What a module provides; lists are its functions' arguments and results, never a program that runs."""

    def connect(self, variables: Mapping[str, str], schemes: Sequence[str]) -> Connection:
        """Return the way to the database that a container's variables name.

        Raises:
            ConnectionAbsentError: They name none.
            ConnectionUnreadableError: They name one that cannot be read.
        """
        ...

    def version(self) -> Command:
        """Return what prints the version of the client programs, in its last word but for a remark in brackets."""
        ...

    def ping(self, connection: Connection) -> Command:
        """Return what ends with 0 once the database answers."""
        ...

    def inspect(self, connection: Connection, bookkeeping: str) -> Command:
        """Return what asks a database for its facts."""
        ...

    def facts(self, answer: str) -> Facts:
        """Read the answer to inspect."""
        ...

    def recorded(self, connection: Connection, table: str, question: str) -> Command:
        """Return what asks for the migrations that a table has as applied; it prints none where there is no table."""
        ...

    def names(self, answer: str) -> frozenset[str]:
        """Read the answer to recorded."""
        ...

    def dump(self, connection: Connection) -> Command:
        """Return what writes a backup to its standard output."""
        ...

    def read_back(self) -> Command:
        """Return what reads a whole backup from its standard input, and fails where it is not whole."""
        ...

    def list_contents(self) -> Command:
        """Return what prints the table of contents of the backup on its standard input."""
        ...

    def contents(self, listing: str) -> Contents:
        """Read a table of contents."""
        ...

    def count_tables(self, connection: Connection) -> Command:
        """Return what prints how many tables of its own a database has."""
        ...

    def restorable(self, listing: str) -> str:
        """Return the part of a table of contents that is restored."""
        ...

    def restore(self, connection: Connection, listing_file: str) -> Command:
        """Return what restores the listed parts of the backup on its standard input, all of them or none."""
        ...

    def mark(self, connection: Connection) -> Command:
        """Return what asks for a moment to restore the database to."""
        ...

    def point(self, answer: str) -> RecoveryPoint:
        """Read the answer to mark."""
        ...

    def reason(self, complaint: str, default: str) -> str:
        """Return the operator's word for what a client program complained of; the default where none fits."""
        ...
