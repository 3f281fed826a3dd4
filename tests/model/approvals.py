"""What people have approved, and the promise that nothing which waits for an approval goes on without its own."""

from releaseflow.api.v1alpha1.release_flow import Approval
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.run.record import is_lock_given_back
from releaseflow.core.tools import has_check
from tests.model import interning
from tests.model.objects import FlowBody, JobBody, Kind, LockBody, RunBody, StoredObject
from tests.model.state import GHOSTS, ClusterState, Truth, Write

ASKED, ANSWERED = "asked", "answered"
"""How far a run has come with the check that it asks under its lock."""


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
    if waits and (truth.flow_uid, _run_of(truth)) not in GHOSTS[cluster.ghost].approved:
        return "R14 a migration started without its approval"
    run = cluster.shelf(Kind.RUN).by_uid.get(truth.run_uid)
    asks = waits and run is not None and has_check(interning.run_read(run).spec)
    stale = asks and GHOSTS[cluster.ghost].check(truth.run_uid) != ANSWERED
    return "R15 a migration started without a check since its run took the lock" if stale else ""


def with_check(cluster: ClusterState, write: Write) -> ClusterState:
    """Return the scene in which it is known what a run that waits for a person has asked since it took the lock."""
    body = write.after.body if write.after is not None else None
    if isinstance(body, LockBody) and body.holder_uid:
        return _with_check(cluster, body.holder_uid, "")
    if isinstance(body, JobBody) and write.verb == "create" and body.step is StepType.CHECK:
        return _with_check(cluster, body.run_uid, ASKED) if _has_lock(cluster, body.run_uid) else cluster
    return cluster


def with_answer(cluster: ClusterState, run_uid: str) -> ClusterState:
    """Return the scene in which the check that a run asked has ended."""
    asked = GHOSTS[cluster.ghost].check(run_uid) == ASKED
    return _with_check(cluster, run_uid, ANSWERED) if asked else cluster


def held_by_a_waiting_run(cluster: ClusterState) -> str:
    """Return the promise that a scene at rest breaks in which a run waits for a person, and holds its lock."""
    waiting = (run for run in cluster.shelf(Kind.RUN).things if isinstance(run.body, RunBody) and _waits(run.body))
    holder = next((run for run in waiting if _has_lock(cluster, run.uid)), None)
    return "" if holder is None else f"R15 {holder.name} waits for a person and holds the lock"


def _waits(run: RunBody) -> bool:
    status = interning.RUN_STATUSES[run.status]
    return is_lock_given_back(status) and status.outcome is None


def _has_lock(cluster: ClusterState, run_uid: str) -> bool:
    locks = (lock.body for lock in cluster.shelf(Kind.LEASE).things)
    return any(isinstance(lock, LockBody) and lock.holder_uid == run_uid for lock in locks)


def _with_check(cluster: ClusterState, run_uid: str, check: str) -> ClusterState:
    run = cluster.shelf(Kind.RUN).by_uid.get(run_uid)
    if run is None or not interning.run_read(run).spec.approval_required:
        return cluster
    return cluster.with_ghost(GHOSTS[cluster.ghost].with_check(run_uid, check))


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
