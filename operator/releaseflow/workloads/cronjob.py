"""CronJob: it has no rollout, since each Job is made of the template of its time."""

from typing_extensions import override

from releaseflow.unstructured import Object, get_controller, get_str
from releaseflow.workloads.workload import Rollout, RolloutSeen, Workload


class CronJob(Workload):
    """The kind CronJob."""

    kind = "CronJob"
    plural = "cronjobs"
    api_version = "batch/v1"
    template = ("spec", "jobTemplate", "spec", "template")
    complete = "Once the image is in it: its next Job has it. A Job that runs keeps the image that it began with."
    fails = "Never: it has no rollout. A Job of it that fails is none of the release."
    pauses = ""
    makes_jobs = True

    @override
    def rollout(self, _raw: Object) -> RolloutSeen:
        """Return that it is complete: nothing is left to be rolled out."""
        return RolloutSeen(Rollout.COMPLETE)

    @override
    def runs_template(self, _raw: Object) -> bool:
        """Whether all its pods are known to be of its newest template, which they never are."""
        return False

    @override
    def name_of_owner(self, pod: Object) -> str:
        """Return the name of its Job without the minute that it was made for."""
        owner = get_controller(pod)
        name, _, minute = get_str(owner, "name").rpartition("-")
        return name if get_str(owner, "kind") == "Job" and minute.isdecimal() else ""

    @override
    def logs(self, namespace: str, name: str) -> str:
        """Return the command that shows what the pods of Jobs write: kubectl knows none for a CronJob."""
        return f"kubectl logs -n {namespace} -l batch.kubernetes.io/job-name --prefix"

    @override
    def follow(self, namespace: str, name: str) -> str:
        """Return the command that shows when it made a Job last, and how many run."""
        return self.show(namespace, name)


WORKLOAD = CronJob()
