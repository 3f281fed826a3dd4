"""What a failure carries: enough to act on without looking for logs."""

from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, ExitCode, Message, ShortText
from releaseflow.api.v1alpha1.reasons import Reason


class Failure(ApiModel):
    """What went wrong, where, and what to do next."""

    step: ShortText
    """Step or gate that failed."""

    reason: Reason
    """Why, as one word of a closed set."""

    exit_code: ExitCode | None = None
    """Exit code of the container that failed, where one ran."""

    pod: ShortText = ""
    """Pod that the step ran in."""

    log_tail: Annotated[str, Field(max_length=4096)] = ""
    """The last lines that the step wrote, scrubbed of what looks like a password, and cut."""

    hint: Message = ""
    """What to do next."""
