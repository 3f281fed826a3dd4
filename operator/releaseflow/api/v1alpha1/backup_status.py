"""What a run records of its backup: a proven one, a point in time, or that none was taken."""

from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, ShortText, Timestamp
from releaseflow.api.schema.cel import EnumOf
from releaseflow.destinations.registry import DESTINATIONS

POINT_IN_TIME = "PointInTime"
"""The method of a run that records a point to restore the database to."""
_NOT_TAKEN = "None"
"""The method of a run that takes no backup."""
_PLACES = DESTINATIONS.values()
_METHODS = (
    f"How the backup was made: {', '.join(f'{kind.method} is {kind.means}' for kind in _PLACES)}. {POINT_IN_TIME}:"
    " nothing was copied, and the point that the database's own backups can be restored to is in recoveryTime and"
    f" recoveryLSN. {_NOT_TAKEN}: no backup was taken, as spec.backup.none says."
)
_LOCATIONS = f"Where the backup is, as a URI: {', '.join(kind.location_format for kind in _PLACES)}."


class BackupStatus(ApiModel):
    """A proven backup: where it is, how it was proven, how to restore it. Or that none was taken."""

    method: Annotated[
        str, EnumOf((*(kind.method for kind in _PLACES), POINT_IN_TIME, _NOT_TAKEN)), Field(description=_METHODS)
    ]
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

    recovery_time: Timestamp | None = None
    """Second by the clock of the database server to restore the database to: before it lies all that was committed
    when the point was recorded, after it all of the migration."""

    recovery_lsn: Annotated[str, Field(alias="recoveryLSN", max_length=17)] = ""
    """Position in the write-ahead log just after recoveryTime; empty where the server gives none."""

    restore_command: Annotated[str, Field(max_length=4096)] = ""
    """Command that restores exactly this backup into an empty database."""

    warning: ShortText = ""
    """Why old backups could not be removed; empty where all that should be gone is gone."""

    completion_time: Timestamp | None = None
    """When the backup was proven, or the point recorded."""


class ExpiredBackup(ApiModel):
    """A proven backup that grew too old before the migration could start, and was taken again."""

    location: Annotated[str, Field(max_length=1024, description=_LOCATIONS)]

    sha256: Annotated[str, Field(max_length=64)]
    """SHA-256 of the backup, taken when it was written."""


NOT_TAKEN = BackupStatus(method=_NOT_TAKEN)
"""What is recorded where no backup is taken."""
