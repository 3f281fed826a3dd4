"""What must never happen, checked at every write and at every start of a migration, against what is really so."""

from collections.abc import Iterator

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import READY, condition
from releaseflow.core.facts import PodPhase
from releaseflow.core.outcomes import ENDED_BY_PEOPLE
from releaseflow.core.run.facts import DatabaseState
from tests.model import hooks, interning, targets
from tests.model.approvals import broken_by_an_unapproved_promotion, broken_by_an_unapproved_start, with_answer
from tests.model.backup_age import backup_is_too_old
from tests.model.gate import broken_by_resuming
from tests.model.migration_ends import broken_by_a_finding, with_effect
from tests.model.objects import FlowBody, JobBody, Kind, LockBody, PodBody, RunBody, StoredObject, TargetBody
from tests.model.readiness import broken_by_a_ready_flow, good_images
from tests.model.runners import broken_by_an_early_run, is_executed, is_runner
from tests.model.startup_invariants import broken_by_a_started_target, broken_by_an_early_release
from tests.model.state import GHOSTS, ClusterState, Truth, Write
from tests.model.truths import truth_of
from tests.model.way_down import broken_by_an_end
from tests.support.pod_outcomes import Fate


def broken_by(cluster: ClusterState, write: Write) -> str:
    """Return the promise that a write breaks which the API server takes; empty where it breaks none."""
    match write.kind:
        case Kind.TARGET:
            return (
                broken_by_resuming(cluster, write)
                or broken_by_a_started_target(cluster, write)
                or targets.broken_by_an_early_move(cluster, write)
                or _by_a_promotion(cluster, write)
            )
        case Kind.JOB | Kind.POD:
            return _by_a_new_job(cluster, write) if write.verb == "create" else _by_a_job(cluster, write)
        case Kind.LEASE:
            return _by_a_lock(cluster, write)
        case Kind.RUN:
            return _by_a_new_run(cluster, write) if write.verb == "create" else _by_a_run(cluster, write)
        case Kind.FLOW:
            return _by_a_flow(cluster, write)


def broken_by_a_start(cluster: ClusterState, pod: PodBody, *, repeats: bool = False) -> str:
    """Return the promise that the start of a migration's container breaks; `repeats`: Kubernetes does by itself."""
    truth = truth_of(cluster, pod.run_uid)
    if truth is None:
        return "I7 a migration started for an unknown run"
    if truth.starts and not repeats:
        return "I2 a migration ran twice"
    if not truth.backed_up:
        return "I3 a migration started before its backup was proven"
    if truth.emptied and not _is_accepted(cluster, truth):
        return "R12 an empty database that had tables was migrated without an acceptance"
    for other in GHOSTS[cluster.ghost].truths:
        if other.lock_key == truth.lock_key and other.run_uid != truth.run_uid and other.starts and not other.migrated:
            return "I6 two migrations of one database at once"
    return broken_by_an_unapproved_start(cluster, truth)


def with_start(cluster: ClusterState, pod: PodBody) -> ClusterState:
    """Return the scene in which a migration has begun."""
    truth = truth_of(cluster, pod.run_uid)
    ghost = GHOSTS[cluster.ghost]
    return cluster if truth is None else cluster.with_ghost(ghost.with_truth(truth._replace(starts=truth.starts + 1)))


