"""The client programs of PostgreSQL: what is run, and how its answers are read."""

import csv
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from releaseflow.engines.postgresql.connection import connection
from releaseflow.engines.program import Command, Connection, Contents, Facts, RecoveryPoint

_HERE = Path(__file__).parent
_LONGEST = 250
_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA )", re.MULTILINE)
_DATABASE = re.compile(r"^; *dbname: (.*)$", re.MULTILINE)
_COUNT_TABLES = """select count(*) from pg_class c where relkind in ('r', 'p') and relnamespace::regnamespace::text
!~ '^(pg_|information_schema$)' and not exists (select from pg_depend where classid = 'pg_class'::regclass
and objid = c.oid and deptype = 'e')"""
WORDS = (
    ("VolumeFull", r"No space left on device|Disk quota exceeded"),
    ("ClientTooOld", r"server version mismatch"),
    (
        "AuthenticationFailed",
        r"authentication failed|no password supplied|no pg_hba\.conf entry|not permitted to log in|role.*not exist",
    ),
    ("DatabaseNotFound", r"FATAL.*database.*does not exist"),
    (
        "ConnectionFailed",
        r"connection to server|could not translate host name|server closed|terminating connection|timeout expired",
    ),
)
"""The operator's words, each with what client programs say then."""


def connect(variables: Mapping[str, str], schemes: Sequence[str]) -> Connection:
    """Return the way to the database that a container's variables name."""
    return connection(variables, schemes)


def version() -> Command:
    """Return what prints the version of the client programs."""
    return Command(("pg_dump", "--version"))


def ping(database: Connection) -> Command:
    """Return what ends with 0 once the database answers."""
    return _psql(database, "select 1;\n")


def inspect(database: Connection, bookkeeping: str) -> Command:
    """Return what asks a database for its facts."""
    return _psql(database, (_HERE / "facts.sql").read_text("utf-8").replace("<BOOKKEEPING>", bookkeeping))


def facts(answer: str) -> Facts:
    """Read the answer to inspect."""
    found = _answers(answer)
    return Facts(
        identity=hashlib.sha256(found["identity"].encode()).hexdigest(),
        server_version=found["serverVersion"],
        server_major=int(found["serverMajor"]),
        database=found["database"],
        schema_version=found.get("schemaVersion", ""),
        fingerprint=found["fingerprint"],
        tables=int(found["tables"]),
        sessions=found.get("sessions", ""),
    )


def recorded(database: Connection, table: str, question: str) -> Command:
    """Return what asks for the migrations that a table has as applied."""
    here = f"select coalesce(has_table_privilege(to_regclass('{table}')::oid, 'select'), false) as here \\gset\n"
    return _psql(database, f"{here}\\if :here\n{question};\n\\endif\n")


def names(answer: str) -> frozenset[str]:
    """Read the answer to recorded."""
    return frozenset(row[0] for row in csv.reader(answer.splitlines(keepends=True)) if row)


def dump(database: Connection) -> Command:
    """Return what writes a backup to its standard output."""
    options = ("--no-password", "--format=custom", "--lock-wait-timeout=60s")
    return Command(("pg_dump", *options, f"--dbname={database.target}"), database.env)


def read_back() -> Command:
    """Return what reads a whole backup from its standard input."""
    return Command(("pg_restore", "--file=/dev/null"))


def list_contents() -> Command:
    """Return what prints the table of contents of the backup on its standard input."""
    return Command(("pg_restore", "--list"))


def contents(listing: str) -> Contents:
    """Read a table of contents."""
    found = _DATABASE.search(listing)
    return Contents(_cut(found.group(1)) if found else "", len(_TABLE.findall(listing)))


def count_tables(database: Connection) -> Command:
    """Return what prints how many tables of its own a database has."""
    return _psql(database, _COUNT_TABLES + ";\n")


def restorable(listing: str) -> str:
    """Return what is restored: comments on extensions are not, for they may belong to another role."""
    return "".join(line for line in listing.splitlines(keepends=True) if " COMMENT - EXTENSION " not in line)


def restore(database: Connection, listing_file: str) -> Command:
    """Return what restores the listed parts of the backup on its standard input, all of them or none."""
    options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-password", f"--use-list={listing_file}")
    return Command(("pg_restore", *options, f"--dbname={database.target}"), database.env)


def mark(database: Connection) -> Command:
    """Return what asks for a moment to restore the database to."""
    return _psql(database, (_HERE / "point.sql").read_text("utf-8"))


def point(answer: str) -> RecoveryPoint:
    """Read the answer to mark."""
    found = _answers(answer)
    return RecoveryPoint(found.get("standby") != "f", found.get("second", ""), found.get("lsn", ""))


def reason(complaint: str, default: str) -> str:
    """Return the operator's word for what a client program complained of."""
    return next((word for word, pattern in WORDS if re.search(pattern, complaint)), default)


def _psql(database: Connection, questions: str) -> Command:
    """Return what asks questions, and answers in CSV."""
    quiet = ("--no-psqlrc", "--no-password", "--csv", "--tuples-only", "--quiet", "--set=ON_ERROR_STOP=1")
    return Command(("psql", *quiet, f"--dbname={database.target}"), database.env, questions)


def _answers(answer: str) -> Mapping[str, str]:
    rows = [row for row in csv.reader(answer.splitlines(keepends=True)) if len(row) == 2]  # noqa: PLR2004 (key, value)
    return {key: _cut(value) for key, value in rows}


def _cut(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
