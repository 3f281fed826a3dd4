"""The facts about Jobs and pods that a decision may use, all gathered before it is taken."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import TypeAlias

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.containers import ContainerName


class Absent(Enum):
    """There is no such object, and that was seen, not guessed."""

    ABSENT = auto()


ABSENT = Absent.ABSENT


class PodPhase(Enum):
    """What a pod's own phase says about it."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    UNKNOWN = "Unknown"


@dataclass(frozen=True)
class ContainerFacts:
    """One container of a pod, init containers included."""

    name: str
    image: str
    """Image of the pod's spec: the one that was asked for."""
    image_id: str = ""
    """Image ID that the container runtime reported."""
    started: bool = False
    """Whether a container ID was seen."""
    exit_code: int | None = None
    """Exit code of the last termination, if it ended."""
    ended_by: str = ""
    """Reason of the termination as the kubelet gives it, for example OOMKilled."""
    message: str = ""
    """Termination message: a report of ours, or the end of the log."""
    ended: bool = False
    """Whether it has terminated, with a container ID, in a pod that restarts nothing."""
    is_init: bool = False
    """Whether no later container starts unless this one ends with 0."""
    is_sidecar: bool = False
    """Whether it only runs beside the step's own containers: it starts before them, and is ended after them."""

    @property
    def ended_well(self) -> bool:
        """Whether it ran to its end, and ended with 0."""
        return self.started and self.ended and self.exit_code == 0

    @property
    def out_of_memory(self) -> bool:
        """Whether it was ended for the memory it took."""
        return self.ended_by == "OOMKilled"


@dataclass(frozen=True)
class PodFacts:
    """One pod of a run."""

    name: str
    uid: str
    resource_version: str
    step: StepType
    job_uid: str
    """UID of the Job that the pod was made for; it may be gone."""
    phase: PodPhase
    containers: tuple[ContainerFacts, ...] = ()
    """Init containers first, in order."""
    deleting: bool = False
    has_finalizer: bool = False
    """Whether our finalizer keeps it readable."""
    node_lost: bool = False
    """Whether its node no longer answers."""
    disrupted: bool = False
    """Whether it was evicted or preempted, or its node shut down."""

    @property
    def alive(self) -> bool:
        """Whether a container of it may still be running, or may still start."""
        return self.phase not in {PodPhase.SUCCEEDED, PodPhase.FAILED}

    @property
    def over(self) -> bool:
        """Whether none of the step's own containers runs or can still run: their end comes long before the phase's."""
        own = [container for container in self.containers if not container.is_sidecar]
        cut_short = any(c.is_init and c.ended and not c.ended_well for c in own)
        all_ended = bool(own) and all(c.ended for c in own)
        return not self.alive or cut_short or all_ended

    @property
    def asked_to_stop(self) -> bool:
        """Whether its containers got a signal to end."""
        return self.deleting or self.disrupted

    @property
    def may_be_cut_short(self) -> bool:
        """Whether an end with 0 proves nothing by itself: a program that handles the signal stops half-way with 0."""
        return self.asked_to_stop or self.phase is PodPhase.FAILED

    @property
    def started(self) -> bool:
        """Whether any of the step's own containers ever ran."""
        return any(container.started for container in self.containers if not container.is_sidecar)

    def container(self, name: ContainerName) -> "ContainerFacts | Absent":
        """Return the container of this name."""
        return next((c for c in self.containers if c.name == name), ABSENT)


@dataclass(frozen=True)
class PendingCause:
    """Why a Job has no running pod."""

    reason: Reason
    message: str


@dataclass(frozen=True)
class JobFacts:
    """One Job of a run."""

    name: str
    uid: str
    resource_version: str
    run_uid: str
    """UID of the run that the Job's label names."""
    attempt: int
    template_hash: str
    created: datetime
    start_time: datetime | None = None
    """When the Job controller began with it: reset when it is suspended and resumed."""
    suspended: bool = False
    edited: bool = False
    """Whether its spec was changed since it was created (generation above 1): un-suspended at least once."""
    complete: bool = False
    failed: bool = False
    failed_reason: str = ""
    """Reason of the Failed condition or, before that, of FailureTarget, for example DeadlineExceeded."""
    failed_exit_code: int | None = None
    """Exit code that a pod failure policy left in the condition."""
    deleting: bool = False
    has_finalizer: bool = False
    """Whether our finalizer keeps it readable."""
    altered: tuple[str, ...] = ()
    """Fields that keep its pod the only one, and that are not as they were asked for."""
    pending_cause: PendingCause | Absent = ABSENT


AnyJob: TypeAlias = JobFacts | Absent