def with_end(cluster: ClusterState, pod: PodBody) -> ClusterState:
    """Return the scene in which the end of a step has had its effect on the database or the volume."""
    truth, ghost = truth_of(cluster, pod.run_uid), GHOSTS[cluster.ghost]
    if truth is None:
        return cluster
    match pod.step:
        case StepType.CHECK:
            clean = pod.fate == "nothing pending" or (isinstance(pod.fate, Fate) and pod.fate.well)
            truth = truth._replace(nothing_pending=truth.nothing_pending or clean)
            cluster = with_answer(cluster, pod.run_uid)
            ghost = GHOSTS[cluster.ghost]
        case StepType.HOOK:
            return hooks.with_end_of_hook(cluster, pod)
        case StepType.BACKUP:
            empty = pod.fate == "empty database"
            good = isinstance(pod.fate, Fate) and pod.fate.well
            backed_up = truth.backed_up or empty or good or pod.fate == "backed up"
            truth = truth._replace(backed_up=backed_up, emptied=empty and _had_tables(cluster, truth.lock_key))
        case StepType.MIGRATE:
            truth = with_effect(truth, pod, is_executed=is_executed(cluster, pod.run_uid))
        case StepType.REPORT:
            """It asks, and changes nothing."""
    return cluster.with_ghost(ghost.with_truth(truth))


def with_acceptance(cluster: ClusterState, flow: StoredObject) -> ClusterState:
    """Return the cluster after a person retries a release: who saw that its database is empty accepts that."""
    assert isinstance(flow.body, FlowBody)
    if not reports_empty_database(flow.body):
        return cluster
    told = interning.FLOW_STATUSES[flow.body.status].sequence
    return cluster.with_ghost(GHOSTS[cluster.ghost].with_accepted(flow.uid, told))


def reports_empty_database(flow: FlowBody) -> bool:
    """Whether a flow tells whoever looks that an empty database has stopped it."""
    ready = condition(interning.FLOW_STATUSES[flow.status].conditions, READY)
    return ready is not None and ready.reason is Reason.DATABASE_EMPTY


def with_record(cluster: ClusterState, write: Write) -> ClusterState:
    """Return the scene in which it is known that an outcome was recorded, where a write does that."""
    body = write.after.body if write.after is not None else None
    if not isinstance(body, RunBody) or interning.RUN_STATUSES[body.status].outcome is None:
        return cluster
    truth = truth_of(cluster, write.uid)
    assert truth is not None
    return cluster.with_ghost(GHOSTS[cluster.ghost].with_truth(truth._replace(recorded=True)))


def _by_a_promotion(cluster: ClusterState, write: Write) -> str:
    assert write.after is not None
    after, before = write.after.body, cluster.shelf(Kind.TARGET).by_name[write.name].body
    assert isinstance(after, TargetBody)
    assert isinstance(before, TargetBody)
    runs = is_runner(cluster, write.name)
    if write.by == "SetImage" and not runs and (early := hooks.broken_by_a_promotion(cluster, write, after.owner)):
        return early
    if after.image == before.image or runs:
        lowered = write.by == "FenceTarget" and after.sequence < before.sequence and after.owner == before.owner
        return "I4 a fence was lowered" if lowered else ""
    flow = cluster.shelf(Kind.FLOW).by_uid.get(after.owner)
    if flow is not None and isinstance(flow.body, FlowBody) and interning.FLOW_SPECS[flow.body.spec].image is None:
        return "I4 a flow whose targets name the image wrote one"
    truths = GHOSTS[cluster.ghost].truths
    if write.by != "StartTarget" and after.image not in good_images(cluster) | {interning.FIRST_IMAGE}:
        return f"I1 {after.image} serves before its migration is known to be done"
    if any(truth.sequence > write.sequence and truth.starts and truth.flow_uid == after.owner for truth in truths):
        return "I4 a release was promoted after the migration of a newer one had begun"
    return broken_by_an_unapproved_promotion(cluster, after.owner, after.image)


def _by_a_job(cluster: ClusterState, write: Write) -> str:
    seen = cluster.shelf(write.kind).by_name[write.name]
    body = seen.body
    assert isinstance(body, JobBody | PodBody)
    if body.step is not StepType.MIGRATE:
        return ""
    if write.run_uid not in {"", body.run_uid}:
        return "I7 a run wrote to a Job that is not its own"
    if write.by == "StartMigration":
        return _by_starting(cluster, write)
    if write.verb == "delete" and _is_at_work(cluster, seen.uid):
        return "I5 a started migration was deleted"
    truth = truth_of(cluster, body.run_uid)
    frees = write.after is not None and seen.held and not write.after.held
    if frees and body.run_uid in cluster.shelf(Kind.RUN).by_uid and (truth is None or not truth.recorded):
        return "R10 a migration lost its finalizer before its outcome was recorded"
    return ""


