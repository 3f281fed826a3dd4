"""CronJob: it has no rollout, since each Job is made of the template of its time."""

from typing_extensions import override

from releaseflow.unstructured import Object, get_bool, get_controller, get_str
from releaseflow.workloads.workload import Rollout, RolloutSeen, Workload

_SUSPENDED = "suspended"


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
    can_be_held = True

    @override
    def rollout(self, _raw: Object) -> RolloutSeen:
        """Return that it is complete: nothing is left to be rolled out."""
        return RolloutSeen(Rollout.COMPLETE)

    @override
    def runs_template(self, _raw: Object) -> bool:
        """Whether all its pods are known to be of its newest template, which they never are."""
        return False

    @override
    def is_paused(self, raw: Object) -> bool:
        """Whether it is suspended: it makes no Job, and those that run finish."""
        return get_bool(raw, "spec", "suspend")

    @override
    def is_mark(self, mark: str) -> bool:
        """Whether admission notes this on one that it holds: that its owner had suspended it is kept."""
        return super().is_mark(mark) or mark == _SUSPENDED

    @override
    def resumed(self, mark: str) -> Object:
        """Return that it is not suspended, unless its owner had suspended it."""
        return {} if mark == _SUSPENDED else {"suspend": None}

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
