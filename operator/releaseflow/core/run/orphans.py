"""Decide what becomes of the Job and the pods of a migration whose run is gone: no run records their outcome."""

from enum import Enum, auto

from releaseflow.core.facts import JobFacts, PodFacts


class OrphanAction(Enum):
    """What to do with an orphan."""

    WAIT = auto()
    """Something may still be at work for it."""
    DELETE = auto()
    """It is suspended: without a run it must never start."""
    REMOVE_FINALIZER = auto()
    """Our finalizer on it has no purpose any more."""


def orphan_pod_action(pods: tuple[PodFacts, ...]) -> OrphanAction:
    """Keep a pod as long as any pod of the run that is gone may be at work; the lock is taken over by the same rule."""
    return OrphanAction.WAIT if any(pod.alive for pod in pods) else OrphanAction.REMOVE_FINALIZER


def orphan_job_action(job: JobFacts, pods: tuple[PodFacts, ...]) -> OrphanAction:
    """Let a Job go after its pods, and only where it can make no other."""
    if any(pod.alive or pod.has_finalizer for pod in pods):
        return OrphanAction.WAIT
    if job.deleting or job.complete or job.failed:
        return OrphanAction.REMOVE_FINALIZER
    return OrphanAction.DELETE if job.suspended else OrphanAction.WAIT
