"""Deployment: its Progressing condition says when it does not come up."""

from typing_extensions import override

from releaseflow.unstructured import (
    Object,
    get_condition,
    get_str,
    is_condition_true,
    name_of,
    namespace_of,
)
from releaseflow.workloads.workload import (
    ReplicaSetWorkload,
    Rollout,
    RolloutSeen,
    is_everywhere,
    is_observed,
    replicas_wanted,
)


class Deployment(ReplicaSetWorkload):
    """The kind Deployment."""

    kind = "Deployment"
    plural = "deployments"
    hash_label = "pod-template-hash"
    complete = "`updatedReplicas`, `replicas` and `availableReplicas` are all as many as are wanted."
    fails = "Its condition `Progressing` has the reason `ProgressDeadlineExceeded`."
    alone = "spec.replicas: 1 and spec.strategy: {type: Recreate}"
    pauses = "that is paused"

    @override
    def is_alone(self, raw: Object) -> bool:
        """Whether it has one pod, and ends that before it makes another."""
        return replicas_wanted(raw) == 1 and get_str(raw, "spec", "strategy", "type") == "Recreate"

    @override
    def rollout(self, raw: Object) -> RolloutSeen:
        """Return how far it has come, by the rules of kubectl rollout status."""
        refused = get_str(get_condition(raw, "ReplicaFailure"), "message")
        message = refused if is_condition_true(raw, "ReplicaFailure") else ""
        if not is_observed(raw):
            return RolloutSeen(Rollout.UNOBSERVED, message)
        if self.is_paused(raw):
            return RolloutSeen(Rollout.PAUSED, "is paused", f"Go on: {_resume(raw)}")
        if is_everywhere(raw):
            return RolloutSeen(Rollout.COMPLETE, message)
        progressing = get_condition(raw, "Progressing")
        if get_str(progressing, "reason") == "ProgressDeadlineExceeded":
            return RolloutSeen(Rollout.FAILED, message or get_str(progressing, "message"))
        return RolloutSeen(Rollout.PROGRESSING, message)


def _resume(raw: Object) -> str:
    return f"kubectl rollout resume deployment/{name_of(raw)} -n {namespace_of(raw)}"


WORKLOAD = Deployment()
