"""What the controllers of Kubernetes and the kubelet make of the store, each in one small move."""

from collections.abc import Iterator
from functools import cache

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from releaseflow.workloads.workload import Rollout
from tests.model import api
from tests.model.invariants import broken_by_a_start, with_end, with_start
from tests.model.objects import (
    FOREGROUND,
    OURS,
    SHELVES,
    TRACKING,
    JobBody,
    Kind,
    PodBody,
    StoredObject,
    TargetBody,
)
from tests.model.pod_outcomes import FATES, GOOD, KILLED, STEP_OF, fate_of
from tests.model.state import GHOSTS, Change, ClusterState

NODE = "the kubelet"
"""Keeps a pod readable until its containers have ended."""


@cache
def changes(cluster: ClusterState) -> tuple[Change, ...]:
    """Return everything that a controller or the kubelet may do next; the first fate of a pod is the good one."""
    return tuple(_changes(cluster))


def _changes(cluster: ClusterState) -> Iterator[Change]:
    for job in cluster.shelf(Kind.JOB).things:
        yield from _job_controller(cluster, job)
    for pod in cluster.shelf(Kind.POD).things:
        yield from _kubelet(cluster, pod)
    for target in cluster.shelf(Kind.TARGET).things:
        yield from _deployment_controller(cluster, target)
    yield from _garbage_collector(cluster)


def _job_controller(cluster: ClusterState, job: StoredObject) -> Iterator[Change]:
    body = job.body
    assert isinstance(body, JobBody)
    if body.ended:
        return
    pods = [pod for pod in cluster.shelf(Kind.POD).things if pod.owner == job.uid]
    counted = [pod for pod in pods if TRACKING in pod.finalizers]
    ended = [pod for pod in counted if not _body(pod).alive]
    if _is_overdue(cluster, body):
        yield from _ends_overdue(cluster, job, body, pods)
    elif job.deleting:
        return
    elif ended:
        yield _judged(cluster, job, _verdict(body, ended[0]))
    elif body.suspended:
        yield from _keeps_suspended(cluster, job, body, counted)
    elif not any(_body(pod).alive for pod in pods):
        yield _begotten(cluster, job, body)


def _is_overdue(cluster: ClusterState, body: JobBody) -> bool:
    """Whether a Job's deadline is over: one tick of the clock is longer than all of them."""
    return body.started is not None and not body.suspended and GHOSTS[cluster.ghost].clock >= body.started + 1


def _ends_overdue(
    cluster: ClusterState, job: StoredObject, body: JobBody, pods: list[StoredObject]
) -> Iterator[Change]:
    """Stop the pods of a Job whose deadline is over; when they have ended, it has failed, however they did."""
    for pod in pods:
        if _body(pod).alive and not pod.deleting and not job.deleting:
            yield _stopped(cluster, pod)
    if not any(_body(pod).alive for pod in pods):
        yield _judged(cluster, job, body._replace(failed=True, failed_reason="DeadlineExceeded"))


def _keeps_suspended(
    cluster: ClusterState, job: StoredObject, body: JobBody, counted: list[StoredObject]
) -> Iterator[Change]:
    """Stop the pods of a suspended Job, which are not counted any more, and forget that it began."""
    for pod in counted:
        if not pod.deleting:
            yield _stopped(cluster, pod)
    if body.started is not None and all(pod.deleting for pod in counted):
        yield _written(cluster, "Job controller: resets", Kind.JOB, job._replace(body=body._replace(started=None)))


def _stopped(cluster: ClusterState, pod: StoredObject) -> Change:
    """Let the Job controller stop a pod without counting how it ends."""
    cluster = _let_go(cluster, pod, TRACKING)
    return _deleted(cluster, "Job controller", Kind.POD, cluster.shelf(Kind.POD).by_name[pod.name])


