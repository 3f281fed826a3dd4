"""What the controllers of Kubernetes and the kubelet make of the store, each in one small move."""

from collections.abc import Iterator
from functools import cache

from releaseflow.workloads.workload import Rollout
from tests.model import startup
from tests.model.changes import body_of, deleted, let_go, written
from tests.model.job_controller import job_moves
from tests.model.kubelet import pod_moves
from tests.model.objects import DONE, FOREGROUND, SHELVES, TRACKING, JobBody, Kind, StoredObject, TargetBody
from tests.model.state import Change, ClusterState


@cache
def changes(cluster: ClusterState) -> tuple[Change, ...]:
    """Return everything that a controller or the kubelet may do next; the first fate of a pod is the good one."""
    return tuple(_changes(cluster))


def _changes(cluster: ClusterState) -> Iterator[Change]:
    for job in cluster.shelf(Kind.JOB).things:
        yield from job_moves(cluster, job)
    for pod in cluster.shelf(Kind.POD).things:
        yield from pod_moves(cluster, pod)
    for target in cluster.shelf(Kind.TARGET).things:
        yield from startup.kubelet_moves(cluster, target)
        yield from _deployment_controller(cluster, target)
    yield from _garbage_collector(cluster)


def _deployment_controller(cluster: ClusterState, target: StoredObject) -> Iterator[Change]:
    body = target.body
    assert isinstance(body, TargetBody)
    who = "Deployment controller"
    if body.held:
        return
    if body.rollout is Rollout.UNOBSERVED:
        begun = target._replace(body=body._replace(rollout=Rollout.PROGRESSING, served=()))
        yield written(cluster, f"{who}: begins to roll out", Kind.TARGET, begun)
    elif body.rollout is Rollout.PROGRESSING:
        ends = (Rollout.COMPLETE, Rollout.FAILED)
        done, failed = (target._replace(body=body._replace(rollout=rollout)) for rollout in ends)
        if body.gated_by:
            done = target._replace(body=body._replace(rollout=Rollout.COMPLETE, served=body.images))
        if body.migration in {"", DONE}:
            yield written(cluster, f"{who}: has rolled out", Kind.TARGET, done)
        yield written(cluster, f"{who}: gives up", Kind.TARGET, failed)._replace(trouble="rollout fails")


def _garbage_collector(cluster: ClusterState) -> Iterator[Change]:
    """Delete in the background what belongs to an object that is gone; count the ends of pods without a Job."""
    for kind, above in ((Kind.RUN, Kind.FLOW), (Kind.JOB, Kind.RUN), (Kind.POD, Kind.JOB)):
        owners = SHELVES[cluster.store[above]].by_uid
        for thing in cluster.shelf(kind).things:
            if thing.owner and thing.owner not in owners and not thing.deleting:
                yield deleted(cluster, "garbage collector", kind, thing)
    jobs = cluster.shelf(Kind.JOB).by_uid
    for job in jobs.values():
        if FOREGROUND in job.finalizers:
            yield from _waits_for_pods(cluster, job)
    for pod in cluster.shelf(Kind.POD).things:
        maker = jobs.get(body_of(pod).job_uid)
        over = maker is None or maker.deleting or _is_ended(maker)
        if TRACKING in pod.finalizers and over and not body_of(pod).alive:
            yield Change("Job controller", f"lets go of pod {pod.name}", let_go(cluster, pod, TRACKING))


def _waits_for_pods(cluster: ClusterState, job: StoredObject) -> Iterator[Change]:
    """Delete the pods of a Job that was deleted in the foreground; let it go when they are gone."""
    pods = [pod for pod in cluster.shelf(Kind.POD).things if pod.owner == job.uid]
    for pod in pods:
        if not pod.deleting:
            yield deleted(cluster, "garbage collector", Kind.POD, pod)
    if not pods:
        after = job._replace(finalizers=tuple(finalizer for finalizer in job.finalizers if finalizer != FOREGROUND))
        yield written(cluster, "garbage collector: lets go of", Kind.JOB, after)


def _is_ended(job: StoredObject) -> bool:
    assert isinstance(job.body, JobBody)
    return job.body.ended