def _by_a_new_job(cluster: ClusterState, write: Write) -> str:
    """A check or a backup may come late, after the lock was given on: both may run beside anything."""
    assert write.after is not None
    body = write.after.body
    assert isinstance(body, JobBody)
    mine = (pod for pod in _pods(cluster) if pod.run_uid == body.run_uid and pod.step is StepType.MIGRATE)
    if body.step is StepType.REPORT and any(pod.alive for pod in mine):
        return "R16 the database was asked what a migration left while a pod of it was alive"
    if body.step is StepType.BACKUP and (early := hooks.broken_by_a_backup(cluster, body)):
        return early
    twice = body.step in {StepType.MIGRATE, StepType.HOOK}
    return f"R4 the Job of a {body.step} was created running" if twice and not body.suspended else ""


def _by_starting(cluster: ClusterState, write: Write) -> str:
    truth = truth_of(cluster, write.run_uid)
    run = cluster.shelf(Kind.RUN).by_uid.get(write.run_uid)
    if truth is None or run is None or not truth.backed_up:
        return "I3 a migration was started without a proven backup"
    if backup_is_too_old(interning.run_read(run), write.decided):
        return "I3 a migration was started with a backup that was too old"
    record = next((s for s in interning.run_read(run).status.steps if s.type is StepType.MIGRATE), None)
    if record is None or record.job_uid != write.uid:
        return "R4 a migration was started before its UID was recorded"
    held = any(
        isinstance(lock.body, LockBody) and lock.body.holder_uid == write.run_uid
        for lock in cluster.shelf(Kind.LEASE).things
    )
    return "" if held else "I6 a migration was started without the lock"


def _by_a_lock(cluster: ClusterState, write: Write) -> str:
    return broken_by_an_early_release(cluster, write) or _by_a_released_lock(cluster, write)


def _by_a_released_lock(cluster: ClusterState, write: Write) -> str:
    seen = cluster.shelf(Kind.LEASE).by_name.get(write.name)
    if seen is None:
        return ""
    before = seen.body
    assert isinstance(before, LockBody)
    if write.after is None:
        return _by_a_deleted_lock(cluster, before)
    after = write.after.body
    assert isinstance(after, LockBody)
    if before.had_tables and not after.had_tables and not _of_former_namespace(before):
        return "R12 a lock forgot that its database had tables"
    if before.holder_uid not in {"", after.holder_uid} and _is_busy(cluster, before.holder_uid):
        return "R11 a lock changed hands while a pod of its holder was alive"
    truth = GHOSTS[cluster.ghost].truth(before.holder_uid)
    if not after.holder_uid and after.database is DatabaseState.CLEAN and truth is not None and truth.starts:
        return "" if truth.migrated == "ok" else "R7 a database was called clean after a migration that did not succeed"
    return ""


def _had_tables(cluster: ClusterState, lock_key: str) -> bool:
    """Whether a lock remembers that its database had tables."""
    lock = cluster.shelf(Kind.LEASE).by_name.get(lock_key)
    return lock is not None and isinstance(lock.body, LockBody) and lock.body.had_tables


def _of_former_namespace(lock: LockBody) -> bool:
    """Whether the tables were seen in a namespace that is gone: another one may begin with an empty database."""
    return bool(lock.namespace_uid and lock.tables_namespace_uid not in {"", lock.namespace_uid})


def _is_accepted(cluster: ClusterState, truth: Truth) -> bool:
    """Whether a person who saw that the database is empty accepted it for this run: each time holds for one run."""
    ghost = GHOSTS[cluster.ghost]
    told = [number for flow, number in ghost.accepted if flow == truth.flow_uid and number < truth.sequence]
    used = [other for other in ghost.truths if other.emptied and other.starts and other.flow_uid == truth.flow_uid]
    return len(told) > len(used)


