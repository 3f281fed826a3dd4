"""What a run can see of a migration that runs as the pods of a target start."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from releaseflow.core.facts import ABSENT, Absent, PendingCause
from releaseflow.workloads.workload import Rollout


class Writing(Enum):
    """How far the release has come with writing the migration into its target."""

    INTENDED = auto()
    """It has not begun to, and may do so at any moment."""
    BEGUN = auto()
    """It has begun to, and what it writes may come into the target at any moment."""
    NEVER = auto()
    """The release ended before it began to: nothing of it was ever written, or will be."""
    OVER = auto()
    """It was in the target, or the release is over or unknown: what is not in the target now will not come."""


@dataclass(frozen=True)
class Start:
    """The release that writes the migration, as its flow records it."""

    writing: Writing = Writing.OVER
    has_begun: bool = False
    """Whether it recorded that it begins to."""
    deadline: datetime | None = None
    """Until when the rollout of the target may take, by the flow; None where it was not seen to have begun."""


NO_RECORD = Start()
"""The release is not known."""


@dataclass(frozen=True)
class StartingPod:
    """A pod that carries out a migration as it starts."""

    name: str
    run: str
    """Run whose migration it is."""
    running: bool = False
    """Whether the migration is at work; with startCommand that looks the same as the application."""
    done: bool = False
    """Whether it has ended with 0; with startCommand, whether the application answers its probe."""
    exit_code: int | None = None
    """How it ended last, where that was with an error; Kubernetes starts it again."""
    message: str = ""
    """The end of its log then."""
    out_of_memory: bool = False
    image_id: str = ""
    pending_cause: PendingCause | Absent = ABSENT
    """Why it does not start."""


@dataclass(frozen=True)
class StartingTarget:
    """The first target, and those of its pods that carry out a migration."""

    migrates_for: str
    """Run whose migration its newest pods carry out; empty where they carry out none."""
    rollout: Rollout
    rollout_message: str = ""
    rollout_hint: str = ""
    follow: str = ""
    """Command that follows its rollout."""
    pods: tuple[StartingPod, ...] = ()

    def pods_of(self, run: str) -> tuple[StartingPod, ...]:
        """Return the pods that carry out a run's migration."""
        return tuple(pod for pod in self.pods if pod.run == run)
