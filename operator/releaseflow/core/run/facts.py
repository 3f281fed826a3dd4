"""Everything that a decision about a MigrationRun may use."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT, Absent, AnyJob, JobFacts, PodFacts
from releaseflow.core.observed import Observed
from releaseflow.core.run.startup_facts import NO_RECORD, Start, StartingPod, StartingTarget


class DatabaseState(StrEnum):
    """What a lock remembers of its database."""

    CLEAN = "Clean"
    """No migration of an unknown outcome touched it."""
    IN_USE = "InUse"
    """The holder is at work; if it vanishes, the state of the database is not known."""
    UNKNOWN = "Unknown"
    """A migration failed or its outcome is unknown; only a person can say that it may be used."""
    UNCHANGED = "Unchanged"
    """A migration failed, and left schema and bookkeeping as they were; it takes a person all the same."""
    DIRTY = "Dirty"
    """A migration failed, and changed schema or bookkeeping; it takes a person."""


@dataclass(frozen=True)
class LockFacts:
    """The Lease that lets one run at a time touch a database."""

    name: str
    uid: str
    resource_version: str
    holder_uid: str = ""
    """UID of the run that holds it; empty when it is free."""
    holder_name: str = ""
    holder_exists: bool = False
    """Whether a run with the holder's UID exists (read live where the holder is another run)."""
    holder_pod_alive: bool = False
    """Whether a pod of the holder may still be at work."""
    database: DatabaseState = DatabaseState.CLEAN
    identity: str = ""
    """Hash that identifies the database; empty before the first backup."""
    had_tables: bool = False
    """Whether a proven backup of this database ever had a table."""
    tables_namespace_uid: str = ""
    """UID of the namespace whose run saw those tables; empty where that is not known."""
    namespace_uid: str = ""
    """UID of the namespace of the run that took it last; empty where the operator may not read namespaces."""
    unknown_since: str = ""
    """Name of the run that left the database in an unknown state."""
    last_name: str = ""
    """Name of the run that took it last; it stays when the lock is released."""
    last_uid: str = ""


@dataclass(frozen=True)
class Waiter:
    """Another run that waits for the same lock."""

    created: datetime
    uid: str


@dataclass(frozen=True)
class EarlierRun:
    """The run that a Down names, as it is recorded."""

    uid: str
    lock_key: str
    tool: str
    """Empty for a migration by a command."""
    version: str
    """The tool's bookkeeping as it was before that run migrated; empty where it recorded none."""
    identity: str
    """Hash that identifies its database; empty where it recorded none."""
    over: bool = True
    """Whether it has an outcome."""


@dataclass(frozen=True)
class FlowOfDatabase:
    """A flow that migrates the same database."""

    name: str
    suspended: bool = False


@dataclass(frozen=True)
class FlowForRun:
    """What a run needs to know of the flow that it belongs to."""

    image: str
    """Image that the flow wants now."""
    sequence: int
    """Newest sequence that the flow's status names."""
    holds_back: bool = True
    """Whether the flow keeps the new image from its targets until the run has succeeded."""
    same_database: bool = True
    """Whether the flow still leads to the database that the run is for."""
    suspended: bool = False
    aborted: bool = False
    """Whether the release that this run is for was aborted, or ended otherwise."""
    approved: bool = False
    """Whether the approve annotation names this run."""
    deleting: bool = False
    knows_run: bool = True
    """Whether it has recorded the run's UID: before that, a run of hooks starts nothing."""
    awaits_outcome: bool = False
    """Whether the flow has yet to take over how this run ended."""
    start: Start = NO_RECORD
    """Of a migration that runs as the first target starts: how far the flow has come with it."""


@dataclass(frozen=True)
class WorkloadFacts:
    """The workload that the run inherits from."""

    container_found: bool = True
    container: str = ""
    """Name of its container."""
    variables: tuple[str, ...] = ()
    """Names of the variables that the container has for certain, in its order."""
    missing: tuple[str, ...] = ()
    """Those of the variables with the connection that the container cannot have."""
    missing_sidecars: tuple[str, ...] = ()
    """Containers that migration.sidecars names, and its pods do not have."""


@dataclass(frozen=True, kw_only=True)
class RunObserved(Observed[MigrationRunSpec, MigrationRunStatus]):
    """All facts that a MigrationRun depends on, observed at one time."""

    created: datetime
    has_finalizer: bool = False
    """Whether our finalizer is on the run."""
    queued: bool = True
    """Whether the run has the label by which those who wait for the same lock find it."""
    flow: FlowForRun | Absent = ABSENT
    approved: bool = False
    """Whether the run's own approve annotation names it."""
    earlier: EarlierRun | Absent = ABSENT
    """The run that a Down names, as long as what it recorded is not taken over."""
    flows_of_database: tuple[FlowOfDatabase, ...] = ()
    """Flows of this namespace with the same lock key, looked for by a Down."""
    lock: LockFacts | Absent = ABSENT
    waiters: tuple[Waiter, ...] = ()
    """Runs of this namespace that wait for the same lock key, without this one."""
    keys_of_identity: tuple[str, ...] = ()
    """Other lock keys of this namespace under which this database was seen."""
    workload: WorkloadFacts | Absent = ABSENT
    starting: StartingTarget | Absent = ABSENT
    """The first target, where the migration runs as it starts."""
    jobs: tuple[tuple[StepType, AnyJob], ...] = ()
    """The Job under each recorded or, where none is recorded, first attempt's name; of the hooks, that of the next."""
    past_jobs: tuple[JobFacts, ...] = ()
    """Jobs of earlier attempts at the backup, looked for once the run is over."""
    pods: tuple[PodFacts, ...] = ()
    """All pods that carry the run's UID in their label, whether or not their Job is still there."""
    client_image: str = ""
    """Image with the database's client programs that the operator uses where the run names none."""
    template_hashes: tuple[tuple[StepType, str], ...] = ()
    """Hash of each step's pod template as it would be built now; of the hooks, that of the next."""

    def job(self, step: StepType) -> AnyJob:
        """Return the Job of a step."""
        return dict(self.jobs).get(step, ABSENT)

    def template_hash(self, step: StepType) -> str:
        """Return the hash of a step's pod template as it would be built now."""
        return dict(self.template_hashes).get(step, "")

    def pods_of(self, step: StepType) -> tuple[PodFacts, ...]:
        """Return the pods of a step, of all attempts."""
        return tuple(pod for pod in self.pods if pod.step is step)


def pods_at_work(facts: RunObserved) -> tuple[StartingPod, ...]:
    """Return the pods of a target in which a migration is at work, whose run it ever is.

    With startCommand a pod that migrates looks like one that serves: then there are none.
    """
    if facts.starting is ABSENT or facts.spec.migration.start_command is not None:
        return ()
    return tuple(pod for pod in facts.starting.pods if pod.running)
