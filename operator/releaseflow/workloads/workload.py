"""What a file of this folder says of a kind of workload; what most kinds have in common is here already."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar

from typing_extensions import override

from releaseflow.unstructured import Object, get_bool, get_controller, get_int, get_list, get_map, get_str, label


class Rollout(Enum):
    """How far a workload has come with its own pod template."""

    UNOBSERVED = auto()
    """Its controller has not caught up with its spec: its conditions speak of an earlier one."""
    PROGRESSING = auto()
    PAUSED = auto()
    """It does not go on by itself: a person has to do something."""
    COMPLETE = auto()
    FAILED = auto()
    """Its own progress deadline has passed."""


@dataclass(frozen=True)
class RolloutSeen:
    """How far a workload has come, and what to say of it."""

    rollout: Rollout
    message: str = ""
    """What its status says of it; of one that is paused, the end of a sentence that its name begins."""
    hint: str = ""
    """What a person has to do where it does not come up or is paused, as a sentence with the command."""


class Workload(ABC):
    """A kind of workload: where it is served, where its pod template is, how its rollout is read."""

    kind: ClassVar[str]
    plural: ClassVar[str]
    api_version: ClassVar[str] = "apps/v1"
    template: ClassVar[tuple[str, ...]] = ("spec", "template")
    """Path of the pod template."""
    verbs: ClassVar[tuple[str, ...]] = ("get", "list", "watch", "patch")
    """What the operator does with it, as RBAC calls it."""
    complete: ClassVar[str]
    """When its rollout is complete: one sentence for the reference."""
    fails: ClassVar[str]
    """When its rollout has failed: one sentence for the reference."""
    can_be_held: ClassVar[bool] = False
    """Whether admission can hold it, so that no pod of its newest template is made: mode Gate needs that."""
    refuses_pods: ClassVar[bool] = False
    """Whether admission holds it by refusing the pods of its template."""
    alone: ClassVar[str] = ""
    """What makes it run one pod at a time, as a user writes it; empty where nothing does."""
    pauses: ClassVar[str]
    """When it does not roll out by itself: the words that follow `a` and its kind; empty where it always does."""
    makes_jobs: ClassVar[bool] = False
    """Whether its pods belong to Jobs that it makes from time to time, so that none of them stays."""

    @abstractmethod
    def rollout(self, raw: Object) -> RolloutSeen:
        """Return how far it has come, by the rules of kubectl rollout status."""

    @property
    def group(self) -> str:
        """API group that serves it."""
        return self.api_version.rpartition("/")[0]

    @property
    def is_built_in(self) -> bool:
        """Whether every cluster serves it; a custom resource may be installed later, or never."""
        return "." not in self.group

    def pod_template(self, raw: Object) -> Object:
        """Return its pod template."""
        return get_map(raw, *self.template)

    def images(self, raw: Object, group: str = "containers") -> tuple[tuple[str, str], ...]:
        """Return name and image of each of its containers, or of each of its initContainers."""
        containers = get_list(self.pod_template(raw), "spec", group)
        return tuple((get_str(c, "name"), get_str(c, "image")) for c in containers)

    def in_template(self, spec: Object, annotations: Mapping[str, str]) -> Object:
        """Return the fields of a server-side apply: those of its pods' spec, and annotations that restart them."""
        fields: Object = {"spec": spec, **({"metadata": {"annotations": dict(annotations)}} if annotations else {})}
        for step in reversed(self.template):
            fields = {step: fields}
        return fields

    def replicas(self, raw: Object) -> int:
        """Return how many pods it is to have."""
        return replicas_wanted(raw)

    def name_of_owner(self, pod: Object) -> str:
        """Return the name of the workload of this kind that a pod belongs to; empty where it belongs to none."""
        owner = get_controller(pod)
        return get_str(owner, "name") if get_str(owner, "kind") == self.kind else ""

    def is_alone(self, _raw: Object) -> bool:
        """Whether it never runs two pods at once by itself, not even while it replaces them."""
        return False

    def is_paused(self, _raw: Object) -> bool:
        """Whether it is to make no pods of its newest template until it is resumed."""
        return False

    def is_mark(self, mark: str) -> bool:
        """Whether admission notes this on one that it holds; it may say what it was before."""
        return mark == "true"

    def resumed(self, _mark: str) -> Object:
        """Return the fields of its spec that a merge patch resumes it with, as it was before it was held."""
        return {}

    def has_leftover(self, _raw: Object) -> bool:
        """Whether it has what admission wrote beside pause and mark, which is in the way once it is not held."""
        return False

    def runs_template(self, raw: Object) -> bool:
        """Whether it has pods, and all of them are of its newest template."""
        return is_observed(raw) and replicas_wanted(raw) > 0 and is_everywhere(raw)

    def selector(self, raw: Object) -> dict[str, str]:
        """Return the labels that its pods carry."""
        return {key: str(value) for key, value in get_map(raw, "spec", "selector", "matchLabels").items()}

    def show(self, namespace: str, name: str) -> str:
        """Return the command that shows it."""
        return f"kubectl get {self.kind.lower()} {name} -n {namespace}"

    def show_containers(self, namespace: str, name: str) -> str:
        """Return the command that shows it with its containers and images."""
        return f"{self.show(namespace, name)} -o wide"

    def describe(self, namespace: str, name: str) -> str:
        """Return the command that describes it."""
        return f"kubectl describe {self.kind.lower()} {name} -n {namespace}"

    def logs(self, namespace: str, name: str) -> str:
        """Return the command that shows what its pods write."""
        return f"kubectl logs {self.kind.lower()}/{name} -n {namespace}"

    def set_images(self, namespace: str, name: str, images: str) -> str:
        """Return the command that sets images of its containers, written as CONTAINER=IMAGE."""
        return f"kubectl set image {self.kind.lower()}/{name} -n {namespace} {images}"

    def label(self, namespace: str, name: str, key: str, value: str) -> str:
        """Return the command that sets a label of it."""
        return f"kubectl label {self.kind.lower()} {name} -n {namespace} --overwrite {key}={value}"

    def follow(self, namespace: str, name: str) -> str:
        """Return the command that follows its rollout."""
        return f"kubectl rollout status {self.kind.lower()}/{name} -n {namespace}"


