"""What tools that wait by kstatus (Flux, Helm 4, kubectl plugins) make of a status: their rules, in Python."""

from enum import StrEnum

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.conditions import READY, RECONCILING, STALLED, condition


class Kstatus(StrEnum):
    """The results that a wait distinguishes."""

    CURRENT = "Current"
    """The wait is over."""
    IN_PROGRESS = "InProgress"
    """The wait goes on."""
    FAILED = "Failed"
    """The wait is over at once, without success."""


def kstatus(status: ReleaseFlowStatus | MigrationRunStatus, generation: int) -> Kstatus:
    """Return the result for a custom object of a generation, as sigs.k8s.io/cli-utils computes it."""
    if status.observed_generation != generation:
        return Kstatus.IN_PROGRESS
    for found in status.conditions:
        if found.type == RECONCILING and found.status is ConditionStatus.TRUE:
            return Kstatus.IN_PROGRESS
        if found.type == STALLED and found.status is ConditionStatus.TRUE:
            return Kstatus.FAILED
    ready = condition(status.conditions, READY)
    return Kstatus.CURRENT if ready is None or ready.status is ConditionStatus.TRUE else Kstatus.IN_PROGRESS


DONE = frozenset(
    {
        *(Reason.RELEASED, Reason.MIGRATED, Reason.NOTHING_PENDING, Reason.WENT_DOWN, Reason.ALREADY_DOWN),
        *(Reason.HOOKS_DONE, Reason.HOOK_FAILURE_ALLOWED),
    }
)
"""Reasons of Ready with which a wait is over."""
GOES_ON = frozenset(
    {
        *(Reason.RUN_IN_PROGRESS, Reason.STARTING, Reason.CHECKING, Reason.BACKING_UP, Reason.MIGRATING),
        *(Reason.PROMOTING, Reason.ROLLING_OUT, Reason.ROLLING_BACK, Reason.STOPPING),
        *(Reason.LOCK_HELD, Reason.AWAITING_APPROVAL, Reason.SUSPENDED),
        *(Reason.STARTING_UP, Reason.RUNNING_HOOKS, Reason.SUPERSEDED, Reason.FLOW_NOT_SUSPENDED),
        *(Reason.TARGET_PAUSED, Reason.TARGET_NOT_GATED, Reason.STARTUP_UNSAFE),
    }
)
"""Reasons with which a wait goes on: work, a person who decides, or what may become well by itself."""
ENDED_BY_ITS_FLOW = frozenset({Reason.SUPERSEDED, Reason.ABORTED, Reason.FLOW_DELETED, Reason.RUN_DELETED})
"""Reasons with which a run ended and asks for no action: nothing waits for such a run."""
EITHER = frozenset(
    {
        *(Reason.CONNECTION_FAILED, Reason.TARGET_NOT_FOUND, Reason.PROMOTION_REFUSED, Reason.FORBIDDEN),
        *(Reason.IMAGE_PULL_FAILED, Reason.POD_NOT_CREATED, Reason.QUOTA_EXCEEDED, Reason.CONFIG_MISSING),
        *(Reason.CONTAINER_NOT_STARTED, Reason.CONTAINER_NOT_FOUND, Reason.NODE_LOST),
    }
)
"""Reasons with which a wait goes on until the object gives up."""


def assert_meant(status: ReleaseFlowStatus | MigrationRunStatus, generation: int) -> None:
    """A wait is over once all is done, fails at once where a person has to act, and else goes on."""
    ready = condition(status.conditions, READY)
    assert ready is not None
    found, reason = kstatus(status, generation), ready.reason
    waits = GOES_ON | (ENDED_BY_ITS_FLOW if isinstance(status, MigrationRunStatus) else frozenset())
    meant = Kstatus.CURRENT if reason in DONE else Kstatus.IN_PROGRESS if reason in waits else Kstatus.FAILED
    assert found is meant or (reason in EITHER and found is Kstatus.IN_PROGRESS), f"{reason} is {found}, not {meant}"
