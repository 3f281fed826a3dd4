"""Which database a flow or a run is about, and what it says of its schema."""

from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, ImageName, ShortText
from releaseflow.api.schema.cel import EnumOf, ExactlyOne, Pattern
from releaseflow.api.v1alpha1.pods import PodOptions, SecretKeyRef
from releaseflow.engines.registry import DEFAULT_ENGINE, ENGINES

LOCK_KEY = Pattern(
    r"^([a-zA-Z0-9]([-a-zA-Z0-9._/]*[a-zA-Z0-9])?)?$",
    "is not a lock's name: write letters, digits, '-', '_', '.' and '/', beginning and ending with a letter or digit,"
    " for example shop; or leave lockKey out",
)
_ENGINES = " ".join(f"{engine.name}: {engine.says}." for engine in ENGINES.values())
_URL = f"""Reference to the connection URL, for example `{ENGINES[DEFAULT_ENGINE].url}`.

The kubelet gives it to the check, the backup and the migration as the environment variable DATABASE_URL; the operator
itself never reads it."""


class DatabaseClient(PodOptions):
    """The containers with the database's client programs: they back up, and report on the database after a migration.

    The report runs in the migration's pod, so serviceAccountName holds for the backup alone. A change of client starts
    no release.
    """

    image: ImageName | None = None
    """Image with the database's client programs; the operator's default when left out.

    It needs a shell, and a client of the server's major version or newer.
    """


class Database(ApiModel):
    """The database to migrate: which one, and the reference to its connection URL.

    One run at a time touches it. After a failed or interrupted migration nothing more is started on it until a person
    says so with the annotation releaseflow.dev/retry.
    """

    union = ExactlyOne(
        ("urlSecretRef",),
        "needs exactly one way to the database: write urlSecretRef: {name: shop-db, key: url}, with the Secret and the"
        " key that hold your connection URL",
    )

    engine: Annotated[str, EnumOf(tuple(ENGINES)), Field(description=_ENGINES)] = DEFAULT_ENGINE
    url_secret_ref: Annotated[SecretKeyRef, Field(description=_URL)]

    client: DatabaseClient = DatabaseClient()

    lock_key: Annotated[str, Field(max_length=253), LOCK_KEY] = ""
    """Name of the lock that lets one run at a time touch this database; the Secret's name and key when left out.

    Flows and runs of one namespace that use one database must say the same key.
    """

    @property
    def effective_lock_key(self) -> str:
        """The key of the lock, the default filled in."""
        return effective_lock_key(self.lock_key, self.url_secret_ref.name, self.url_secret_ref.key)


class SchemaStatus(ApiModel):
    """The database's own word on its schema."""

    version: ShortText = ""
    """The migration tool's bookkeeping, in one line; empty where none was found."""

    fingerprint: Annotated[str, Field(max_length=64)] = ""
    """Hash of all tables, columns, indexes, constraints, views, functions and types."""


def effective_lock_key(lock_key: str, secret_name: str, secret_key: str) -> str:
    """Return the key of a database's lock: as it is named or, by default, from the reference to the connection URL."""
    return lock_key or f"{secret_name}/{secret_key}"
