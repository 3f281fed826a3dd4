"""What a flow says of backups: a place where they go, a point in time, or none."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

from releaseflow.api.schema.base import ApiModel
from releaseflow.api.schema.cel import ExactlyOne, Rule
from releaseflow.api.schema.union import joined_by
from releaseflow.api.v1alpha1.database import Database
from releaseflow.destinations.destination import Destination
from releaseflow.destinations.registry import DESTINATIONS
from releaseflow.engines.registry import CLIENTS, ENGINES

MEMBERS = (*map(to_camel, DESTINATIONS), "pointInTime", "none")
"""Fields of `spec.backup` of which an object has one."""
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
_NO_PLACE = (
    f"needs exactly one place for backups: write {', or '.join(kind.example for kind in _PLACES)}; for a managed"
    " database that can be restored to any second, pointInTime: {statement: 'RDS, 7 days, restore tested 2026-10-02'};"
    " or, to migrate with no way back, none: {acknowledge: DataMayBeLost}"
)


def check_backup_client(database: Database, backup: "Backup") -> None:
    """See that a backup is asked for only of an engine that we have a client for.

    Raises:
        ValueError: It is of another one, which the API server refuses.
    """
    if backup.asks_database and database.engine not in CLIENTS:
        raise ValueError(_CANNOT_DUMP)


class Acknowledgement(StrEnum):
    """What a user knows who wants no backup."""

    DATA_MAY_BE_LOST = "DataMayBeLost"


class NoBackup(ApiModel):
    """Migrate without a backup: what a migration breaks or deletes is then lost.

    Write `{acknowledge: DataMayBeLost}`. For previews, caches, databases that something else backs up, and engines that
    ReleaseFlow has no client for.
    """

    acknowledge: Acknowledgement
    """DataMayBeLost, the only value: whoever writes it states that the data may be lost."""


class PointInTime(ApiModel):
    """For a managed database that its provider can restore to any second: ReleaseFlow copies nothing.

    For example `{statement: "RDS, 7 days, restore tested 2026-10-02"}`. Before the migration starts it asks the
    database for its identity and schema, and records the second and, where the server has one, the position in the
    write-ahead log to restore to. Whether that restore works, ReleaseFlow does not test.
    """

    statement: Annotated[str, Field(min_length=10, max_length=512)]
    """What makes such a restore possible, for whoever reads this at three in the morning: what keeps the backups, for
    how long, and when a restore was tried last. For example: RDS, 7 days, restore tested 2026-10-02."""


@joined_by(DESTINATIONS)
class Backup(ApiModel):
    """A backup, taken and proven before each migration: exactly one place where it goes to, pointInTime, or none.

    Without a proven backup, or a recorded point, nothing is migrated, unless `none` says so. The run's status has the
    command that restores the backup, or the words to restore the database to. For example `{persistentVolumeClaim:
    {claimName: shop-backups}}`.
    """

    union = ExactlyOne(MEMBERS, _NO_PLACE)

    point_in_time: PointInTime | None = None

    none: NoBackup | None = None

    deadline_seconds: Annotated[int, Field(ge=10, le=604_800)] = 2700
    """Seconds after which one attempt at a backup is given up; a large database needs more, for example `21600`."""

    maximum_age_seconds: Annotated[int, Field(ge=60, le=604_800)] = 3600
    """Seconds after which a proven backup, or a recorded point, is too old to start the migration with, for example
    since the flow was suspended meanwhile: then it is taken again, up to three times."""

    retain: Annotated[int, Field(ge=1, le=100)] = 5
    """How many proven backups of successful runs are kept; older ones are pruned once a newer one is proven."""

    minimum_size_bytes: Annotated[int, Field(ge=1, le=1_000_000_000_000_000)] = 1
    """Bytes below which a backup is not believed and nothing is migrated, for example `1000000` where the database has
    never been smaller."""

    @model_validator(mode="after")
    def _has_one_member(self) -> Self:
        if not self._given or sum(isinstance(member, Destination) for member in self._given) > 1:
            raise ValueError(_NO_PLACE)
        return self

    @property
    def member(self) -> Destination | PointInTime | NoBackup:
        """What is done before a migration; of several, which the API server refuses, the safest."""
        return self._given[0]

    @property
    def asks_database(self) -> bool:
        """Whether a Job asks the database before a migration, for a dump or for a point in time."""
        return not isinstance(self.member, NoBackup)

    @property
    def is_taken(self) -> bool:
        """Whether a backup is taken before a migration: wherever a place for it is named."""
        return isinstance(self.member, Destination)

    @property
    def destination(self) -> Destination:
        """The place where backups go.

        Raises:
            ValueError: No backup is taken.
        """
        if not isinstance(self.member, Destination):
            raise ValueError("spec.backup names no place for backups: ReleaseFlow takes none")  # noqa: TRY004 (a value)
        return self.member

    @property
    def _given(self) -> list[Destination | PointInTime | NoBackup]:
        places: list[Destination | None] = [getattr(self, name, None) for name in DESTINATIONS]
        return [member for member in (*places, self.point_in_time, self.none) if member is not None]
