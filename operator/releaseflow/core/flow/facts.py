"""Everything that a decision about a ReleaseFlow may use."""

from dataclasses import dataclass
from datetime import datetime

from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.observed import Observed
from releaseflow.workloads.workload import Rollout


@dataclass(frozen=True)
class Fence:
    """Which release owns a target."""

    flow_name: str
    flow_uid: str
    sequence: int


@dataclass(frozen=True)
class TargetFacts:
    """One workload."""

    kind: str
    name: str
    uid: str
    resource_version: str
    images: tuple[tuple[str, str], ...]
    """Name and image of each of its containers."""
    rollout: Rollout
    rollout_message: str = ""
    rollout_hint: str = ""
    """What a person has to do where it does not come up or is paused."""
    fence: Fence | Absent = ABSENT
    fence_owner_exists: bool = False
    """Whether the flow that the fence names exists (asked for only where it is another flow)."""
    managed: bool = False
    """Whether our label is on it, so that its watch tells us of it."""
    restarted_for: int = 0
    """Sequence that its pods were last restarted for."""
    image_ids: tuple[str, ...] = ()
    """Image IDs of the released containers in its ready pods."""
    deleting: bool = False
    init_images: tuple[tuple[str, str], ...] = ()
    """Name and image of each of its init containers."""
    replicas: int = 1
    """How many pods it is to have."""
    is_alone: bool = False
    """Whether it never runs two pods at once by itself."""
    migrates_for: str = ""
    """Run whose migration its pods carry out as they start; empty where they carry out none."""
    with_command: tuple[str, ...] = ()
    """Containers that have a command or arguments of their own."""
    with_probe: tuple[str, ...] = ()
    """Containers with a probe that says when they have started."""
    image_changed_by: str = ""
    """Field manager other than the operator that wrote an image last, and when; empty where there is none."""
    is_argo_cds: bool = False
    """Whether Argo CD tracks it."""
    gated_by: str = ""
    """Flow that its label asks to hold its images back; empty where it has none."""
    held: bool = False
    """Whether admission holds it since its images were changed: its template is only what is wanted."""
    mark: str = ""
    """What admission noted on it as it held it: with it the workload becomes again what it was."""
    has_stale_mark: bool = False
    """Whether it has a sign of one that is held and is not: a person resumed it past the gate."""
    runs_template: bool = False
    """Whether it has pods, and all of them are of its template already, so that to hold it holds nothing back."""


@dataclass(frozen=True)
class RunForFlow:
    """What a flow needs to know of its run."""

    name: str
    uid: str
    resource_version: str
    image: str
    flow_uid: str
    sequence: int
    role: RunRole = RunRole.MIGRATION
    """What it is for in its release."""
    outcome: Reason | Absent = ABSENT
    """How it ended; absent while it is under way."""
    migrated: bool = False
    """Whether its migration changed the schema."""
    backed_up: bool = False
    """Whether it holds the record of a proven backup."""
    pending_reason: Reason | Absent = ABSENT
    """Why it does not get on, where it waits for something that a person may have to do."""
    message: str = ""
    """Message of its Ready condition."""
    failure: Failure | Absent = ABSENT
    image_id: str = ""
    """Image ID that migrated."""
    deleting: bool = False
    created: datetime | None = None
    awaits_startup: bool = False
    """Whether all is done that comes before its migration, which runs as the first target starts."""
    backup_expires: datetime | None = None
    """Until when its backup is fresh enough for a migration to start; None where it has none that grows old."""


@dataclass(frozen=True)
class Commands:
    """The command annotations; empty where there is none."""

    approve: str = ""
    retry: str = ""
    abort: str = ""
    reconcile: str = ""


@dataclass(frozen=True, kw_only=True)
class FlowObserved(Observed[ReleaseFlowSpec, ReleaseFlowStatus]):
    """All facts that a ReleaseFlow depends on, observed at one time."""

    commands: Commands = Commands()
    targets: tuple[TargetFacts | Absent, ...] = ()
    """In the order of the spec."""
    chosen: int = 0
    """How many workloads its selector chooses, where it has one and a release may begin."""
    runner: TargetFacts | Absent = ABSENT
    """The workload that the commands of a migration are executed in, where the flow names one."""
    run: RunForFlow | Absent = ABSENT
    """The run that the status names, read live where the watch does not show it."""
    runs: tuple[RunForFlow, ...] = ()
    """All runs that carry the flow's UID in their label, newest sequence first."""
    old_pods: tuple[str, ...] = ()
    """Pods of the targets that have another image than the release, read live where its contract is due."""
    missing_policies: tuple[str, ...] = ()
    """Admission objects that mode Gate needs and the cluster lacks; asked for only where a release may begin."""
    further: tuple[RunForFlow, ...] = ()
    """The release's other runs whose outcome the status lacks, read live where the watch does not show them."""

    @property
    def release(self) -> Release:
        """The release under way, or that ended last: gates are asked only where there is one."""
        if self.status.release is None:
            raise LookupError(f"ReleaseFlow {self.name} has no release")
        return self.status.release
