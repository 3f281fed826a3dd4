"""The fence on a target: it says which release of which flow owns the workload."""

from releaseflow.api.v1alpha1.release import Release
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import FenceTarget
from releaseflow.core.flow.facts import Fence, FlowObserved


def next_fence(facts: FlowObserved, release: Release) -> FenceTarget | Absent:
    """Return the write that fences the first target that does not carry exactly this release's fence."""
    fence = Fence(facts.name, facts.uid, release.sequence)
    for target in (*facts.targets, facts.runner):
        if target is not ABSENT and (target.fence != fence or not target.managed):
            return FenceTarget(target.kind, target.name, target.uid, target.resource_version, fence)
    return ABSENT


def highest_fence(facts: FlowObserved) -> int:
    """Return the highest sequence of this flow that a target carries; 0 where none does."""
    fences = (target.fence for target in (*facts.targets, facts.runner) if target is not ABSENT)
    return max((f.sequence for f in fences if f is not ABSENT and f.flow_uid == facts.uid), default=0)
