"""What a flow may say of an image: Ready is a promise about its spec as it is, and others deploy by it."""

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.lock_key import effective_lock_key
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.core.conditions import READY, condition
from tests.model.state import GHOSTS, ClusterState, Truth


def good_images(cluster: ClusterState) -> frozenset[str]:
    """Return the images whose migration is really done, or that had nothing to migrate."""
    return frozenset(truth.image for truth in GHOSTS[cluster.ghost].truths if _is_good(truth))


def broken_by_a_ready_flow(cluster: ClusterState, spec: ReleaseFlowSpec, status: ReleaseFlowStatus) -> str:
    """Return the promise that a status of a flow breaks: the write names the version whose spec it was decided from."""
    ready = condition(status.conditions, READY)
    if ready is None or ready.status is not ConditionStatus.TRUE:
        return ""
    if status.release is None or status.release.image != (spec.image or status.wanted_image):
        return "I1 a flow is Ready for another image than it names"
    key = effective_lock_key(spec.database, _workload(spec))
    good = (truth for truth in GHOSTS[cluster.ghost].truths if _is_good(truth) and truth.lock_key == key)
    if any(truth.image == status.release.image for truth in good):
        return ""
    return "I1 a flow is Ready before the migration of its image is known to be done in its database"


def _workload(spec: ReleaseFlowSpec) -> WorkloadRef | None:
    targets = (WorkloadRef(kind=target.kind, name=target.name) for target in spec.targets)
    return spec.migration.workload_ref or next(targets, None)


def _is_good(truth: Truth) -> bool:
    return truth.migrated == "ok" or (truth.nothing_pending and not truth.starts)
