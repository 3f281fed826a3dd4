"""The steps of a run, and what is recorded of each."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, ExitCode, SeenImage, ShortText, Timestamp, Uid
from releaseflow.api.v1alpha1.reasons import Reason


class StepType(StrEnum):
    """What kind of thing a run does with a Job."""

    CHECK = "Check"
    HOOK = "Hook"
    """Runs one hook of the user's; a run may have several."""
    BACKUP = "Backup"
    MIGRATE = "Migrate"
    REPORT = "Report"
    """Asks the database what a failed migration left in it."""


class StepOutcome(StrEnum):
    """How a step ended."""

    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class StepStatus(ApiModel):
    """What is known of one step."""

    name: Annotated[str, Field(max_length=63)]
    """Name of the step, one of its kind in a run, for example migrate; of a hook, its own."""

    type: StepType
    """What the step does: Check, Hook, Backup, Migrate, or Report on the database after a migration that failed."""

    attempt: Annotated[int, Field(ge=1, le=48)] = 1
    """Number of the attempt; a migration and a hook have only one."""

    expired: Annotated[int, Field(ge=0, le=3)] = 0
    """How many attempts before this one proved a backup that grew too old before the migration could start."""

    unreachable: Annotated[int, Field(ge=0, le=13)] = 0
    """How many attempts before this one could not reach the database: they are repeated for about ten minutes."""

    asked_before: Annotated[int, Field(ge=0, le=32)] = 0
    """How many attempts answered an earlier question, before an approval or the migration; they are no tries."""

    job_name: ShortText = ""
    """Name of the attempt's Job; empty for a migration that runs as the pods of a target start."""

    job_uid: Uid = ""
    """UID of the attempt's Job. A migration or a hook is not started before this is recorded."""

    template_hash: ShortText = ""
    """Hash of the Job's pod template, as it was when the attempt was decided on."""

    outcome: StepOutcome | None = None
    """How the step ended; empty while it is under way."""

    exit_code: ExitCode | None = None
    """Exit code of the container that decided the outcome."""

    image_id: SeenImage = ""
    """Image ID that the container runtime reported for the migration's container."""

    pod_name: ShortText = ""
    """Pod that the step was last seen in."""

    given_up: Reason | None = None
    """Why the Job of a migration or a hook is being suspended before its pod started; of a migration at startup, why it
    was never written."""

    start_time: Timestamp | None = None
    """When the attempt was decided on."""

    completion_time: Timestamp | None = None
    """When the outcome was recorded."""
