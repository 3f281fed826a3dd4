"""StatefulSet: no condition of it reports a failure, and a broken pod keeps it from going on or back."""

from typing_extensions import override

from releaseflow.unstructured import Object, get_int, get_str, name_of, namespace_of
from releaseflow.workloads.workload import (
    Rollout,
    RolloutSeen,
    Workload,
    is_everywhere,
    is_observed,
    replicas_wanted,
)

_REVISION = "controller-revision-hash"
"""Label of its pods."""


class StatefulSet(Workload):
    """The kind StatefulSet."""

    kind = "StatefulSet"
    plural = "statefulsets"
    complete = "`updatedReplicas`, `replicas` and `availableReplicas` are as many as are wanted, whatever `partition`."
    fails = "Only by the flow's `promotion.progressDeadlineSeconds`: no condition of it reports one."
    pauses = "with updateStrategy OnDelete or a partition"

    @override
    def rollout(self, raw: Object) -> RolloutSeen:
        """Return how far it has come; stricter than kubectl, for which one with a partition is complete."""
        if not is_observed(raw):
            return RolloutSeen(Rollout.UNOBSERVED)
        if is_everywhere(raw):
            return RolloutSeen(Rollout.COMPLETE)
        if get_str(raw, "spec", "updateStrategy", "type") == "OnDelete":
            return RolloutSeen(Rollout.PAUSED, "replaces no pod by itself: its updateStrategy is OnDelete", _old(raw))
        partition, told = get_int(raw, "spec", "updateStrategy", "rollingUpdate", "partition"), _how_far(raw)
        if partition > 0 and _updated(raw) >= replicas_wanted(raw) - partition and _are_ready(raw):
            return RolloutSeen(Rollout.PAUSED, f"keeps the old image in its pods below partition {partition}", _go(raw))
        return RolloutSeen(Rollout.PROGRESSING, told, _broken(raw))


def _updated(raw: Object) -> int:
    return get_int(raw, "status", "updatedReplicas")


def _are_ready(raw: Object) -> bool:
    return get_int(raw, "status", "readyReplicas") >= replicas_wanted(raw)


def _how_far(raw: Object) -> str:
    ready = get_int(raw, "status", "readyReplicas")
    return f"of {replicas_wanted(raw)} pods {_updated(raw)} are updated and {ready} ready"


def _pods(raw: Object) -> str:
    """Return the command that shows its pods, each with its revision; more labels may follow it."""
    labels = ",".join(f"{key}={value}" for key, value in WORKLOAD.selector(raw).items())
    return f"kubectl get pods -n {namespace_of(raw)} -L {_REVISION} -l {labels}"


def _old(raw: Object) -> str:
    newest = get_str(raw, "status", "updateRevision")
    return f"Delete its old pods, one after the other: {_pods(raw)},{_REVISION}!={newest}"


def _go(raw: Object) -> str:
    patch = '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'
    return f"Go on: kubectl patch statefulset {name_of(raw)} -n {namespace_of(raw)} --type merge -p '{patch}'"


def _broken(raw: Object) -> str:
    """Say how to get past a broken pod: pods are updated from the last to the first, and each has to become ready.

    Where they are managed in parallel, Kubernetes replaces it by itself.
    """
    if get_str(raw, "spec", "podManagementPolicy") == "Parallel":
        return ""
    why = "A broken pod keeps out every other image too. Once a good one is set"
    updated = _updated(raw)
    if updated == 0:
        return f"{why}, delete the broken one of its pods: {_pods(raw)}"
    ordinal = get_int(raw, "spec", "ordinals", "start") + replicas_wanted(raw) - updated
    return f"{why}: kubectl delete pod {name_of(raw)}-{max(ordinal, 0)} -n {namespace_of(raw)}"


WORKLOAD = StatefulSet()
