"""What the Job controller makes of the store, in small moves: it starts, stops and counts pods, and judges Jobs."""

from collections.abc import Iterator

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from tests.model import api
from tests.model.changes import body_of, deleted, let_go, written
from tests.model.objects import OURS, TRACKING, JobBody, Kind, PodBody, StoredObject
from tests.model.pod_outcomes import fate_of
from tests.model.state import GHOSTS, Change, ClusterState

NODE = "the kubelet"
"""Keeps a pod readable until its containers have ended."""


def job_moves(cluster: ClusterState, job: StoredObject) -> Iterator[Change]:
    """Return what the Job controller may do next about a Job."""
    body = job.body
    assert isinstance(body, JobBody)
    if body.ended:
        return
    pods = [pod for pod in cluster.shelf(Kind.POD).things if pod.owner == job.uid]
    counted = [pod for pod in pods if TRACKING in pod.finalizers]
    ended = [pod for pod in counted if not body_of(pod).alive]
    if _is_overdue(cluster, body):
        yield from _ends_overdue(cluster, job, body, pods)
    elif job.deleting:
        return
    elif ended:
        yield _judged(cluster, job, _verdict(body, ended[0]))
    elif body.suspended:
        yield from _keeps_suspended(cluster, job, body, counted)
    elif not any(body_of(pod).alive for pod in pods):
        yield _begotten(cluster, job, body)


def _is_overdue(cluster: ClusterState, body: JobBody) -> bool:
    """Whether a Job's deadline is over: one tick of the clock is longer than all of them."""
    return body.started is not None and not body.suspended and GHOSTS[cluster.ghost].clock >= body.started + 1


def _ends_overdue(
    cluster: ClusterState, job: StoredObject, body: JobBody, pods: list[StoredObject]
) -> Iterator[Change]:
    """Stop the pods of a Job whose deadline is over; when they have ended, it has failed, however they did."""
    for pod in pods:
        if body_of(pod).alive and not pod.deleting and not job.deleting:
            yield _stopped(cluster, pod)
    if not any(body_of(pod).alive for pod in pods):
        yield _judged(cluster, job, body._replace(failed=True, failed_reason="DeadlineExceeded"))


def _keeps_suspended(
    cluster: ClusterState, job: StoredObject, body: JobBody, counted: list[StoredObject]
) -> Iterator[Change]:
    """Stop the pods of a suspended Job, which are not counted any more, and forget that it began."""
    for pod in counted:
        if not pod.deleting:
            yield _stopped(cluster, pod)
    if body.started is not None and all(pod.deleting for pod in counted):
        yield written(cluster, "Job controller: resets", Kind.JOB, job._replace(body=body._replace(started=None)))


def _stopped(cluster: ClusterState, pod: StoredObject) -> Change:
    """Let the Job controller stop a pod without counting how it ends."""
    cluster = let_go(cluster, pod, TRACKING)
    return deleted(cluster, "Job controller", Kind.POD, cluster.shelf(Kind.POD).by_name[pod.name])


def _begotten(cluster: ClusterState, job: StoredObject, body: JobBody) -> Change:
    """Create the pod of a Job."""
    ghost = GHOSTS[cluster.ghost]
    name = f"{job.name}-pod"
    while name in cluster.shelf(Kind.POD).by_name:
        name += "-again"
    uid, ghost = ghost.born(name)
    kept = body.step in {StepType.MIGRATE, StepType.HOOK}
    finalizers = (NODE, TRACKING, OURS) if kept else (NODE, TRACKING)
    made = PodBody(body.step, body.run_uid, job.uid, body.image, PodPhase.PENDING, hook=body.hook)
    pod = StoredObject(name, uid, 1, made, finalizers, owner=job.uid)
    shelf = api.created(cluster.store[Kind.POD], pod)
    assert isinstance(shelf, int)
    cluster = cluster.with_ghost(ghost).with_shelf(Kind.POD, shelf)
    return begun(cluster, job, "makes a pod for")


def begun(cluster: ClusterState, job: StoredObject, how: str = "begins with") -> Change:
    """Let the Job controller begin with a Job, whether or not a quota lets it make the pod."""
    body = job.body
    assert isinstance(body, JobBody)
    after = job._replace(
        body=body._replace(started=GHOSTS[cluster.ghost].clock if body.started is None else body.started)
    )
    return written(cluster, f"Job controller: {how}", Kind.JOB, after)


def _verdict(body: JobBody, pod: StoredObject) -> JobBody:
    said = body_of(pod)
    fate = fate_of(said)
    if said.phase is PodPhase.SUCCEEDED:
        return body._replace(complete=True)
    reason = fate.failed_reason if fate is not None and fate.failed_reason else "BackoffLimitExceeded"
    return body._replace(failed=True, failed_reason=reason, failed_exit_code=fate.exit_code if fate else None)


def _judged(cluster: ClusterState, job: StoredObject, body: JobBody) -> Change:
    """Record how a Job ended, and let its pods go."""
    for pod in cluster.shelf(Kind.POD).things:
        if pod.owner == job.uid:
            cluster = let_go(cluster, pod, TRACKING)
    return written(cluster, "Job controller: judges", Kind.JOB, job._replace(body=body))


def stopped_overdue(cluster: ClusterState, pod: StoredObject) -> tuple[ClusterState, StoredObject]:
    """Let the Job controller say why it stops a pod whose time is over, and stop it."""
    for job in cluster.shelf(Kind.JOB).things:
        if job.uid == pod.owner and isinstance(job.body, JobBody):
            failing = job._replace(body=job.body._replace(failed_reason="DeadlineExceeded"))
            cluster = written(cluster, "Job controller: is about to fail", Kind.JOB, failing).after
    if not pod.deleting:
        cluster = deleted(cluster, "Job controller", Kind.POD, pod).after
    return cluster, cluster.shelf(Kind.POD).by_name[pod.name]
