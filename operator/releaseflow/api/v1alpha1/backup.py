"""Backups: where they go, how long they are kept, and what is recorded of a proven one."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

from releaseflow.api.schema.base import ApiModel, ShortText, Timestamp
from releaseflow.api.schema.cel import EnumOf, ExactlyOne, Rule
from releaseflow.api.schema.union import joined_by
from releaseflow.api.v1alpha1.database import Database
from releaseflow.destinations.destination import Destination
from releaseflow.destinations.registry import DESTINATIONS
from releaseflow.engines.registry import CLIENTS, ENGINES

_PLACES = DESTINATIONS.values()
_NO_CLIENT = sorted(ENGINES.keys() - CLIENTS.keys())
_CANNOT_DUMP = (
    f"no backup can be taken with engine {' or '.join(_NO_CLIENT)}, which ReleaseFlow has no client for: write backup:"
    " {none: {acknowledge: DataMayBeLost}}, and back the database up by other means"
)
BACKUP_NEEDS_CLIENT = Rule(
    f"!(self.database.engine in {_NO_CLIENT}) || has(self.backup.none)", _CANNOT_DUMP, field=".backup"
)
"""Holds for what has a database and a backup."""
_NOT_TAKEN = "None"
"""The method of a run that takes no backup."""
_NO_PLACE = (
    f"needs exactly one place for backups: write {', or '.join(kind.example for kind in _PLACES)}; or, to migrate with"
    " no way back, none: {acknowledge: DataMayBeLost}"
)
_METHODS = (
    f"How the backup was made: {', '.join(f'{kind.method} is {kind.means}' for kind in _PLACES)}. {_NOT_TAKEN}: no"
    " backup was taken, as spec.backup.none says."
)
_LOCATIONS = f"Where the backup is, as a URI: {', '.join(kind.uri_means for kind in _PLACES)}."


def check_backup_client(database: Database, backup: "Backup") -> None:
    """See that a backup is asked for only of an engine that we have a client for.

    Raises:
        ValueError: It is of another one, which the API server refuses.
    """
    if backup.is_taken and database.engine not in CLIENTS:
        raise ValueError(_CANNOT_DUMP)


class Acknowledgement(StrEnum):
    """What a user knows who wants no backup."""

    DATA_MAY_BE_LOST = "DataMayBeLost"


class NoBackup(ApiModel):
    """Migrate without a backup: what a migration breaks or deletes is then lost.

    For previews, caches, databases that something else backs up, and engines that ReleaseFlow has no client for.
    """

    acknowledge: Acknowledgement
    """DataMayBeLost: states that the data may be lost."""


@joined_by(DESTINATIONS)
class Backup(ApiModel):
    """A backup, taken and proven before each migration: exactly one place where it goes to, or none; and its bounds.

    Without a proven backup nothing is migrated, unless `none` says so. The run's status has the command that restores
    it.
    """

    union = ExactlyOne((*map(to_camel, DESTINATIONS), "none"), _NO_PLACE)

    none: NoBackup | None = None

    deadline_seconds: Annotated[int, Field(ge=10, le=604_800)] = 2700
    """Seconds after which one attempt at a backup is given up."""

    retain: Annotated[int, Field(ge=1, le=100)] = 5
    """How many proven backups of successful runs are kept; older ones are pruned once a newer one is proven."""

    minimum_size_bytes: Annotated[int, Field(ge=1, le=1_000_000_000_000_000)] = 1
    """Bytes below which a backup is not believed."""

    @model_validator(mode="after")
    def _names_a_place_or_none(self) -> Self:
        if len(self._places) > 1 or (not self._places and self.none is None):
            raise ValueError(_NO_PLACE)
        return self

    @property
    def is_taken(self) -> bool:
        """Whether a backup is taken before a migration: wherever a place for it is named."""
        return bool(self._places)

    @property
    def destination(self) -> Destination:
        """The place where backups go.

        Raises:
            ValueError: No backup is taken.
        """
        if not self.is_taken:
            raise ValueError("spec.backup.none takes no backup")
        return self._places[0]

    @property
    def _places(self) -> list[Destination]:
        given: list[Destination | None] = [getattr(self, name, None) for name in DESTINATIONS]
        return [place for place in given if place is not None]


class BackupStatus(ApiModel):
    """A proven backup: where it is, how it was proven, how to restore it. Or that none was taken."""

    method: Annotated[str, EnumOf((*(kind.method for kind in _PLACES), _NOT_TAKEN)), Field(description=_METHODS)]
    location: Annotated[str, Field(max_length=1024, description=_LOCATIONS)] = ""

    size_bytes: Annotated[int, Field(ge=0)] = 0
    """Size of the backup in bytes."""

    sha256: Annotated[str, Field(max_length=64)] = ""
    """SHA-256 of the backup, taken when it was written."""

    duration_seconds: Annotated[int, Field(ge=0)] = 0
    """Seconds that the dump took."""

    server_version: ShortText = ""
    """Version of the database server."""

    client_version: ShortText = ""
    """Version of the program that took the backup."""

    tables: Annotated[int, Field(ge=0)] = 0
    """Number of tables in the database when the backup was taken."""

    proof: ShortText = ""
    """How the backup was proven."""

    restore_command: Annotated[str, Field(max_length=4096)] = ""
    """Command that restores exactly this backup into an empty database."""

    warning: ShortText = ""
    """Why old backups could not be removed; empty where all that should be gone is gone."""

    completion_time: Timestamp | None = None
    """When the backup was proven."""


NOT_TAKEN = BackupStatus(method=_NOT_TAKEN)
"""What is recorded where no backup is taken."""
