"""Decide what becomes of the Job and the pods of a migration whose run is gone: no run records their outcome."""

from enum import Enum, auto

from releaseflow.core.facts import JobSeen, PodSeen


class Fate(Enum):
    """What to do with an orphan."""

    WAIT = auto()
    """Something may still be at work for it."""
    DELETE = auto()
    """It is suspended: without a run it must never start."""
    RELEASE = auto()
    """Our finalizer on it has no purpose any more."""


def fate_of_pod(pods: tuple[PodSeen, ...]) -> Fate:
    """Keep a pod as long as any pod of the run that is gone may be at work; the lock is taken over by the same rule."""
    return Fate.WAIT if any(pod.alive for pod in pods) else Fate.RELEASE


def fate_of_job(job: JobSeen, pods: tuple[PodSeen, ...]) -> Fate:
    """Let a Job go after its pods, and only where it can make no other."""
    if any(pod.alive or pod.held for pod in pods):
        return Fate.WAIT
    if job.deleting or job.complete or job.failed:
        return Fate.RELEASE
    return Fate.DELETE if job.suspended else Fate.WAIT
