"""What a flow may say of an image: without targets, Ready is all that keeps others from using it too early."""

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.core.conditions import READY, condition
from tests.model.state import GHOSTS, ClusterState


def good_images(cluster: ClusterState) -> frozenset[str]:
    """Return the images whose migration is really done, or that had nothing to migrate."""
    truths = GHOSTS[cluster.ghost].truths
    return frozenset(t.image for t in truths if t.migrated == "ok" or (t.nothing_pending and not t.starts))


def broken_by_a_ready_flow(cluster: ClusterState, spec: ReleaseFlowSpec, status: ReleaseFlowStatus) -> str:
    """Return the promise that the status of a flow without targets breaks."""
    ready = condition(status.conditions, READY)
    if spec.targets or ready is None or ready.status is not ConditionStatus.TRUE:
        return ""
    good = status.release is not None and status.release.image in good_images(cluster)
    return "" if good else "I1 a flow without targets is Ready before its migration is known to be done"
