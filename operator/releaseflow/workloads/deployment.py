"""Deployment: its Progressing condition says when it does not come up."""

from typing_extensions import override

from releaseflow.unstructured import (
    Object,
    get_bool,
    get_condition,
    get_controller,
    get_str,
    is_condition_true,
    label,
    name_of,
    namespace_of,
)
from releaseflow.workloads.workload import Rollout, RolloutSeen, Workload, is_everywhere, is_observed, replicas_wanted


class Deployment(Workload):
    """The kind Deployment."""

    kind = "Deployment"
    plural = "deployments"
    complete = "`updatedReplicas`, `replicas` and `availableReplicas` are all as many as are wanted."
    fails = "Its condition `Progressing` has the reason `ProgressDeadlineExceeded`."
    can_be_held = True
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

    @override
    def is_paused(self, raw: Object) -> bool:
        """Whether it is paused; it still scales what it had, and replaces pods that end."""
        return get_bool(raw, "spec", "paused")

    @override
    def resumed(self, _mark: str) -> Object:
        """Return that it is not paused."""
        return {"paused": None}

    @override
    def name_of_owner(self, pod: Object) -> str:
        """Return the name of its ReplicaSet without the hash of the pod template."""
        owner = get_controller(pod)
        suffix = f"-{label(pod, 'pod-template-hash')}"
        name = get_str(owner, "name")
        return name.removesuffix(suffix) if get_str(owner, "kind") == "ReplicaSet" and name.endswith(suffix) else ""


def _resume(raw: Object) -> str:
    return f"kubectl rollout resume deployment/{name_of(raw)} -n {namespace_of(raw)}"


WORKLOAD = Deployment()
