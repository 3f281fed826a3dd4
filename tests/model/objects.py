"""What etcd holds in the explored world: objects with uid, version and finalizers, by kind."""

from collections.abc import Hashable
from enum import IntEnum
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

from typing_extensions import override

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import Absent, PodPhase
from releaseflow.core.flow.facts import Commands, Fence
from releaseflow.core.run.facts import DatabaseState
from releaseflow.workloads.workload import Rollout
from tests.support.pod_outcomes import Fate

OURS = "releaseflow.dev/run"
"""Our finalizer."""
TRACKING = "batch.kubernetes.io/job-tracking"
"""The Job controller's: a pod stays until its end was counted."""

FOREGROUND = "foregroundDeletion"
"""The garbage collector's: what is deleted in the foreground stays until what it owns is gone."""

T = TypeVar("T", bound=Hashable)


class Kind(IntEnum):
    """Where an object's shelf stands in a store."""

    FLOW = 0
    RUN = 1
    LEASE = 2
    JOB = 3
    POD = 4
    TARGET = 5


class Table(Generic[T]):
    """Values that are kept once each, and known by a number."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        """Return the number of a value."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.values)
            self.values.append(value)
        return found

    def __getitem__(self, number: int) -> T:
        return self.values[number]

    def __len__(self) -> int:
        return len(self.values)


class FlowBody(NamedTuple):
    """A ReleaseFlow; spec and status are numbers in their tables."""

    spec: int
    status: int
    generation: int
    commands: Commands


class RunBody(NamedTuple):
    """A MigrationRun; spec and status are numbers in their tables."""

    spec: int
    status: int
    created: float = 0
    queued: bool = True
    """Whether it has the label by which others who wait for the same lock find it."""
    approve: str = ""
    """Its own approve annotation."""


class LockBody(NamedTuple):
    """The Lease of a database."""

    holder_uid: str
    holder_name: str
    database: DatabaseState
    identity: str = ""
    had_tables: bool = False
    unknown_since: str = ""
    last_name: str = ""
    last_uid: str = ""
    namespace_uid: str = ""
    """Empty where the operator may not read namespaces: nothing else is explored."""
    tables_namespace_uid: str = ""


class JobBody(NamedTuple):
    """A Job; `started` is the time at which its controller began with it, in ticks of the clock."""

    step: StepType
    run_uid: str
    attempt: int
    template_hash: str
    image: str
    created: float = 0
    started: float | None = None
    suspended: bool = False
    edited: bool = False
    complete: bool = False
    failed: bool = False
    failed_reason: str = ""
    failed_exit_code: int | None = None
    hook: str = ""
    """Name of the hook that it runs, where it runs one."""

    @property
    def ended(self) -> bool:
        """Whether its controller has judged it."""
        return self.complete or self.failed


class PodBody(NamedTuple):
    """A pod; its fate says how it ends, or has ended: by a name of `pod_outcomes`, or as a test says."""

    step: StepType
    run_uid: str
    job_uid: str
    image: str
    phase: PodPhase
    started: bool = False
    fate: str | Fate = ""
    ended: bool = False
    """Whether its containers have ended, whatever its phase says."""
    hook: str = ""

    @property
    def alive(self) -> bool:
        """Whether a container of it may still be running, or may still start, by its phase."""
        return self.phase in {PodPhase.PENDING, PodPhase.RUNNING}

    @property
    def over(self) -> bool:
        """Whether none of its containers runs or can still run."""
        return self.ended or not self.alive


WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
"""How far the pod of a target has come with the migration that it carries out as it starts."""

ONLY = "web"
"""Name of the container of explored targets."""


class TargetBody(NamedTuple):
    """A workload; the container named first is the one that is released."""

    images: tuple[tuple[str, str], ...]
    """Name and image of each of its containers."""
    rollout: Rollout
    fence: Fence | Absent
    managed: bool = False
    restarted_for: int = 0
    scale: int = 1
    applied: tuple[tuple[str, str], ...] = ()
    """Images that we applied last: ours among the fields of the object."""
    init_images: tuple[tuple[str, str], ...] = ()
    migrates_for: str = ""
    """Run whose migration its newest pod carries out."""
    migration: str = ""
    """How far that has come, by one of these words; empty where it carries out none."""
    gated_by: str = ""
    """Flow that its label names, where admission holds its new images."""
    held: bool = False
    """Whether it makes no pods of its template."""
    served: tuple[tuple[str, str], ...] = ()
    """Images that all of its pods have, where admission holds new ones; empty while they have several, or none."""

    @property
    def sequence(self) -> int:
        """Number of the release that its fence names; 0 without one."""
        return 0 if isinstance(self.fence, Absent) else self.fence.sequence

    @property
    def owner(self) -> str:
        """UID of the flow that its fence names; empty without one."""
        return "" if isinstance(self.fence, Absent) else self.fence.flow_uid

    @property
    def image(self) -> str:
        """Image of its first container."""
        return self.images[0][1]


Body = FlowBody | RunBody | LockBody | JobBody | PodBody | TargetBody


class StoredObject(NamedTuple):
    """One object as the API server holds it."""

    name: str
    uid: str
    version: int
    body: Body
    finalizers: tuple[str, ...] = ()
    """Finalizers."""
    deleting: bool = False
    owner: str = ""
    """UID of the object that it goes with."""

    @property
    def held(self) -> bool:
        """Whether our finalizer is on it."""
        return OURS in self.finalizers


class Shelf:
    """All objects of one kind."""

    def __init__(self, things: tuple[StoredObject, ...]) -> None:
        self.things = things

    @cached_property
    def by_name(self) -> dict[str, StoredObject]:
        """The objects by their names."""
        return {thing.name: thing for thing in self.things}

    @cached_property
    def by_uid(self) -> dict[str, StoredObject]:
        """The objects by their UIDs."""
        return {thing.uid: thing for thing in self.things}

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shelf) and self.things == other.things

    @override
    def __hash__(self) -> int:
        return hash(self.things)


SHELVES: Table[Shelf] = Table()


def shelved(things: tuple[StoredObject, ...]) -> int:
    """Return the number of the shelf that holds these objects."""
    return SHELVES.number(Shelf(things))
