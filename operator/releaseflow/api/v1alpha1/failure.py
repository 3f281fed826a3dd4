"""What a failure carries: enough to act on without looking for logs."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, ExitCode, Message, ShortText
from releaseflow.api.v1alpha1.reasons import Reason


class FailedStep(StrEnum):
    """What a release was at when it failed; a run's Jobs are called as the steps that they belong to."""

    FIND_TARGETS = "FindTargets"
    """A target was replaced, or belongs to another flow (condition TargetsFound)."""
    RUN = "Run"
    """The flow's run could not be made or believed, or a target got the image before it (condition RunSucceeded)."""
    LOCK = "Lock"
    """The run may not touch the database (condition Locked)."""
    PREPARE = "Prepare"
    """There is no workload that the Jobs could inherit from, or no version that a Down could go to."""
    CHECK = "Check"
    """The check for pending migrations (condition Checked)."""
    HOOK = "Hook"
    """A hook (conditions HooksDone, BeforePromotionDone and AfterRolloutDone)."""
    BACKUP = "Backup"
    """The backup, or its proof (conditions BackedUp and BackupVerified)."""
    MIGRATE = "Migrate"
    """The migration (condition Migrated)."""
    PROMOTE = "Promote"
    """The image of a target was changed by somebody else (condition Promoted)."""
    ROLL_OUT = "RollOut"
    """The pods of a target did not come up with the image (condition RolledOut)."""


class Failure(ApiModel):
    """What went wrong, where, and what to do next."""

    step: FailedStep
    """What failed: Lock, Prepare, Check, Hook, Backup or Migrate of a run; FindTargets, Run, Promote or RollOut of a
    flow."""

    reason: Reason
    """Why, as one word of a closed set."""

    exit_code: ExitCode | None = None
    """Exit code of the container that failed, where one ran."""

    pod: ShortText = ""
    """Pod that the step ran in."""

    log_tail: Annotated[str, Field(max_length=4096)] = ""
    """At most the last 2 KB that the step wrote to both of its outputs, in the order in which they were read; scrubbed
    of what looks like a password. `kubectl logs` has the rest."""

    hint: Message = ""
    """What to do next."""
