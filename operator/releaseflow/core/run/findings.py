"""What the database says after a failed migration, compared with what it said before, and how a run says it."""

from dataclasses import dataclass

from releaseflow.api import commands
from releaseflow.api.v1alpha1.database import LeftBehind, SchemaStatus
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.redaction import one_line
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import way_back
from releaseflow.core.run.outcome import bookkeeping_is_known
from releaseflow.core.run.record import failure_message
from releaseflow.core.run.reports import SchemaReport
from releaseflow.core.tools import runs_at_startup

_LONGEST = 80
"""Characters of the bookkeeping that are shown."""
_HASH = 12
"""Characters of a fingerprint that are shown."""
_LONGEST_HINT = 900
"""Characters up to which a hint is filled with what was found: the flow says a sentence before it."""
_BETWEEN = "; "


@dataclass(frozen=True)
class Finding:
    """What a failed migration left in the database."""

    state: LeftBehind
    message: str
    schema: SchemaStatus | Absent = ABSENT
    """The database's own word; ABSENT where it has not answered."""


def not_known(why: str) -> Finding:
    """Say that the database has not answered."""
    return Finding(LeftBehind.UNKNOWN, one_line(why, LONGEST_MESSAGE))


def compare(facts: RunObserved, said: SchemaReport) -> Finding:
    """Compare the database with what it was when the backup was taken; a tool unknown to us may have moved rows."""
    if said.identity != facts.status.database_identity:
        return not_known("another database answered than the one that was backed up")
    after = SchemaStatus(version=said.schema_version, fingerprint=said.fingerprint)
    if after != facts.status.schema_before:
        return Finding(LeftBehind.DIRTY, _differences(facts.status, said), after)
    if runs_at_startup(facts.spec):
        why = "schema and bookkeeping were as before the release, and Kubernetes starts the migration again by itself"
        return Finding(LeftBehind.UNKNOWN, why, after)
    if not bookkeeping_is_known(facts, after):
        why = "the schema is as it was, but the tool's bookkeeping is not known, so its rows may have changed"
        return Finding(LeftBehind.UNKNOWN, why, after)
    return Finding(LeftBehind.CLEAN, "schema and bookkeeping are as they were; rows were not compared", after)


def with_finding(facts: RunObserved, status: MigrationRunStatus, finding: Finding) -> MigrationRunStatus:
    """Return the record with what was found; what the run says of its failure begins with it."""
    found = {"database_state": finding.state, "database_message": finding.message}
    schema = {} if finding.schema is ABSENT else {"schema_after": finding.schema}
    return _with_hint(facts, status.model_copy(update=found | schema), finding)


def _differences(status: MigrationRunStatus, said: SchemaReport) -> str:
    """Say what differs, in few words: the status has both schemas whole."""
    before, tables = status.schema_before or SchemaStatus(), status.backup.tables if status.backup else said.tables
    found = []
    if before.version != said.schema_version:
        found.append(f"the bookkeeping was {_short(before.version)} and is {_short(said.schema_version)}")
    if before.fingerprint != said.fingerprint:
        found.append(f"the schema's fingerprint was {before.fingerprint[:_HASH]} and is {said.fingerprint[:_HASH]}")
    if tables != said.tables:
        found.append(f"there were {tables} tables and are {said.tables}")
    return ", ".join(found)


def _short(version: str) -> str:
    return one_line(version, _LONGEST) or "empty"


def _with_hint(facts: RunObserved, status: MigrationRunStatus, finding: Finding) -> MigrationRunStatus:
    """Put what was found before the hint, of which nothing is lost for it, and into the conditions that repeat it."""
    old = status.failure
    if old is None:
        return status
    rest = old.hint.replace(way_back(facts, old.reason), "") if finding.state is LeftBehind.CLEAN else old.hint
    room = max(_LONGEST_HINT - len(rest) - len(_BETWEEN), 0)
    hint = f"{_in_words(facts, finding)[:room]}{_BETWEEN}{rest}"
    failure = old.model_copy(update={"hint": hint[-LONGEST_MESSAGE:]})
    said = failure_message(old)
    conditions = tuple(
        c.model_copy(update={"message": failure_message(failure)}) if c.message == said else c
        for c in status.conditions
    )
    return status.model_copy(update={"failure": failure, "conditions": conditions})


def _in_words(facts: RunObserved, finding: Finding) -> str:
    match finding.state:
        case LeftBehind.CLEAN:
            return f"nothing was changed in the database: {finding.message}"
        case LeftBehind.DIRTY:
            return f"the database was changed. {_repair(facts)}. It differs from before: {finding.message}"
        case LeftBehind.UNKNOWN:
            return f"what is in the database is not known: {finding.message}"


def _repair(facts: RunObserved) -> str:
    """Say what to do about a database that was changed; the hint has a point in time to go back to already."""
    if not facts.spec.backup.is_taken:
        return "Repair it, or restore it"
    return f"Repair it, or restore it: {commands.print_restore_command(facts.namespace, facts.name)}"
