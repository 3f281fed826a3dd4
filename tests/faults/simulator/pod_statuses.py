"""Pod statuses, as a kubelet writes them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.faults.simulator.history import Raw
from tests.faults.simulator.pod_outcomes import End


@dataclass
class Progress:
    """How far the containers of a pod have come: one after the other, the init containers first."""

    pod: Raw
    image_id: Callable[[str], str]
    ends: dict[str, End] = field(default_factory=dict)
    begun: bool = False
    """Whether a container was started at all."""

    @property
    def containers(self) -> list[Raw]:
        """All containers, in the order in which they run."""
        return [*self.pod["spec"].get("initContainers", []), *self.pod["spec"]["containers"]]

    def ended(self, name: str, end: End) -> None:
        """Note how a container ended."""
        self.ends[name] = end

    def stopped(self, end: End) -> None:
        """Note that whatever runs is ended."""
        if self.begun:
            current = next((c["name"] for c in self.containers if c["name"] not in self.ends), None)
            if current is not None:
                self.ends[current] = end

    def is_well(self) -> bool:
        """Whether all containers ended with 0."""
        return all(self.ends.get(c["name"], End(1)).code == 0 for c in self.containers)

    def running(self) -> Raw:
        """Return the status in which the first container runs."""
        self.begun = True
        first = self.containers[0]["name"]
        phase = "Pending" if self.pod["spec"].get("initContainers") else "Running"
        return {
            "phase": phase,
            **self._statuses(lambda name: {"running": {"startedAt": _now()}} if name == first else {}),
        }

    def waiting(self, reason: str) -> Raw:
        """Return the status in which nothing was started."""
        return {"phase": "Pending", **self._statuses(lambda _: {"waiting": {"reason": reason, "message": reason}})}

    def over(self) -> Raw:
        """Return the statuses of containers that do not run any more."""
        return self._statuses(self._state_at_end)

    def _state_at_end(self, name: str) -> Raw:
        end = self.ends.get(name)
        if end is None:
            return {}
        said = {"message": end.message} if end.message else {}
        reason = "Completed" if end.code == 0 else "Error"
        return {
            "terminated": {"exitCode": end.code, "reason": reason, "startedAt": _now(), "finishedAt": _now(), **said}
        }

    def _statuses(self, state_of: Callable[[str], Raw]) -> Raw:
        found: dict[str, list[Raw]] = {}
        for field_name, group in (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")):
            for container in self.pod["spec"].get(field_name, []):
                found.setdefault(group, []).append(self._status(container, state_of(container["name"])))
        return dict(found)

    def _status(self, container: Raw, state: Raw) -> Raw:
        name, image = container["name"], container["image"]
        started = "running" in state or "terminated" in state
        identity = f"containerd://{self.pod['metadata']['uid']}-{name}" if started else ""
        if "terminated" in state:
            state["terminated"]["containerID"] = identity
        return {
            "name": name,
            "image": image,
            "imageID": self.image_id(image) if started else "",
            "containerID": identity,
            "ready": "running" in state,
            "started": "running" in state,
            "restartCount": 0,
            "state": state or {"waiting": {"reason": "PodInitializing"}},
        }


def ready(status: Raw) -> Raw:
    """Return the status of a pod that serves."""
    kinds = ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    conditions = [{"type": kind, "status": "True", "lastTransitionTime": _now()} for kind in kinds]
    return {**status, "conditions": conditions}


def terminal(progress: Progress) -> Raw:
    """Return the status of a pod whose containers have ended."""
    return {"phase": "Succeeded" if progress.is_well() else "Failed", **progress.over()}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
