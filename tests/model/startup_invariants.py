"""What must never happen with a migration that runs as the pods of a target start."""

from releaseflow.api.v1alpha1.release import Startup
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.run.facts import DatabaseState
from releaseflow.workloads.workload import Rollout
from tests.model import interning
from tests.model.objects import RUNNING, WAITING, FlowBody, Kind, LockBody, RunBody, StoredObject, TargetBody
from tests.model.state import GHOSTS, ClusterState, Write
from tests.model.truths import truth_of


def broken_by_a_started_target(cluster: ClusterState, write: Write) -> str:
    """Return the promise that is broken by replacing the pod of a target, with a migration or without one."""
    assert write.after is not None
    after, before = write.after.body, cluster.shelf(Kind.TARGET).by_name[write.name].body
    assert isinstance(after, TargetBody)
    assert isinstance(before, TargetBody)
    if write.by in {"StartTarget", "SetImage"} and before.migration == RUNNING:
        return "I5 a pod was replaced in which a migration was at work"
    run = cluster.shelf(Kind.RUN).by_name.get(after.migrates_for)
    return _by_a_start(cluster, run) if write.by == "StartTarget" else ""


def _by_a_start(cluster: ClusterState, run: StoredObject | None) -> str:
    if run is None or not isinstance(run.body, RunBody):
        return "I7 a migration was written for an unknown run"
    truth = truth_of(cluster, run.uid)
    if truth is None or not truth.backed_up:
        return "I3 a migration was written into a target without a proven backup"
    if not _holds_lock(cluster, run.uid):
        return "I6 a migration was written into a target without the lock"
    if interning.step_of(run.body.spec, run.body.status, StepType.MIGRATE) is None or not _is_begun(
        cluster, truth.flow_uid
    ):
        return "R4 a migration was written into a target before run and release had recorded it"
    return ""


def broken_by_an_early_release(cluster: ClusterState, write: Write) -> str:
    """Return the promise that is broken by what becomes of a lock whose holder migrates in a target.

    Kubernetes may start a migration again that failed, while a write is on its way.
    """
    seen = cluster.shelf(Kind.LEASE).by_name.get(write.name)
    before, after = seen.body if seen else None, write.after.body if write.after else None
    if not isinstance(before, LockBody) or not isinstance(after, LockBody):
        return ""
    run = cluster.shelf(Kind.RUN).by_uid.get(before.holder_uid)
    targets = (target.body for target in cluster.shelf(Kind.TARGET).things)
    mine = [b for b in targets if isinstance(b, TargetBody) and run is not None and b.migrates_for == run.name]
    if before.holder_uid == after.holder_uid or not mine:
        return ""
    if GHOSTS[cluster.ghost].orderly and any(body.migration == RUNNING for body in mine):
        return "R11 a lock was given back while the migration of its holder was at work in a target"
    is_open = any(body.migration == WAITING and body.rollout is not Rollout.FAILED for body in mine)
    clean = after.database is DatabaseState.CLEAN
    return "R7 a database was called clean while the rollout that migrates it was open" if is_open and clean else ""


def _holds_lock(cluster: ClusterState, run_uid: str) -> bool:
    locks = (lock.body for lock in cluster.shelf(Kind.LEASE).things)
    return any(isinstance(lock, LockBody) and lock.holder_uid == run_uid for lock in locks)


def _is_begun(cluster: ClusterState, flow_uid: str) -> bool:
    flow = cluster.shelf(Kind.FLOW).by_uid.get(flow_uid)
    assert flow is not None
    assert isinstance(flow.body, FlowBody)
    release = interning.FLOW_STATUSES[flow.body.status].release
    return release is not None and release.startup is Startup.BEGUN
