"""What users do to the Jobs, pods and runs that the operator made."""

from collections.abc import Callable, Iterator

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.core.facts import PodPhase
from tests.model import api, interning
from tests.model.changes import SOMEBODY, changed
from tests.model.objects import (
    FOREGROUND,
    OURS,
    JobBody,
    Kind,
    PodBody,
    RunBody,
)
from tests.model.state import GHOSTS, Change, ClusterState


def delete_job_with_pods(cluster: ClusterState) -> Iterator[Change]:
    """Delete a Job in the foreground, as its time to live does: its pods are stopped first."""
    for job in cluster.shelf(Kind.JOB).things:
        if not job.deleting:
            answer = api.deleted(cluster.store[Kind.JOB], job.name, job.uid, 0, FOREGROUND)
            assert isinstance(answer, int)
            yield Change(SOMEBODY, f"deletes, pods first, job {job.name}", cluster.with_shelf(Kind.JOB, answer))


def orphan_job(cluster: ClusterState) -> Iterator[Change]:
    """Delete a Job with --cascade=orphan: its pods stay, and belong to nobody."""
    for job in cluster.shelf(Kind.JOB).things:
        if not job.deleting:
            after = cluster
            for pod in cluster.shelf(Kind.POD).things:
                if pod.owner == job.uid:
                    after = changed(after, "", "", Kind.POD, pod._replace(owner="")).after
            answer = api.deleted(after.store[Kind.JOB], job.name, job.uid, 0)
            assert isinstance(answer, int)
            yield Change(SOMEBODY, f"orphans the pods of job {job.name}", after.with_shelf(Kind.JOB, answer))


def take_out_of_line(cluster: ClusterState) -> Iterator[Change]:
    """Take the label off a run, or write another, by which others who wait for the same lock find it."""
    for run in cluster.shelf(Kind.RUN).things:
        assert isinstance(run.body, RunBody)
        if run.body.queued:
            after = run._replace(body=run.body._replace(queued=False))
            yield changed(cluster, SOMEBODY, "takes out of line", Kind.RUN, after)


def strip_job(cluster: ClusterState) -> Iterator[Change]:
    """Take all finalizers off a Job that is being deleted."""
    for job in cluster.shelf(Kind.JOB).things:
        if job.deleting:
            yield changed(cluster, SOMEBODY, "strips", Kind.JOB, job._replace(finalizers=()))


def strip_pod(cluster: ClusterState) -> Iterator[Change]:
    """Take our finalizer off a pod that has ended: nobody can read any more how."""
    for pod in cluster.shelf(Kind.POD).things:
        if isinstance(pod.body, PodBody) and not pod.body.alive and pod.held:
            finalizers = tuple(finalizer for finalizer in pod.finalizers if finalizer != OURS)
            yield changed(cluster, SOMEBODY, "strips", Kind.POD, pod._replace(finalizers=finalizers))


def suspend_job(cluster: ClusterState) -> Iterator[Change]:
    """Suspend a Job that is at work."""
    for job in cluster.shelf(Kind.JOB).things:
        body = job.body
        if isinstance(body, JobBody) and not body.suspended and not body.ended and not job.deleting:
            after = job._replace(body=body._replace(suspended=True, edited=True))
            yield changed(cluster, SOMEBODY, "suspends", Kind.JOB, after)


def resume_job(cluster: ClusterState) -> Iterator[Change]:
    """Start a Job that somebody or the operator suspended."""
    for job in cluster.shelf(Kind.JOB).things:
        body = job.body
        if isinstance(body, JobBody) and body.suspended and body.edited and not body.ended and not job.deleting:
            after = job._replace(body=body._replace(suspended=False, edited=True))
            yield changed(cluster, SOMEBODY, "resumes", Kind.JOB, after)


def forge(cluster: ClusterState) -> Iterator[Change]:
    """Write Complete into the status of a Job that has not ended."""
    for job in cluster.shelf(Kind.JOB).things:
        body = job.body
        if isinstance(body, JobBody) and not body.ended:
            started = GHOSTS[cluster.ghost].clock if body.started is None else body.started
            forged = job._replace(body=body._replace(complete=True, started=started))
            yield changed(cluster, SOMEBODY, "forges the end of", Kind.JOB, forged)


def forge_failure(cluster: ClusterState) -> Iterator[Change]:
    """Write Failed into the status of a Job that has not ended."""
    for job in cluster.shelf(Kind.JOB).things:
        body = job.body
        if isinstance(body, JobBody) and not body.ended:
            started = GHOSTS[cluster.ghost].clock if body.started is None else body.started
            forged = job._replace(
                body=body._replace(failed=True, failed_reason="BackoffLimitExceeded", started=started)
            )
            yield changed(cluster, SOMEBODY, "forges the failure of", Kind.JOB, forged)


def wipe_status(cluster: ClusterState) -> Iterator[Change]:
    """Restore a run as backups of a cluster do: without its status."""
    for run in cluster.shelf(Kind.RUN).things:
        assert isinstance(run.body, RunBody)
        empty = interning.RUN_STATUSES.number(MigrationRunStatus())
        if run.body.status != empty:
            yield changed(
                cluster, SOMEBODY, "wipes the status of", Kind.RUN, run._replace(body=run.body._replace(status=empty))
            )


def vanish_pod(phase: PodPhase) -> Callable[[ClusterState], Iterator[Change]]:
    """Remove a pod by force, with all that keeps it: its containers are over, and its Job never counts it."""

    def moves(cluster: ClusterState) -> Iterator[Change]:
        for pod in cluster.shelf(Kind.POD).things:
            body = pod.body
            assert isinstance(body, PodBody)
            if body.phase is phase:
                shelf = api.removed(cluster.store[Kind.POD], pod.name)
                yield Change(SOMEBODY, f"removes pod {pod.name} by force", cluster.with_shelf(Kind.POD, shelf))

    return moves
