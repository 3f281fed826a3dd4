"""What the controllers write for a status or an action: the object as the API server should keep it."""

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import (
    CreateRun,
    DeleteRun,
    FenceTarget,
    FlowAction,
    ResumeTarget,
    SetImage,
    StartTarget,
)
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
    StartHook,
    StartMigration,
    SuspendJob,
    TakeLock,
)
from releaseflow.core.run.facts import DatabaseState
from releaseflow.core.run.next_hook import hook_to_observe
from releaseflow.core.tools import migration_image
from releaseflow.workloads.workload import Rollout
from tests.model import interning
from tests.model.objects import (
    OURS,
    WAITING,
    FlowBody,
    JobBody,
    Kind,
    LockBody,
    RunBody,
    StoredObject,
    TargetBody,
)
from tests.model.observe import FlowObservation, RunObservation
from tests.model.state import Write


def write_of_status(seen: StoredObject, status: ReleaseFlowStatus | MigrationRunStatus) -> Write:
    """Return what the controllers write to show a status."""
    body = seen.body
    write = Write("status", "update", Kind.FLOW, seen.name, seen.uid, seen.version)
    if isinstance(status, ReleaseFlowStatus):
        assert isinstance(body, FlowBody)
        after = seen._replace(body=body._replace(status=interning.FLOW_STATUSES.number(interning.stored(status))))
        return write._replace(after=after, sequence=status.release.sequence if status.release is not None else 0)
    assert isinstance(body, RunBody)
    after = seen._replace(body=body._replace(status=interning.RUN_STATUSES.number(interning.stored(status))))
    return write._replace(kind=Kind.RUN, after=after, run_uid=seen.uid)


def write_of_flow(observation: FlowObservation, action: FlowAction) -> Write:
    """Return what the controllers write for an action of a flow."""
    by, body = type(action).__name__, observation.flow.body
    assert isinstance(body, FlowBody)
    release = interning.FLOW_STATUSES[body.status].release
    sequence = release.sequence if release is not None else 0
    match action:
        case CreateRun():
            run = RunBody(interning.RUN_SPECS.number(action.spec), interning.RUN_STATUSES.number(_NEW_RUN))
            after = StoredObject(action.name, "", 1, run, (OURS,), owner=observation.flow.uid)
            return Write(by, "create", Kind.RUN, action.name, after=after, sequence=sequence)
        case DeleteRun():
            return Write(by, "delete", Kind.RUN, action.name, action.uid, int(action.resource_version))
        case FenceTarget() | SetImage() | ResumeTarget():
            workloads = (*observation.targets, observation.runner)
            seen = next(target for target in workloads if target is not None and target.name == action.name)
            assert isinstance(seen.body, TargetBody)
            after = seen._replace(body=moved(seen.body, action))
            return Write(by, "update", Kind.TARGET, seen.name, seen.uid, seen.version, after, sequence=sequence)


def moved(body: TargetBody, action: FenceTarget | SetImage | ResumeTarget) -> TargetBody:
    """Return a target with the fence or the images of a release, or that makes pods of what it has."""
    if isinstance(action, ResumeTarget):
        same = body.served == body.images
        return body._replace(held=False, rollout=Rollout.COMPLETE if same else Rollout.UNOBSERVED)
    if isinstance(action, FenceTarget):
        fenced = body._replace(fence=action.fence, managed=True)
        return fenced if fenced == body else fenced._replace(rollout=Rollout.UNOBSERVED)
    moved = body._replace(
        images=tuple((dict(body.images) | dict(action.images)).items()),
        init_images=tuple((dict(body.init_images) | dict(action.init_images)).items()),
        applied=(*action.images, *action.init_images),
        migrates_for=action.run if isinstance(action, StartTarget) else "",
        migration=WAITING if isinstance(action, StartTarget) else "",
        restarted_for=action.restart_for or body.restarted_for,
    )
    is_rollout = _template(moved) != _template(body)
    return moved._replace(rollout=Rollout.UNOBSERVED) if is_rollout else moved


def _template(body: TargetBody) -> tuple[object, ...]:
    return body.images, body.init_images, body.restarted_for, body.migrates_for


def write_of_run(observation: RunObservation, action: RunAction) -> Write:
    """Return what the controllers write for an action of a run."""
    return _written_for(observation, action)._replace(by=type(action).__name__, run_uid=observation.run.uid)