def _begotten(cluster: ClusterState, job: StoredObject, body: JobBody) -> Change:
    """Create the pod of a Job."""
    ghost = GHOSTS[cluster.ghost]
    name = f"{job.name}-pod"
    while name in cluster.shelf(Kind.POD).by_name:
        name += "-again"
    uid, ghost = ghost.born(name)
    finalizers = (NODE, TRACKING, OURS) if body.step is StepType.MIGRATE else (NODE, TRACKING)
    pod = StoredObject(
        name, uid, 1, PodBody(body.step, body.run_uid, job.uid, body.image, PodPhase.PENDING), finalizers, owner=job.uid
    )
    made = api.created(cluster.store[Kind.POD], pod)
    assert isinstance(made, int)
    cluster = cluster.with_ghost(ghost).with_shelf(Kind.POD, made)
    return begun(cluster, job, "makes a pod for")


def begun(cluster: ClusterState, job: StoredObject, how: str = "begins with") -> Change:
    """Let the Job controller begin with a Job, whether or not a quota lets it make the pod."""
    body = job.body
    assert isinstance(body, JobBody)
    after = job._replace(
        body=body._replace(started=GHOSTS[cluster.ghost].clock if body.started is None else body.started)
    )
    return _written(cluster, f"Job controller: {how}", Kind.JOB, after)


def _verdict(body: JobBody, pod: StoredObject) -> JobBody:
    said = _body(pod)
    fate = fate_of(said)
    if said.phase is PodPhase.SUCCEEDED:
        return body._replace(complete=True)
    reason = fate.failed_reason if fate is not None and fate.failed_reason else "BackoffLimitExceeded"
    return body._replace(failed=True, failed_reason=reason, failed_exit_code=fate.exit_code if fate else None)


def _judged(cluster: ClusterState, job: StoredObject, body: JobBody) -> Change:
    """Record how a Job ended, and let its pods go."""
    for pod in cluster.shelf(Kind.POD).things:
        if pod.owner == job.uid:
            cluster = _let_go(cluster, pod, TRACKING)
    return _written(cluster, "Job controller: judges", Kind.JOB, job._replace(body=body))


def _kubelet(cluster: ClusterState, pod: StoredObject) -> Iterator[Change]:
    body = _body(pod)
    if body.phase is PodPhase.PENDING:
        if pod.deleting:
            yield ended(cluster, pod, body._replace(phase=PodPhase.FAILED, fate=KILLED))
        else:
            yield _started(cluster, pod, body)
    elif body.phase is PodPhase.RUNNING:
        yield from _ends(cluster, pod, body)


def _ends(cluster: ClusterState, pod: StoredObject, body: PodBody) -> Iterator[Change]:
    """Let a running pod end, in every way that it can."""
    good = GOOD[body.step]
    for fate in (good, *(name for name, step in STEP_OF.items() if step is body.step and name != good)):
        phase = FATES[fate].phase
        yield ended(cluster, pod, body._replace(phase=phase, fate=fate))._replace(trouble="" if fate == good else fate)
    if pod.deleting:
        yield ended(cluster, pod, body._replace(phase=PodPhase.FAILED, fate=KILLED))


def _started(cluster: ClusterState, pod: StoredObject, body: PodBody) -> Change:
    broken = broken_by_a_start(cluster, body) if body.step is StepType.MIGRATE else ""
    if body.step is StepType.MIGRATE:
        cluster = with_start(cluster, body)
    running = body._replace(phase=PodPhase.RUNNING, started=True)
    return _written(cluster, "kubelet: starts", Kind.POD, pod._replace(body=running))._replace(broken=broken)


def ended(cluster: ClusterState, pod: StoredObject, body: PodBody) -> Change:
    """Let a pod end as its fate says."""
    cluster = with_end(cluster, body) if body.started else cluster
    finalizers = tuple(finalizer for finalizer in pod.finalizers if finalizer != NODE)
    return _written(cluster, f"kubelet: ends ({body.fate})", Kind.POD, pod._replace(finalizers=finalizers, body=body))