def _by_a_deleted_lock(cluster: ClusterState, before: LockBody) -> str:
    """The next run creates the lock again, and knows nothing of the one before."""
    if _is_busy(cluster, before.holder_uid):
        return "R11 a lock was deleted while a pod of its holder was alive"
    truth = GHOSTS[cluster.ghost].truth(before.holder_uid)
    known = before.identity or before.had_tables or (truth is not None and truth.starts)
    return "R13 a lock was deleted that had something to remember" if known else ""


def _by_a_new_run(cluster: ClusterState, write: Write) -> str:
    return hooks.broken_by_a_contract(cluster, write) or broken_by_an_early_run(cluster, write)


def _by_a_run(cluster: ClusterState, write: Write) -> str:
    seen = cluster.shelf(Kind.RUN).by_name.get(write.name)
    if seen is None or write.by != "status" or write.after is None:
        return ""
    assert isinstance(seen.body, RunBody)
    assert isinstance(write.after.body, RunBody)
    before, after = (interning.RUN_STATUSES[body.status] for body in (seen.body, write.after.body))
    if before.outcome is not None and before.outcome is not after.outcome:
        return "I9 an outcome changed"
    truth = truth_of(cluster, seen.uid)
    assert truth is not None
    if after.outcome is Reason.MIGRATED and truth.migrated != "ok":
        return "I1 a migration was called a success that was none"
    if after.outcome is Reason.NOTHING_PENDING and not truth.nothing_pending:
        return "I1 nothing was called pending that was"
    if after.outcome in ENDED_BY_PEOPLE and GHOSTS[cluster.ghost].orderly and _is_migrating(cluster, seen.uid):
        return "R8 a run was ended while its migration was at work"
    return broken_by_an_end(after, truth.starts, truth.migrated) or broken_by_a_finding(after, truth)


def _by_a_flow(cluster: ClusterState, write: Write) -> str:
    if write.after is None:
        return ""
    seen, after = cluster.shelf(Kind.FLOW).by_name[write.name].body, write.after.body
    assert isinstance(seen, FlowBody)
    assert isinstance(after, FlowBody)
    old, new = interning.FLOW_STATUSES[seen.status], interning.FLOW_STATUSES[after.status]
    if new.sequence < old.sequence:
        return "R2 a sequence went back"
    if old.release and new.release and old.release.sequence == new.release.sequence and old.release.outcome:
        return "" if old.release.outcome == new.release.outcome else "I9 the outcome of a release changed"
    early = hooks.broken_by_a_release(cluster, write.name, new)
    early = early or targets.broken_by_an_early_end(cluster, interning.FLOW_SPECS[seen.spec], old, new)
    return early or broken_by_a_ready_flow(cluster, interning.FLOW_SPECS[seen.spec], new)


def _is_at_work(cluster: ClusterState, job_uid: str) -> bool:
    return any(body.job_uid == job_uid and body.phase is PodPhase.RUNNING for body in _pods(cluster))


def _is_migrating(cluster: ClusterState, run_uid: str) -> bool:
    jobs = {body.job_uid for body in _pods(cluster) if body.run_uid == run_uid and body.step is StepType.MIGRATE}
    return any(_is_at_work(cluster, job_uid) for job_uid in jobs)


def _pods(cluster: ClusterState) -> Iterator[PodBody]:
    return (pod.body for pod in cluster.shelf(Kind.POD).things if isinstance(pod.body, PodBody))


def _is_busy(cluster: ClusterState, run_uid: str) -> bool:
    """Whether a pod of a run is alive that matters: a check or a backup that was made late may run beside anything."""
    mine = [body for body in _pods(cluster) if body.alive and body.run_uid == run_uid]
    return any(GHOSTS[cluster.ghost].orderly or body.step is StepType.MIGRATE for body in mine)
