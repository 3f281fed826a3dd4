"""When a step has ended: its containers say so; a Job's condition counts only where no container ever ran."""

from releaseflow.core.facts import JobFacts, PodFacts


def containers_have_ended(pods: tuple[PodFacts, ...]) -> bool:
    """Whether containers of a Job's pods ran, and none of them can run any more."""
    return any(pod.started for pod in pods) and all(pod.over for pod in pods)


def step_is_over(pods: tuple[PodFacts, ...], job: JobFacts) -> bool:
    """Whether a step has ended: by its containers or, where none ever ran, by its Job, with no pod left to start.

    Whoever may patch the status of Jobs can forge a condition, so one beside a pod that is at work means nothing.
    """
    if any(pod.started for pod in pods):
        return containers_have_ended(pods)
    return (job.complete or job.failed) and not any(pod.alive for pod in pods)
