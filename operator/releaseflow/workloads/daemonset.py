"""DaemonSet: one pod on each node that its template fits; no condition of it reports a failure."""

from typing_extensions import override

from releaseflow.unstructured import Object, annotation, get_int, get_str, namespace_of
from releaseflow.workloads.workload import Rollout, RolloutSeen, Workload, is_observed

_GENERATION = "deprecated.daemonset.template.generation"
"""Annotation with the generation of its pod template, which its pods have as a label."""
_OF_PODS = "pod-template-generation"


class DaemonSet(Workload):
    """The kind DaemonSet."""

    kind = "DaemonSet"
    plural = "daemonsets"
    complete = "`updatedNumberScheduled` and `numberAvailable` are `desiredNumberScheduled`, also where that is 0."
    fails = "Only by the flow's `promotion.progressDeadlineSeconds`: no condition of it reports one."
    pauses = "with updateStrategy OnDelete"

    @override
    def rollout(self, raw: Object) -> RolloutSeen:
        """Return how far it has come; of a node that has two pods, its controller counts the older one."""
        if not is_observed(raw):
            return RolloutSeen(Rollout.UNOBSERVED)
        wanted, updated, available = self.replicas(raw), _count(raw, "updatedNumberScheduled"), _available(raw)
        if updated >= wanted and available >= wanted:
            return RolloutSeen(Rollout.COMPLETE)
        if get_str(raw, "spec", "updateStrategy", "type") == "OnDelete" and (updated == 0 or available >= wanted):
            return RolloutSeen(Rollout.PAUSED, "replaces no pod by itself: its updateStrategy is OnDelete", _old(raw))
        return RolloutSeen(
            Rollout.PROGRESSING, f"of the pods of {wanted} nodes {updated} are updated and {available} available"
        )

    @override
    def replicas(self, raw: Object) -> int:
        """Return on how many nodes it is to have a pod."""
        return _count(raw, "desiredNumberScheduled")

    @override
    def runs_template(self, raw: Object) -> bool:
        """Whether it has pods, and all of them are of its newest template."""
        return self.replicas(raw) > 0 and self.rollout(raw).rollout is Rollout.COMPLETE


def _count(raw: Object, field: str) -> int:
    return get_int(raw, "status", field)


def _available(raw: Object) -> int:
    return _count(raw, "numberAvailable")


def _old(raw: Object) -> str:
    """Return the command that shows the pods that are to be deleted, as far as labels tell them from others."""
    generation = annotation(raw, _GENERATION)
    labels = [f"{key}={value}" for key, value in WORKLOAD.selector(raw).items()]
    chosen = ",".join([*labels, *([f"{_OF_PODS}!={generation}"] if generation else [])])
    shown = f"kubectl get pods -n {namespace_of(raw)} -o wide{f' -l {chosen}' if chosen else ''}"
    return f"Delete its old pods, one node after the other: {shown}"


WORKLOAD = DaemonSet()
