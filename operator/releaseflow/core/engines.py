"""What a run takes from the engine of its database."""

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.core.names import digest
from releaseflow.core.tools import bookkeeping
from releaseflow.engines.engine import Client, Session
from releaseflow.engines.registry import ENGINES

_PREFIX = "releaseflow-"


def client_of(spec: MigrationRunSpec) -> Client:
    """Return how our own containers reach the database."""
    return ENGINES[spec.database.engine].client


def bookkeeping_program(spec: MigrationRunSpec) -> str:
    """Return what asks the database for the migration tool's bookkeeping, in the language of the engine's client."""
    asked = client_of(spec).bookkeeping
    known = bookkeeping(spec.database.engine, spec.migration)
    return "".join(asked.replace("<TABLE>", b.table).replace("<VERSION>", b.version) for b in known)


def session_name(session: Session, run_name: str) -> str:
    """Return the name of the run's sessions in the database, different for every run."""
    name = f"{_PREFIX}{run_name}"
    if len(name) <= session.longest:
        return name
    tail = digest(run_name)
    return f"{name[: session.longest - len(tail) - 1]}-{tail}"
