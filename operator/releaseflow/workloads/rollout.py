"""Rollout of Argo Rollouts: its controller moves the pods by its own steps, and says in status.phase how far it is."""

from typing_extensions import override

from releaseflow.unstructured import Object, get_int, get_list, get_map, get_str, name_of, namespace_of
from releaseflow.workloads.workload import ReplicaSetWorkload, Rollout, RolloutSeen, is_observed

_RESUME = '{"spec":{"paused":false}}'
_PROMOTE = '{"status":{"pauseConditions":null}}'
"""What `kubectl argo rollouts promote` sends, which not everybody has."""


class ArgoRollout(ReplicaSetWorkload):
    """The kind Rollout of Argo Rollouts."""

    kind = "Rollout"
    plural = "rollouts"
    hash_label = "rollouts-pod-template-hash"
    api_version = "argoproj.io/v1alpha1"
    complete = "`status.phase` is `Healthy` for its newest spec: its steps are done, and its pods are the stable ones."
    fails = "`status.phase` is `Degraded`: its deadline has passed, an analysis failed, or it was aborted."
    pauses = "that is paused, or waits at a step"

    @override
    def rollout(self, raw: Object) -> RolloutSeen:
        """Return how far it has come, by the rules of `kubectl argo rollouts status`."""
        message = get_str(raw, "status", "message")
        if not is_observed(raw):
            return RolloutSeen(Rollout.UNOBSERVED)
        if self.is_paused(raw):
            return RolloutSeen(Rollout.PAUSED, "is paused", f"Go on: {_patch(raw, _RESUME)}")
        match get_str(raw, "status", "phase"):
            case "Healthy":
                return RolloutSeen(Rollout.COMPLETE, message)
            case "Degraded":
                return RolloutSeen(Rollout.FAILED, message)
            case "Paused" if get_list(raw, "status", "pauseConditions"):
                go_on = f"{_when(raw)}: {_patch(raw, _PROMOTE, 'status')}"
                return RolloutSeen(Rollout.PAUSED, "waits at a step", go_on)
            case _:
                return RolloutSeen(Rollout.PROGRESSING, message)

    @override
    def runs_template(self, _raw: Object) -> bool:
        """Whether all its pods are known to be of its newest template, which they never are.

        While it is to be scaled, which it is not as long as it is paused, its status names the newest generation and
        has the counts and hashes of the template before.
        """
        return False

    @override
    def show_containers(self, namespace: str, name: str) -> str:
        """Return the command that shows it with its containers and images: its wide columns have none."""
        return f"{self.show(namespace, name)} -o yaml"

    @override
    def logs(self, namespace: str, name: str) -> str:
        """Return the command that shows what its pods write: kubectl knows none for a custom resource."""
        return f"kubectl logs -n {namespace} -l {self.hash_label} --prefix"

    @override
    def set_images(self, namespace: str, name: str, images: str) -> str:
        """Return the command that sets images of its containers: kubectl alone has none for a custom resource."""
        return f"kubectl argo rollouts set image {name} -n {namespace} {images}"

    @override
    def follow(self, namespace: str, name: str) -> str:
        """Return the command that follows its rollout."""
        return f"{self.show(namespace, name)} --watch"


def _when(raw: Object) -> str:
    """Say whether it goes on by itself, and what the command is for."""
    steps = get_list(raw, "spec", "strategy", "canary", "steps")
    index = get_int(raw, "status", "currentStepIndex")
    is_timed = index < len(steps) and "duration" in get_map(steps[index], "pause")
    return "It goes on by itself after some time, and at once" if is_timed else "Go on"


def _patch(raw: Object, patch: str, subresource: str = "") -> str:
    part = f" --subresource={subresource}" if subresource else ""
    return f"kubectl patch rollout {name_of(raw)} -n {namespace_of(raw)}{part} --type merge -p '{patch}'"


WORKLOAD = ArgoRollout()
