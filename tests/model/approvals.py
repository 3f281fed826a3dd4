"""What people have approved, and the promise that nothing which waits for an approval goes on without its own."""

from releaseflow.api.v1alpha1.release_flow import Approval
from tests.model import interning
from tests.model.objects import FlowBody, Kind, StoredObject
from tests.model.state import GHOSTS, ClusterState, Truth


def approvals_of(flow: FlowBody) -> tuple[str, ...]:
    """Return what can be approved of the newest release of a flow: its migration, and where asked for its promotion."""
    release = interning.FLOW_STATUSES[flow.status].release
    if release is None:
        return ()
    both = Approval.BEFORE_PROMOTION in interning.FLOW_SPECS[flow.spec].approvals
    return (release.run, _promotion_of(release.run)) if both else (release.run,)


def with_approval(cluster: ClusterState, flow: StoredObject, approval: str) -> ClusterState:
    """Return the scene in which it is known that a person approved this, where the flow asks for approvals."""
    ghost = GHOSTS[cluster.ghost]
    return cluster.with_ghost(ghost.with_approved(flow.uid, approval)) if _asked_for(cluster, flow.uid) else cluster


def broken_by_an_unapproved_start(cluster: ClusterState, truth: Truth) -> str:
    """Return the promise that the start of a migration breaks which waits for an approval."""
    waits = Approval.BEFORE_MIGRATION in _asked_for(cluster, truth.flow_uid)
    free = not waits or (truth.flow_uid, _run_of(truth)) in GHOSTS[cluster.ghost].approved
    return "" if free else "R14 a migration started without its approval"


def broken_by_an_unapproved_promotion(cluster: ClusterState, flow_uid: str, image: str) -> str:
    """Return the promise that a new image breaks whose promotion waits for an approval."""
    if Approval.BEFORE_PROMOTION not in _asked_for(cluster, flow_uid) or image == interning.FIRST_IMAGE:
        return ""
    ghost = GHOSTS[cluster.ghost]
    wanted = {(flow_uid, _promotion_of(_run_of(truth))) for truth in ghost.truths if truth.image == image}
    return "" if wanted & set(ghost.approved) else f"R14 {image} serves without an approval of its promotion"


def _asked_for(cluster: ClusterState, flow_uid: str) -> tuple[Approval, ...]:
    flow = cluster.shelf(Kind.FLOW).by_uid.get(flow_uid)
    return interning.FLOW_SPECS[flow.body.spec].approvals if flow and isinstance(flow.body, FlowBody) else ()


def _run_of(truth: Truth) -> str:
    return truth.run_uid.rpartition("#")[0]


def _promotion_of(run: str) -> str:
    return f"{run}/{Approval.BEFORE_PROMOTION}"