class ReplicaSetWorkload(Workload):
    """A kind that has its pods by ReplicaSets, one for each pod template, and is paused by `spec.paused`."""

    hash_label: ClassVar[str]
    """Label of its pods and ReplicaSets with the hash of the pod template."""
    can_be_held = True

    @override
    def is_paused(self, raw: Object) -> bool:
        """Whether it is paused; it still replaces pods that end."""
        return get_bool(raw, "spec", "paused")

    @override
    def resumed(self, _mark: str) -> Object:
        """Return that it is not paused."""
        return {"paused": None}

    @override
    def name_of_owner(self, pod: Object) -> str:
        """Return the name of its ReplicaSet without the hash of the pod template."""
        owner = get_controller(pod)
        suffix = f"-{label(pod, self.hash_label)}"
        name = get_str(owner, "name")
        return name.removesuffix(suffix) if get_str(owner, "kind") == "ReplicaSet" and name.endswith(suffix) else ""


def is_observed(raw: Object) -> bool:
    """Whether its controller has caught up with its spec."""
    return get_int(raw, "status", "observedGeneration") >= get_int(raw, "metadata", "generation")


def replicas_wanted(raw: Object) -> int:
    """Return how many pods it is to have; 1 where it says nothing."""
    spec = get_map(raw, "spec")
    return get_int(spec, "replicas") if "replicas" in spec else 1


def is_everywhere(raw: Object) -> bool:
    """Whether all its pods are of its newest template and available, and no other is left."""
    wanted = replicas_wanted(raw)
    counts = ("updatedReplicas", "replicas", "availableReplicas")
    return all(get_int(raw, "status", count) == wanted for count in counts)
