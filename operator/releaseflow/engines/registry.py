"""The database engines that the operator can back up and inspect; to add one is to add a row here."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from releaseflow.api.v1alpha1.database import Engine
from releaseflow.api.v1alpha1.migration import Migration
from releaseflow.core.tools import bookkeeping


@dataclass(frozen=True)
class EngineFacts:
    """The scripts of an engine, each a complete program for `sh -c`."""

    dump: str
    proof: str
    prune: str
    report: str


@cache
def engine_facts(engine: Engine) -> EngineFacts:
    """Return what the operator knows of an engine."""
    match engine:
        case Engine.POSTGRESQL:
            return _postgresql()


def bookkeeping_script(engine: Engine, migration: Migration) -> str:
    """Return what asks the database for the migration tool's bookkeeping, in the client's own language."""
    match engine:
        case Engine.POSTGRESQL:
            return "\n".join(_PSQL_BOOKKEEPING.format(b.table, b.version) for b in bookkeeping(engine, migration))


_PSQL_BOOKKEEPING = """\
select not :found and coalesce(has_table_privilege(to_regclass('{0}')::oid, 'select'), false) as here \\gset
\\if :here
select 'schemaVersion' as key, replace(({1})::text, E'\\n', ' ') as value;
\\if :ERROR
\\else
\\set found true
\\endif
\\endif
"""


def _postgresql() -> EngineFacts:
    report, connection, facts = (_script("postgresql", name) for name in ("outcome", "connection", "facts"))
    database = report + connection + facts
    return EngineFacts(
        dump=database + _script("postgresql", "dump"),
        proof=report + _script("postgresql", "proof"),
        prune=report + _script("postgresql", "prune"),
        report=database + _script("postgresql", "report"),
    )


def _script(engine: str, name: str) -> str:
    return (files("releaseflow.engines") / engine / f"{name}.sh").read_text("utf-8")