def _deployment_controller(cluster: ClusterState, target: StoredObject) -> Iterator[Change]:
    body = target.body
    assert isinstance(body, TargetBody)
    who = "Deployment controller"
    if body.rollout is Rollout.UNOBSERVED:
        begun = target._replace(body=body._replace(rollout=Rollout.PROGRESSING))
        yield _written(cluster, f"{who}: begins to roll out", Kind.TARGET, begun)
    elif body.rollout is Rollout.PROGRESSING:
        ends = (Rollout.COMPLETE, Rollout.FAILED)
        done, failed = (target._replace(body=body._replace(rollout=rollout)) for rollout in ends)
        yield _written(cluster, f"{who}: has rolled out", Kind.TARGET, done)
        yield _written(cluster, f"{who}: gives up", Kind.TARGET, failed)._replace(trouble="rollout fails")


def _garbage_collector(cluster: ClusterState) -> Iterator[Change]:
    """Delete in the background what belongs to an object that is gone; count the ends of pods without a Job."""
    for kind, above in ((Kind.RUN, Kind.FLOW), (Kind.JOB, Kind.RUN), (Kind.POD, Kind.JOB)):
        owners = SHELVES[cluster.store[above]].by_uid
        for thing in cluster.shelf(kind).things:
            if thing.owner and thing.owner not in owners and not thing.deleting:
                yield _deleted(cluster, "garbage collector", kind, thing)
    jobs = cluster.shelf(Kind.JOB).by_uid
    for job in jobs.values():
        if FOREGROUND in job.finalizers:
            yield from _waits_for_pods(cluster, job)
    for pod in cluster.shelf(Kind.POD).things:
        maker = jobs.get(_body(pod).job_uid)
        over = maker is None or maker.deleting or _is_ended(maker)
        if TRACKING in pod.finalizers and over and not _body(pod).alive:
            yield Change("Job controller", f"lets go of pod {pod.name}", _let_go(cluster, pod, TRACKING))


def _waits_for_pods(cluster: ClusterState, job: StoredObject) -> Iterator[Change]:
    """Delete the pods of a Job that was deleted in the foreground; let it go when they are gone."""
    pods = [pod for pod in cluster.shelf(Kind.POD).things if pod.owner == job.uid]
    for pod in pods:
        if not pod.deleting:
            yield _deleted(cluster, "garbage collector", Kind.POD, pod)
    if not pods:
        after = job._replace(finalizers=tuple(finalizer for finalizer in job.finalizers if finalizer != FOREGROUND))
        yield _written(cluster, "garbage collector: lets go of", Kind.JOB, after)


def _let_go(cluster: ClusterState, thing: StoredObject, finalizer: str) -> ClusterState:
    after = thing._replace(finalizers=tuple(name for name in thing.finalizers if name != finalizer))
    answer = api.updated(cluster.store[Kind.POD], thing.name, thing.uid, 0, after)
    assert isinstance(answer, int)
    return cluster.with_shelf(Kind.POD, answer)


def _deleted(cluster: ClusterState, who: str, kind: Kind, thing: StoredObject) -> Change:
    answer = api.deleted(cluster.store[kind], thing.name, thing.uid, 0)
    assert isinstance(answer, int)
    return Change(who, f"deletes {kind.name.lower()} {thing.name}", cluster.with_shelf(kind, answer))


def _written(cluster: ClusterState, by: str, kind: Kind, after: StoredObject) -> Change:
    """Let a controller write an object as it should stand; `by` says who does what to it."""
    answer = api.updated(cluster.store[kind], after.name, after.uid, 0, after)
    assert isinstance(answer, int)
    who, _, what = by.partition(": ")
    return Change(who, f"{what} {kind.name.lower()} {after.name}", cluster.with_shelf(kind, answer))


def _is_ended(job: StoredObject) -> bool:
    assert isinstance(job.body, JobBody)
    return job.body.ended


def _body(pod: StoredObject) -> PodBody:
    assert isinstance(pod.body, PodBody)
    return pod.body
