"""Everything that a decision about a MigrationRun can ask of the controller."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.decision import Action
from releaseflow.core.facts import Absent
from releaseflow.core.run.facts import DatabaseState, LockFacts


@dataclass(frozen=True)
class AddFinalizer(Action):
    """Put our finalizer on the run, and the label by which those who wait for the same lock find it."""


@dataclass(frozen=True)
class RemoveFinalizer(Action):
    """Take our finalizer and the lock's label off the run."""


@dataclass(frozen=True)
class TakeLock(Action):
    """Make the run the holder of the lock, from exactly the state that was seen."""

    before_status: ClassVar[bool] = True
    lock: LockFacts | Absent


@dataclass(frozen=True)
class TakeOverLock(TakeLock):
    """Make the run the holder of a lock whose holder is gone."""

    requires_live_read: ClassVar[bool] = True


@dataclass(frozen=True)
class ReleaseLock(Action):
    """Free the lock, and leave on it what is known of the database.

    A cache that has not seen a pod yet would let the next run in beside it.
    """

    requires_live_read: ClassVar[bool] = True
    lock: LockFacts
    database: DatabaseState
    identity: str
    had_tables: bool
    tables_namespace_uid: str = ""


@dataclass(frozen=True)
class DeleteLock(Action):
    """Delete a lock that nothing is known by, if it is exactly the one that was seen."""

    requires_live_read: ClassVar[bool] = True
    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class CreateJob(Action):
    """Create the Job of a step's recorded attempt; a migration's is created suspended, and so is a hook's."""

    step: StepType
    name: str
    attempt: int
    template_hash: str


@dataclass(frozen=True)
class CreateJobAnew(CreateJob):
    """Create the Job of a step that is asked again, since the lock was given back in between.

    A cache that still shows the lock as held would ask before it is taken again.
    """

    requires_live_read: ClassVar[bool] = True


@dataclass(frozen=True)
class CreateReportJob(CreateJob):
    """Create the Job that asks the database what a failed migration left.

    A cache that has not seen a pod yet would ask while the migration is still at work.
    """

    requires_live_read: ClassVar[bool] = True


@dataclass(frozen=True)
class StartMigration(Action):
    """Un-suspend the recorded migration Job."""

    requires_live_read: ClassVar[bool] = True
    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class StartHook(Action):
    """Un-suspend the recorded Job of a hook."""

    requires_live_read: ClassVar[bool] = True
    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class SuspendJob(Action):
    """Suspend a Job whose pod did not start in time."""

    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class DeleteJob(Action):
    """Delete a Job in the background, if it is exactly the one that was seen."""

    requires_live_read: ClassVar[bool] = True
    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class RemovePodFinalizer(Action):
    """Take our finalizer off a pod."""

    name: str
    uid: str
    resource_version: str


@dataclass(frozen=True)
class RemoveJobFinalizer(Action):
    """Let a Job go in one write: remove our finalizer, make the run its owner, and set its time to live to an hour."""

    name: str
    uid: str
    resource_version: str


RunAction: TypeAlias = (
    AddFinalizer
    | RemoveFinalizer
    | TakeLock
    | ReleaseLock
    | DeleteLock
    | CreateJob
    | StartMigration
    | StartHook
    | SuspendJob
    | DeleteJob
    | RemovePodFinalizer
    | RemoveJobFinalizer
)
