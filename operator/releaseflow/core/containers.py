"""The containers of our Jobs: who builds a pod and who reads one call them by the same names."""

from enum import StrEnum

from releaseflow.api.v1alpha1.steps import StepType


class ContainerName(StrEnum):
    """A container of one of our pods."""

    CHECK = "check"
    HOOK = "hook"
    BACKUP = "backup"
    """Dumps the database, reads the dump back, and removes old ones."""
    POINT = "point"
    """Asks the database for a point in time to restore it to, where no dump is taken."""
    MIGRATE = "migrate"
    REPORT = "report"
    """Asks the database for its own word after a migration."""
    STARTUP = "releaseflow-migrate"
    """Migrates in the pods of a target, as they start."""
    STATE = "state"
    """Asks the database what a failed migration left in it."""


WITH_LOG = {
    StepType.CHECK: ContainerName.CHECK,
    StepType.HOOK: ContainerName.HOOK,
    StepType.BACKUP: ContainerName.BACKUP,
    StepType.MIGRATE: ContainerName.MIGRATE,
    StepType.REPORT: ContainerName.STATE,
}
"""The container of a step's pod whose log is worth following."""
