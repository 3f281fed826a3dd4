"""Job: the commands run in a pod of their own, which has what the application's container has."""

from releaseflow.runners.runner import Runner


class Job(Runner):
    """The way `Job`."""

    name = "Job"
    summary = (
        "In a pod of its own, made by a Job, with the new image and with environment, volumes and security context of"
        " the workload's container."
    )
    suits = "For every application whose environment its pod template says: the default."


RUNNER = Job()
