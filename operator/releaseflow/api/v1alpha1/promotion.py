"""How the targets get the image."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import ApiModel


class Mode(StrEnum):
    """What a flow has to do with the image of its targets."""

    PROMOTE = "Promote"
    FOLLOW = "Follow"
    GATE = "Gate"


class OnRolloutFailure(StrEnum):
    """What to do when a promoted image does not come up."""

    HOLD = "Hold"
    ROLLBACK = "Rollback"


class PromotionOrder(StrEnum):
    """Whether a target waits for the one before it."""

    SEQUENTIAL = "Sequential"
    PARALLEL = "Parallel"


class Promotion(ApiModel):
    """How the targets get the image once the migration is known to have succeeded."""

    order: PromotionOrder = PromotionOrder.SEQUENTIAL
    """Sequential: one target after the other, each rolled out before the next. Parallel: all at once.

    With Parallel, a target that does not come up ends the release, or turns it back, while others roll out; those have
    the image already.
    """

    progress_deadline_seconds: Annotated[int, Field(ge=5, le=86_400)] = 600
    """Seconds that each target may take to roll out."""

    on_rollout_failure: OnRolloutFailure = OnRolloutFailure.HOLD
    """Hold: leave it to a person. Rollback: put the image before back; only where compatibility is Additive."""