def _written_for(observation: RunObservation, action: RunAction) -> Write:
    run = observation.run
    match action:
        case AddFinalizer() | RemoveFinalizer():
            assert isinstance(run.body, RunBody)
            hold = isinstance(action, AddFinalizer)
            after = run._replace(finalizers=(OURS,) if hold else (), body=run.body._replace(queued=hold))
            return Write("", "update", Kind.RUN, run.name, run.uid, run.version, after)
        case TakeLock():
            return _take_lock(observation)
        case ReleaseLock():
            return _release_lock(observation, action)
        case CreateJob():
            return Write("", "create", Kind.JOB, action.name, after=_job(run, action))
        case DeleteJob() | DeleteLock():
            kind = Kind.JOB if isinstance(action, DeleteJob) else Kind.LEASE
            return Write("", "delete", kind, action.name, action.uid, int(action.resource_version))
        case StartMigration() | StartHook() | SuspendJob() | RemoveJobFinalizer() | RemovePodFinalizer():
            return _touched(observation, action)


def _take_lock(observation: RunObservation) -> Write:
    run, key = observation.run, interning.run_read(observation.run).spec.lock_key
    body = LockBody(run.uid, run.name, DatabaseState.IN_USE, last_name=run.name, last_uid=run.uid)
    if observation.lock is None:
        return Write("", "create", Kind.LEASE, key, after=StoredObject(key, "", 1, body))
    old = observation.lock.body
    assert isinstance(old, LockBody)
    known = body._replace(
        identity=old.identity, had_tables=old.had_tables, tables_namespace_uid=old.tables_namespace_uid
    )
    after = observation.lock._replace(body=known)
    return Write("", "update", Kind.LEASE, key, observation.lock.uid, observation.lock.version, after)


def _release_lock(observation: RunObservation, action: ReleaseLock) -> Write:
    lock = observation.lock
    assert lock is not None
    assert isinstance(lock.body, LockBody)
    body = lock.body._replace(
        holder_uid="",
        holder_name="",
        database=action.database,
        identity=action.identity,
        had_tables=action.had_tables,
        tables_namespace_uid=action.tables_namespace_uid,
        unknown_since="" if action.database is DatabaseState.CLEAN else observation.run.name,
    )
    return Write("", "update", Kind.LEASE, lock.name, lock.uid, lock.version, lock._replace(body=body))


def _job(run: StoredObject, action: CreateJob) -> StoredObject:
    migrates, read = action.step is StepType.MIGRATE, interning.run_read(run)
    hook = hook_to_observe(read.spec, read.status) if action.step is StepType.HOOK else ABSENT
    body = JobBody(
        action.step,
        run.uid,
        action.attempt,
        action.template_hash,
        migration_image(read.spec),
        suspended=migrates or action.step is StepType.HOOK,
        hook="" if hook is ABSENT else hook.name,
    )
    finalizers, owner = ((OURS,), "") if migrates else ((), run.uid)
    return StoredObject(action.name, "", 1, body, finalizers, owner=owner)


def _touched(
    observation: RunObservation,
    action: StartMigration | StartHook | SuspendJob | RemoveJobFinalizer | RemovePodFinalizer,
) -> Write:
    """Return a write to a Job or pod that was seen, with its uid and version."""
    if isinstance(action, RemovePodFinalizer):
        pod = next(pod for pod in observation.pods if pod.uid == action.uid)
        return Write("", "update", Kind.POD, pod.name, pod.uid, pod.version, without_finalizer(pod))
    job = next(job for job in (*observation.jobs, *observation.past_jobs) if job is not None and job.uid == action.uid)
    body = job.body
    assert isinstance(body, JobBody)
    if isinstance(action, RemoveJobFinalizer):
        after = disowned(job)._replace(owner=observation.run.uid)
    else:
        after = job._replace(body=body._replace(suspended=isinstance(action, SuspendJob), edited=True))
    decided = observation.clock if isinstance(action, StartMigration) else 0
    return Write("", "update", Kind.JOB, job.name, job.uid, job.version, after, decided=decided)


def without_finalizer(thing: StoredObject) -> StoredObject:
    """Return an object without our finalizer."""
    return thing._replace(finalizers=tuple(finalizer for finalizer in thing.finalizers if finalizer != OURS))


def disowned(job: StoredObject) -> StoredObject:
    """Return a Job that the operator has no more to do with, and that goes by itself some time after its end."""
    assert isinstance(job.body, JobBody)
    return without_finalizer(job)._replace(body=job.body._replace(edited=True))


_NEW_RUN = MigrationRunStatus()
