"""From a sight to a write: the production core decides, unchanged, once for each thing that can be seen."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.controllers.parse_objects import flow_facts_for_run, run_facts_for_flow
from releaseflow.core.decision import Act, Decision, Requeue, WriteStatus, next_effect
from releaseflow.core.facts import ABSENT, Absent, JobFacts, PodFacts
from releaseflow.core.flow.actions import CreateRun, DeleteRun, FenceTarget, FlowAction, SetImage
from releaseflow.core.flow.decide import decide as decide_flow
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.run.actions import (
    AddFinalizer,
    CreateJob,
    DeleteJob,
    DeleteLock,
    ReleaseLock,
    RemoveFinalizer,
    RemoveJobFinalizer,
    RemovePodFinalizer,
    RunAction,
    StartMigration,
    SuspendJob,
    TakeLock,
)
from releaseflow.core.run.decide import decide as decide_run
from releaseflow.core.run.facts import DatabaseState, LockFacts, RunObserved, Waiter, WorkloadFacts
from releaseflow.workloads.workload import Rollout
from tests.model import interning
from tests.model.objects import (
    OURS,
    FlowBody,
    JobBody,
    Kind,
    LockBody,
    PodBody,
    RunBody,
    TargetBody,
    Thing,
)
from tests.model.observe import FlowSight, RunSight
from tests.model.pod_outcomes import containers_of
from tests.model.state import Write
from tests.support import builders


class Decided(NamedTuple):
    """What a sight leads to, by the rules of the shell."""

    live: bool
    """Whether it may only be followed when live reads lead to it."""
    write: Write | None
    waits: bool
    """Whether time alone may change it."""


@cache
def of_flow(sight: FlowSight) -> Decided:
    """Decide about a flow."""
    body = sight.flow.body
    assert isinstance(body, FlowBody)
    decision = decide_flow(flow_observed(sight))
    report = write_of_status(sight.flow, decision.status)
    recorded = interning.FLOW_STATUSES[body.status]
    return _followed(decision, recorded, report, lambda action: write_of_flow(sight, action))


@cache
def of_run(sight: RunSight) -> Decided:
    """Decide about a run."""
    body = sight.run.body
    assert isinstance(body, RunBody)
    decision = decide_run(run_observed(sight))
    report = write_of_status(sight.run, decision.status)
    recorded = interning.RUN_STATUSES[body.status]
    return _followed(decision, recorded, report, lambda action: write_of_run(sight, action))


def _followed(
    decision: Decision[Any, Any], recorded: object, report: Write, written: Callable[[Any], Write]
) -> Decided:
    """Say what the shell does about a decision: act, or report, or rest."""
    waits = decision.requeue_after is not None
    effect = next_effect(decision, recorded)
    match effect:
        case Act(action):
            return Decided(effect.requires_live_read, written(action), waits)
        case WriteStatus():
            return Decided(effect.requires_live_read, report, waits)
        case Requeue():
            return Decided(live=False, write=None, waits=waits)


def write_of_status(seen: Thing, status: ReleaseFlowStatus | MigrationRunStatus) -> Write:
    """Return what the shell writes to show a status."""
    body = seen.body
    write = Write("status", "update", Kind.FLOW, seen.name, seen.uid, seen.version)
    if isinstance(status, ReleaseFlowStatus):
        assert isinstance(body, FlowBody)
        after = seen._replace(body=body._replace(status=interning.FLOW_STATUSES.number(interning.stored(status))))
        return write._replace(after=after, sequence=status.release.sequence if status.release is not None else 0)
    assert isinstance(body, RunBody)
    after = seen._replace(body=body._replace(status=interning.RUN_STATUSES.number(interning.stored(status))))
    return write._replace(kind=Kind.RUN, after=after, run_uid=seen.uid)


def flow_observed(sight: FlowSight) -> FlowObserved:
    """Return a flow and what belongs to it as the core reads them."""
    flow = interning.flow_read(sight.flow)
    runs = sorted((interning.run_read(run) for run in sight.runs), key=lambda run: run.sequence, reverse=True)
    return FlowObserved(
        name=flow.name,
        namespace=flow.namespace,
        uid=flow.uid,
        resource_version=flow.resource_version,
        generation=flow.generation,
        spec=flow.spec,
        status=flow.status,
        now=interning.time(sight.clock),
        deleting=flow.deleting,
        commands=flow.commands,
        targets=tuple(
            target_seen(target, owner_exists=exists) for target, exists in zip(sight.targets, sight.owners, strict=True)
        ),
        run=run_facts_for_flow(interning.run_read(sight.run)) if sight.run is not None else ABSENT,
        runs=tuple(run_facts_for_flow(run) for run in runs),
    )


def target_seen(target: Thing | None, *, owner_exists: bool) -> TargetFacts | Absent:
    """Return a target as the core reads it."""
    if target is None:
        return ABSENT
    body = target.body
    assert isinstance(body, TargetBody)
    return TargetFacts(
        "Deployment",
        target.name,
        target.uid,
        str(target.version),
        body.images,
        body.rollout,
        fence=body.fence,
        fence_owner_exists=owner_exists,
        managed=body.managed,
        restarted_for=body.restarted_for,
        deleting=target.deleting,
        init_images=body.init_images,
    )


def run_observed(sight: RunSight) -> RunObserved:
    """Return a run and what belongs to it as the core reads them."""
    run, body = interning.run_read(sight.run), sight.run.body
    assert isinstance(body, RunBody)
    flow = interning.flow_read(sight.flow) if sight.flow is not None else None
    return RunObserved(
        name=run.name,
        namespace=run.namespace,
        uid=run.uid,
        resource_version=run.resource_version,
        generation=1,
        created=run.created,
        spec=run.spec,
        status=run.status,
        now=interning.time(sight.clock),
        deleting=run.deleting,
        has_finalizer=run.has_finalizer,
        in_line=body.in_line,
        flow=flow_facts_for_run(flow, run) if flow is not None else ABSENT,
        lock=lock_facts(sight.lock, holder_exists=sight.holder_exists, holder_pod_alive=sight.holder_pod_alive),
        waiters=tuple(Waiter(interning.run_read(rival).created, rival.uid) for rival in sight.rivals),
        workload=WorkloadFacts() if sight.workload else ABSENT,
        jobs=tuple((step, job_seen(job) if job else ABSENT) for step, job in zip(StepType, sight.jobs, strict=True)),
        past_jobs=tuple(job_seen(job) for job in sight.past_jobs),
        pods=tuple(pod_seen(pod) for pod in sight.pods),
        client_image="releaseflow/postgresql:18",
        template_hashes=builders.HASHES if sight.workload else (),
    )


def lock_facts(lock: Thing | None, *, holder_exists: bool, holder_pod_alive: bool) -> LockFacts | Absent:
    """Return a lock as the core reads it."""
    if lock is None:
        return ABSENT
    body = lock.body
    assert isinstance(body, LockBody)
    return LockFacts(
        name=lock.name,
        uid=lock.uid,
        resource_version=str(lock.version),
        holder_uid=body.holder_uid,
        holder_name=body.holder_name,
        holder_exists=holder_exists,
        holder_pod_alive=holder_pod_alive,
        database=body.database,
        identity=body.identity,
        had_tables=body.had_tables,
        namespace_uid=body.namespace_uid,
        tables_namespace_uid=body.tables_namespace_uid,
        unknown_since=body.unknown_since,
        last_name=body.last_name,
        last_uid=body.last_uid,
    )


@cache
def job_seen(job: Thing) -> JobFacts:
    """Return a Job as the core reads it."""
    body = job.body
    assert isinstance(body, JobBody)
    return JobFacts(
        name=job.name,
        uid=job.uid,
        resource_version=str(job.version),
        run_uid=body.run_uid,
        attempt=body.attempt,
        template_hash=body.template_hash,
        created=interning.time(body.created),
        start_time=None if body.started is None else interning.time(body.started),
        suspended=body.suspended,
        edited=body.edited,
        complete=body.complete,
        failed=body.failed,
        failed_reason=body.failed_reason,
        failed_exit_code=body.failed_exit_code,
        deleting=job.deleting,
        has_finalizer=job.held,
        expires=body.expires,
    )


@cache
def pod_seen(pod: Thing) -> PodFacts:
    """Return a pod as the core reads it."""
    body = pod.body
    assert isinstance(body, PodBody)
    return PodFacts(
        name=pod.name,
        uid=pod.uid,
        resource_version=str(pod.version),
        step=body.step,
        job_uid=body.job_uid if pod.owner else "",
        phase=body.phase,
        containers=containers_of(body),
        deleting=pod.deleting,
        has_finalizer=pod.held,
    )


def write_of_flow(sight: FlowSight, action: FlowAction) -> Write:
    """Return what the shell writes for an action of a flow."""
    by, body = type(action).__name__, sight.flow.body
    assert isinstance(body, FlowBody)
    release = interning.FLOW_STATUSES[body.status].release
    sequence = release.sequence if release is not None else 0
    match action:
        case CreateRun():
            run = RunBody(interning.RUN_SPECS.number(action.spec), interning.RUN_STATUSES.number(_NEW_RUN))
            after = Thing(action.name, "", 1, run, (OURS,), owner=sight.flow.uid)
            return Write(by, "create", Kind.RUN, action.name, after=after, sequence=sequence)
        case DeleteRun():
            return Write(by, "delete", Kind.RUN, action.name, action.uid, int(action.resource_version))
        case FenceTarget() | SetImage():
            seen = next(target for target in sight.targets if target is not None and target.name == action.name)
            assert isinstance(seen.body, TargetBody)
            after = seen._replace(body=_moved(seen.body, action))
            return Write(by, "update", Kind.TARGET, seen.name, seen.uid, seen.version, after, sequence=sequence)


def _moved(body: TargetBody, action: FenceTarget | SetImage) -> TargetBody:
    if isinstance(action, FenceTarget):
        fenced = body._replace(fence=action.fence, managed=True)
        return fenced if fenced == body else fenced._replace(rollout=Rollout.UNOBSERVED)
    moved = body._replace(
        images=tuple((dict(body.images) | dict(action.images)).items()),
        init_images=tuple((dict(body.init_images) | dict(action.init_images)).items()),
        applied=(*action.images, *action.init_images),
        restarted_for=action.restart_for or body.restarted_for,
    )
    is_rollout = (moved.images, moved.init_images, moved.restarted_for) != (
        body.images,
        body.init_images,
        body.restarted_for,
    )
    return moved._replace(rollout=Rollout.UNOBSERVED) if is_rollout else moved


def write_of_run(sight: RunSight, action: RunAction) -> Write:
    """Return what the shell writes for an action of a run."""
    return _written_for(sight, action)._replace(by=type(action).__name__, run_uid=sight.run.uid)


def _written_for(sight: RunSight, action: RunAction) -> Write:
    run = sight.run
    match action:
        case AddFinalizer() | RemoveFinalizer():
            assert isinstance(run.body, RunBody)
            hold = isinstance(action, AddFinalizer)
            after = run._replace(keepers=(OURS,) if hold else (), body=run.body._replace(in_line=hold))
            return Write("", "update", Kind.RUN, run.name, run.uid, run.version, after)
        case TakeLock():
            return _take_lock(sight)
        case ReleaseLock():
            return _release_lock(sight, action)
        case CreateJob():
            return Write("", "create", Kind.JOB, action.name, after=_job(run, action))
        case DeleteJob() | DeleteLock():
            kind = Kind.JOB if isinstance(action, DeleteJob) else Kind.LEASE
            return Write("", "delete", kind, action.name, action.uid, int(action.resource_version))
        case StartMigration() | SuspendJob() | RemoveJobFinalizer() | RemovePodFinalizer():
            return _touched(sight, action)


def _take_lock(sight: RunSight) -> Write:
    run, key = sight.run, interning.run_read(sight.run).spec.database.effective_lock_key
    body = LockBody(run.uid, run.name, DatabaseState.IN_USE, last_name=run.name, last_uid=run.uid)
    if sight.lock is None:
        return Write("", "create", Kind.LEASE, key, after=Thing(key, "", 1, body))
    old = sight.lock.body
    assert isinstance(old, LockBody)
    known = body._replace(
        identity=old.identity, had_tables=old.had_tables, tables_namespace_uid=old.tables_namespace_uid
    )
    after = sight.lock._replace(body=known)
    return Write("", "update", Kind.LEASE, key, sight.lock.uid, sight.lock.version, after)


def _release_lock(sight: RunSight, action: ReleaseLock) -> Write:
    lock = sight.lock
    assert lock is not None
    assert isinstance(lock.body, LockBody)
    body = lock.body._replace(
        holder_uid="",
        holder_name="",
        database=action.database,
        identity=action.identity,
        had_tables=action.had_tables,
        tables_namespace_uid=action.tables_namespace_uid,
        unknown_since="" if action.database is DatabaseState.CLEAN else sight.run.name,
    )
    return Write("", "update", Kind.LEASE, lock.name, lock.uid, lock.version, lock._replace(body=body))


def _job(run: Thing, action: CreateJob) -> Thing:
    migrates = action.step is StepType.MIGRATE
    image = interning.run_read(run).spec.image
    body = JobBody(
        action.step,
        run.uid,
        action.attempt,
        action.template_hash,
        image,
        suspended=migrates,
        expires=action.step is StepType.CHECK,
    )
    keepers, owner = ((OURS,), "") if migrates else ((), run.uid)
    return Thing(action.name, "", 1, body, keepers, owner=owner)


def _touched(sight: RunSight, action: StartMigration | SuspendJob | RemoveJobFinalizer | RemovePodFinalizer) -> Write:
    """Return a write to a Job or pod that was seen, with its uid and version."""
    if isinstance(action, RemovePodFinalizer):
        pod = next(pod for pod in sight.pods if pod.uid == action.uid)
        return Write("", "update", Kind.POD, pod.name, pod.uid, pod.version, let_go(pod))
    job = next(job for job in (*sight.jobs, *sight.past_jobs) if job is not None and job.uid == action.uid)
    body = job.body
    assert isinstance(body, JobBody)
    if isinstance(action, RemoveJobFinalizer):
        after = disowned(job)._replace(owner=sight.run.uid)
    else:
        after = job._replace(body=body._replace(suspended=isinstance(action, SuspendJob), edited=True))
    return Write("", "update", Kind.JOB, job.name, job.uid, job.version, after)


def let_go(thing: Thing) -> Thing:
    """Return an object without our finalizer."""
    return thing._replace(keepers=tuple(keeper for keeper in thing.keepers if keeper != OURS))


def disowned(job: Thing) -> Thing:
    """Return a Job that the operator has no more to do with, and that goes by itself some time after its end."""
    assert isinstance(job.body, JobBody)
    return let_go(job)._replace(body=job.body._replace(expires=True, edited=True))


_NEW_RUN = MigrationRunStatus()
