"""One release of a flow: why it was started, how far it is, how it ended."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, ImageName, ObjectName, ShortText, Timestamp, Uid
from releaseflow.api.schema.cel import ListMap
from releaseflow.api.v1alpha1.migration import Compatibility
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason


class Trigger(StrEnum):
    """Why a release was started."""

    FIRST_SIGHT = "FirstSight"
    NEW_IMAGE = "NewImage"
    DATABASE_CHANGED = "DatabaseChanged"
    RETRY = "Retry"
    NEW_TARGET = "NewTarget"


class Outcome(StrEnum):
    """How a release ended; final for its sequence."""

    RELEASED = "Released"
    SUPERSEDED = "Superseded"
    FAILED = "Failed"
    ROLLED_BACK = "RolledBack"
    ABORTED = "Aborted"


class FurtherRun(ApiModel):
    """A run of a release beside the one that migrates: of the hooks of one place."""

    role: RunRole
    """What it is for in the release."""

    run: ObjectName
    """Name of the MigrationRun."""

    uid: Uid = ""
    """UID of the MigrationRun; it starts nothing before this is recorded."""

    outcome: Reason | None = None
    """How it ended, once that is known."""


class Startup(StrEnum):
    """How far a migration has come that runs as the first target starts."""

    INTENDED = "Intended"
    """Nothing of it was written yet."""
    BEGUN = "Begun"
    """It may have been written into the target, so it may have started."""


class Release(ApiModel):
    """One release of a flow."""

    sequence: Annotated[int, Field(ge=1)]
    """Number of the release; it only grows."""

    image: ImageName
    """Image that is released."""

    trigger: Trigger
    """Why the release was started."""

    database_hash: ShortText = ""
    """Hash of the flow's database settings at the start."""

    run: ObjectName
    """Name of the release's MigrationRun."""

    run_outcome: Reason | None = None
    """How the run ended, once that is known."""

    migrated: bool = False
    """Whether the run changed the schema."""

    further_runs: Annotated[tuple[FurtherRun, ...], Field(max_length=8), ListMap(("role",))] = ()
    """The release's other runs, in the order in which they were asked for."""

    compatibility: Compatibility = Compatibility.BREAKING
    """Compatibility that the flow claimed for this image's migration."""

    startup: Startup | None = None
    """With runIn Startup: Intended, or Begun once the migration may have been written into the first target."""

    aborted: bool = False
    """Whether a person asked for the end of this release."""

    outcome: Outcome | None = None
    """How the release ended; empty while it is under way."""

    outcome_reason: Reason | None = None
    """Why the release ended so."""

    start_time: Timestamp
    """When the release was started."""

    completion_time: Timestamp | None = None
    """When the release ended."""
