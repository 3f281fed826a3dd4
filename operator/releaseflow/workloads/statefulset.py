"""StatefulSet: no condition of it reports a failure, and a broken pod keeps it from going on or back."""

import re

from typing_extensions import override

from releaseflow.unstructured import Object, get_int, get_map, get_str, name_of, namespace_of
from releaseflow.workloads.workload import (
    Rollout,
    RolloutSeen,
    Workload,
    is_everywhere,
    is_observed,
    replicas_wanted,
)

_HELD = "releaseflow.dev/held"
"""Label of its template while admission holds it: pods that have it are refused."""
_ABOVE_ALL = 2_147_483_647
"""Partition of one that is held: all pods that it has stay, and come back as they were."""
_PARTITION = re.compile(r"partition=([1-9]\d{0,9})")
"""Mark of one that had a partition of its owner."""
_REVISION = "controller-revision-hash"
"""Label of its pods."""


class StatefulSet(Workload):
    """The kind StatefulSet."""

    kind = "StatefulSet"
    plural = "statefulsets"
    complete = "`updatedReplicas`, `replicas` and `availableReplicas` are as many as are wanted, whatever `partition`."
    fails = "Only by the flow's `promotion.progressDeadlineSeconds`: no condition of it reports one."
    alone = "spec.replicas: 1"
    pauses = "with updateStrategy OnDelete or a partition"
    can_be_held = True
    refuses_pods = True

    @override
    def is_alone(self, raw: Object) -> bool:
        """Whether it has one pod: no other gets its name before that is gone."""
        return replicas_wanted(raw) == 1

    @override
    def is_paused(self, raw: Object) -> bool:
        """Whether no pod of its newest template is made: a partition alone keeps only the pods that it has."""
        return _partition(raw) == _ABOVE_ALL and self.has_leftover(raw)

    @override
    def has_leftover(self, raw: Object) -> bool:
        """Whether pods of its template are refused."""
        return _HELD in get_map(self.pod_template(raw), "metadata", "labels")

    @override
    def is_mark(self, mark: str) -> bool:
        """Whether admission notes this on one that it holds: a partition of its owner is kept."""
        return super().is_mark(mark) or _PARTITION.fullmatch(mark) is not None

    @override
    def resumed(self, mark: str) -> Object:
        """Return its owner's partition, and that its pods are not refused; where nothing is noted, the latter alone."""
        fields: Object = {"template": {"metadata": {"labels": {_HELD: None}}}}
        if not self.is_mark(mark):
            return fields
        noted = _PARTITION.fullmatch(mark)
        return fields | {"updateStrategy": {"rollingUpdate": {"partition": int(noted[1]) if noted else 0}}}

    @override
    def rollout(self, raw: Object) -> RolloutSeen:
        """Return how far it has come; stricter than kubectl, for which one with a partition is complete."""
        if not is_observed(raw):
            return RolloutSeen(Rollout.UNOBSERVED)
        if is_everywhere(raw):
            return RolloutSeen(Rollout.COMPLETE)
        if _is_on_delete(raw) and (_updated(raw) == 0 or _are_available(raw)):
            return RolloutSeen(Rollout.PAUSED, "replaces no pod by itself: its updateStrategy is OnDelete", _old(raw))
        partition, progress = _partition(raw), _how_far(raw)
        if partition > 0 and _updated(raw) >= replicas_wanted(raw) - partition and _are_available(raw):
            return RolloutSeen(Rollout.PAUSED, f"keeps the old image in its pods below partition {partition}", _go(raw))
        return RolloutSeen(Rollout.PROGRESSING, progress, _broken(raw))


def _partition(raw: Object) -> int:
    return get_int(raw, "spec", "updateStrategy", "rollingUpdate", "partition")


def _is_on_delete(raw: Object) -> bool:
    return get_str(raw, "spec", "updateStrategy", "type") == "OnDelete"


def _updated(raw: Object) -> int:
    return get_int(raw, "status", "updatedReplicas")


def _are_available(raw: Object) -> bool:
    return get_int(raw, "status", "availableReplicas") >= replicas_wanted(raw)


def _how_far(raw: Object) -> str:
    ready = get_int(raw, "status", "readyReplicas")
    return f"of {replicas_wanted(raw)} pods {_updated(raw)} are updated and {ready} ready"


def _pods(raw: Object, *more: str) -> str:
    """Return the command that shows its pods, each with its revision, as far as labels tell them from others."""
    labels = ",".join((*(f"{key}={value}" for key, value in WORKLOAD.selector(raw).items()), *more))
    return f"kubectl get pods -n {namespace_of(raw)} -L {_REVISION}{f' -l {labels}' if labels else ''}"


def _old(raw: Object) -> str:
    newest = get_str(raw, "status", "updateRevision")
    return f"Delete its old pods, one after the other: {_pods(raw, f'{_REVISION}!={newest}')}"


def _go(raw: Object) -> str:
    patch = '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'
    return f"Go on: kubectl patch statefulset {name_of(raw)} -n {namespace_of(raw)} --type merge -p '{patch}'"


def _broken(raw: Object) -> str:
    """Say how to get past a broken pod; where pods are managed in parallel, Kubernetes replaces it by itself."""
    if get_str(raw, "spec", "podManagementPolicy") == "Parallel":
        return ""
    why = "A broken pod keeps out every other image too. Once a good one is set"
    if _updated(raw) == 0 or _is_on_delete(raw) or not _goes_forward(raw):
        return f"{why}, delete the broken one of its pods: {_pods(raw)}"
    ordinal = get_int(raw, "spec", "ordinals", "start") + replicas_wanted(raw) - _updated(raw)
    return f"{why}: kubectl delete pod {name_of(raw)}-{max(ordinal, 0)} -n {namespace_of(raw)}"


def _goes_forward(raw: Object) -> bool:
    """Whether only pods that were replaced count as updated, from the last to the first; back, others do as well."""
    current, newest = (get_str(raw, "status", revision) for revision in ("currentRevision", "updateRevision"))
    return current not in {"", newest}


WORKLOAD = StatefulSet()
