"""What a run takes from the engine of its database."""

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.names import digest
from releaseflow.core.tools import bookkeeping
from releaseflow.engines.engine import Client, Session
from releaseflow.engines.registry import CLIENTS

_PREFIX = "releaseflow-"


def client_of(spec: MigrationRunSpec) -> Client | Absent:
    """Return how our own containers reach the database; ABSENT where we have no client for its engine."""
    return CLIENTS.get(spec.database.engine, ABSENT)


def required_client(spec: MigrationRunSpec) -> Client:
    """Return how our own containers reach a database that they cannot do without.

    Raises:
        ValueError: We have no client for its engine; then the API server accepts no backup of it.
    """
    client = client_of(spec)
    if client is ABSENT:
        raise ValueError(no_client(spec))
    return client


def client_image(spec: MigrationRunSpec, own: str) -> str:
    """Return the image with the client programs: the user's, or the operator's own."""
    return spec.database.client.image or own


def no_client(spec: MigrationRunSpec) -> str:
    """Say why the database was not asked: half a sentence."""
    return f"ReleaseFlow has no client for engine {spec.database.engine}"


def bookkeeping_program(spec: MigrationRunSpec, client: Client) -> str:
    """Return what asks the database for the migration tool's bookkeeping, in the language of the engine's client."""
    known = bookkeeping(spec.database.engine, spec.migration)
    return "".join(client.bookkeeping.replace("<TABLE>", b.table).replace("<VERSION>", b.version) for b in known)


def session_name(session: Session, run_name: str) -> str:
    """Return the name of the run's sessions in the database, different for every run."""
    name = f"{_PREFIX}{run_name}"
    if len(name) <= session.longest:
        return name
    tail = digest(run_name)
    return f"{name[: session.longest - len(tail) - 1]}-{tail}"
