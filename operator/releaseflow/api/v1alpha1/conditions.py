"""Conditions, as every Kubernetes client reads them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, Message, Timestamp
from releaseflow.api.schema.cel import ListMap
from releaseflow.api.v1alpha1.reasons import Reason


class ConditionStatus(StrEnum):
    """Whether a condition holds."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Condition(ApiModel):
    """One fact about an object, and why it is so."""

    type: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z]+$")]
    """Name of the condition: Ready, Reconciling, Stalled, or a gate."""

    status: ConditionStatus
    """Whether it holds."""

    reason: Reason
    """Why, as one word of a closed set."""

    message: Message = ""
    """Why, in words, and what to do next."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """Generation of the spec that this was seen at."""

    last_transition_time: Timestamp
    """When status last changed."""


Conditions = Annotated[tuple[Condition, ...], Field(max_length=16), ListMap(("type",))]
