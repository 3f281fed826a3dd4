"""Backups: where they go, how long they are kept, and what is recorded of a proven one."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, ObjectName, ShortText, Timestamp
from releaseflow.api.schema.cel import ExactlyOne


class VolumeClaim(ApiModel):
    """Backups go to a volume, one folder for each flow."""

    claim_name: ObjectName
    """Name of the PersistentVolumeClaim, in the namespace of the object that names it."""


class Backup(ApiModel):
    """A backup, taken and proven before each migration: exactly one place where it goes to, and its bounds.

    Without a proven backup nothing is migrated. The run's status has the command that restores it.
    """

    union = ExactlyOne(
        ("persistentVolumeClaim",),
        "needs exactly one place for backups: write persistentVolumeClaim: {claimName: shop-backups}, with the name of"
        " your claim",
    )

    persistent_volume_claim: VolumeClaim

    deadline_seconds: Annotated[int, Field(ge=10, le=604_800)] = 2700
    """Seconds after which one attempt at a backup is given up."""

    retain: Annotated[int, Field(ge=1, le=100)] = 5
    """How many proven backups of successful runs are kept; older ones are pruned once a newer one is proven."""

    minimum_size_bytes: Annotated[int, Field(ge=1, le=1_000_000_000_000_000)] = 1
    """Bytes below which a backup is not believed."""


class BackupMethod(StrEnum):
    """How the way back was made: the member of spec.backup that asked for it."""

    PERSISTENT_VOLUME_CLAIM = "PersistentVolumeClaim"


class BackupStatus(ApiModel):
    """A proven backup: where it is, how it was proven, how to restore it."""

    method: BackupMethod
    """How the backup was made: PersistentVolumeClaim is a dump to a volume."""

    location: Annotated[str, Field(max_length=1024)] = ""
    """Where the backup is, as a URI: pvc://CLAIM/PATH is a file in a PersistentVolumeClaim of the run's namespace."""

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
