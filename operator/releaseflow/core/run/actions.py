"""Everything that a decision about a MigrationRun can ask of the shell."""

from dataclasses import dataclass
from typing import TypeAlias

from releaseflow.api.migration_run import StepName
from releaseflow.core.observed import Absent
from releaseflow.core.run.observed import DatabaseState, LockSeen


@dataclass(frozen=True)
class HoldRun:
    """Put our finalizer on the run, and the label by which those who wait for the same lock find it."""


@dataclass(frozen=True)
class ReleaseRun:
    """Take our finalizer and the lock's label off the run."""


@dataclass(frozen=True)
class TakeLock:
    """Make the run the holder of the lock, from exactly the state that was seen."""

    seen: LockSeen | Absent
    takes_over: bool = False
    """Whether another holder is pushed aside: this one is decided on live reads alone."""


@dataclass(frozen=True)
class ReleaseLock:
    """Free the lock, and leave on it what is known of the database; decided on live reads alone.

    A view that has not heard of a pod yet would let the next run in beside it.
    """

    seen: LockSeen
    database: DatabaseState
    identity: str
    had_tables: bool
    tables_namespace_uid: str = ""


@dataclass(frozen=True)
class DeleteLock:
    """Delete a lock that nothing is known by, if it is exactly the one that was seen; decided on live reads alone."""

    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class CreateJob:
    """Create the Job of a step's recorded attempt; a migration's is created suspended."""

    step: StepName
    name: str
    attempt: int
    template_hash: str


@dataclass(frozen=True)
class StartMigration:
    """Un-suspend the recorded migration Job; decided on live reads alone."""

    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class SuspendJob:
    """Suspend a Job whose pod did not start in time."""

    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class DeleteJob:
    """Delete a Job in the background, if it is exactly the one that was seen; decided on live reads alone."""

    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class ReleasePod:
    """Take our finalizer off a pod."""

    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class ReleaseJob:
    """Let go of a Job in one write: no finalizer of ours, the run as its owner, and an end an hour after its own."""

    name: str
    uid: str
    resource_version: str


RunAction: TypeAlias = (
    HoldRun
    | ReleaseRun
    | TakeLock
    | ReleaseLock
    | DeleteLock
    | CreateJob
    | StartMigration
    | SuspendJob
    | DeleteJob
    | ReleasePod
    | ReleaseJob
)
