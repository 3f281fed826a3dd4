"""What other people do to the objects of a release, at the worst moment."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from releaseflow.workloads.registry import DEFAULT_KIND, WORKLOADS
from tests.faults.controlplane.client import Client, RefusedError
from tests.faults.proxy.request import LEADER
from tests.faults.simulator.history import PATHS, History, Raw
from tests.faults.simulator.kubelet import STEP
from tests.faults.simulator.objects import FOREIGN, NAME, NEW, NEWER, OLD


@dataclass(frozen=True)
class Users:
    """Whoever else may write to the namespace."""

    client: Client
    history: History
    namespace: str
    operator_namespace: str
    is_gated: bool = False
    """Whether the image is asked for in the workload, not in the flow."""

    async def do(self, act: str) -> str:
        """Do something by its name; return what became of it."""
        try:
            found = await ACTS[act](self)
        except RefusedError as refused:
            return f"refused: {refused}"
        return found or "done"

    async def do_touch(self, kind: str, name: str, namespace: str) -> str:
        """Touch one object, if it is there."""
        try:
            return await self.touch(kind, name, namespace)
        except RefusedError as refused:
            return f"refused: {refused}"

    def path(self, kind: str, name: str = "", namespace: str = "") -> str:
        """Return the path of an object or of a collection."""
        root, _, plural = PATHS[kind].rpartition("/")
        where = f"{root}/namespaces/{namespace or self.namespace}/{plural}"
        return f"{where}/{name}" if name else where

    def newest(self, kind: str, label: str = "") -> Raw | None:
        """Return the object of a kind that was created last; with a label, of those that carry it."""
        found = [raw for raw in self.history.all_of(kind) if not label or label in raw["metadata"].get("labels", {})]
        return max(found, key=lambda raw: (raw["metadata"]["creationTimestamp"], _version(raw)), default=None)

    def kind_of_workload(self) -> str:
        """Return the kind of the workload of this plan."""
        return next((kind for kind in WORKLOADS if self.history.all_of(kind)), DEFAULT_KIND)

    async def touch(self, kind: str, name: str, namespace: str = "") -> str:
        """Change something of an object that concerns nobody."""
        change = {"metadata": {"annotations": {"example.com/touched": uuid.uuid4().hex}}}
        await self.client.patch(self.path(kind, name, namespace), change)
        return f"touched {kind} {name}"

    async def touch_newest(self, kind: str) -> str:
        """Touch the newest object of a kind."""
        if kind == "Lease":
            locks = [
                raw for raw in self.history.all_of(kind) if "releaseflow.dev/lock" in raw["metadata"].get("labels", {})
            ]
            return await self.touch(kind, _name(locks[0]), self.operator_namespace) if locks else "there is none"
        found = self.newest(kind, STEP if kind in {"Job", "Pod"} else "")
        return await self.touch(kind, _name(found)) if found else "there is none"

    async def delete_newest(self, kind: str, propagation: str = "Background", **options: Any) -> str:
        """Delete the newest object of a kind."""
        found = self.newest(kind, STEP if kind in {"Job", "Pod"} else "")
        if found is None:
            return "there is none"
        await self.client.delete(self.path(kind, _name(found)), propagation, **options)
        return f"deleted {kind} {_name(found)}"

    async def suspend_job(self, *, only_migration: bool = False) -> str:
        """Suspend the newest Job."""
        found = self.newest("Job", STEP)
        if found is None or (only_migration and found["metadata"]["labels"][STEP] != "Migrate"):
            return "there is none"
        await self.client.patch(self.path("Job", _name(found)), {"spec": {"suspend": True}})
        return f"suspended Job {_name(found)}"

    async def resume_job(self) -> str:
        """Un-suspend the newest Job."""
        found = self.newest("Job", STEP)
        if found is None:
            return "there is none"
        await self.client.patch(self.path("Job", _name(found)), {"spec": {"suspend": False}})
        return f"resumed Job {_name(found)}"

    async def edit_flow(self, spec: Raw) -> str:
        """Change the spec of the flow."""
        await self.client.patch(self.path("ReleaseFlow", NAME), {"spec": spec})
        return f"edited the flow: {spec}"

    async def annotate_flow(self, command: str) -> str:
        """Give the flow a command."""
        change = {"metadata": {"annotations": {f"releaseflow.dev/{command}": uuid.uuid4().hex}}}
        await self.client.patch(self.path("ReleaseFlow", NAME), change)
        return f"annotated the flow: {command}"

    async def want(self, image: str) -> str:
        """Ask for another image, where this flow takes it from."""
        return await (self.set_image(image) if self.is_gated else self.edit_flow({"image": image}))

    async def bypass(self) -> str:
        """Let the new image serve, past the operator; past admission by the annotation that is meant for it."""
        if self.is_gated:
            change = {"metadata": {"annotations": {"releaseflow.dev/bypass": NEW}}, "spec": {"paused": None}}
            await self.client.patch(self.path(self.kind_of_workload(), NAME), change)
        return await self.set_image(NEW)

    async def resume_target(self) -> str:
        """Un-pause the workload."""
        await self.client.patch(self.path(self.kind_of_workload(), NAME), {"spec": {"paused": None}})
        return "un-paused the workload"

    async def set_image(self, image: str) -> str:
        """Change the image of the workload past the operator."""
        containers = [{"name": "web", "image": image}]
        change = {"spec": {"template": {"spec": {"containers": containers}}}}
        content_type = "application/strategic-merge-patch+json"
        await self.client.patch(self.path(self.kind_of_workload(), NAME), change, content_type)
        return f"set the image of the workload to {image}"

    async def wipe_status(self) -> str:
        """Empty the status of the flow."""
        found = await self.client.get(self.path("ReleaseFlow", NAME))
        await self.client.call("PUT", f"{self.path('ReleaseFlow', NAME)}/status", {**found, "status": {}})
        return "wiped the status of the flow"

    async def free_leader_lease(self) -> str:
        """Take the leader's Lease away: until it notices, there are two operators that act."""
        await self.client.patch(self.path("Lease", LEADER, self.operator_namespace), {"spec": {"holderIdentity": ""}})
        return "freed the leader's Lease"

    async def delete_lock(self) -> str:
        """Delete the lock of the database."""
        locks = [
            raw for raw in self.history.all_of("Lease") if "releaseflow.dev/lock" in raw["metadata"].get("labels", {})
        ]
        for lock in locks:
            await self.client.delete(self.path("Lease", _name(lock), self.operator_namespace))
        return f"deleted {len(locks)} locks"


ACTS: dict[str, Callable[[Users], Awaitable[str]]] = {
    "touch-flow": lambda people: people.touch_newest("ReleaseFlow"),
    "touch-run": lambda people: people.touch_newest("MigrationRun"),
    "touch-job": lambda people: people.touch_newest("Job"),
    "touch-pod": lambda people: people.touch_newest("Pod"),
    "touch-target": lambda people: people.touch_newest(people.kind_of_workload()),
    "touch-lock": lambda people: people.touch_newest("Lease"),
    "suspend-job": lambda people: people.suspend_job(),
    "suspend-migration": lambda people: people.suspend_job(only_migration=True),
    "resume-job": lambda people: people.resume_job(),
    "delete-job": lambda people: people.delete_newest("Job"),
    "delete-job-orphan": lambda people: people.delete_newest("Job", "Orphan"),
    "delete-job-foreground": lambda people: people.delete_newest("Job", "Foreground"),
    "delete-pod": lambda people: people.delete_newest("Pod"),
    "delete-pod-by-force": lambda people: people.delete_newest("Pod", gracePeriodSeconds=0),
    "delete-run": lambda people: people.delete_newest("MigrationRun"),
    "delete-flow": lambda people: people.delete_newest("ReleaseFlow"),
    "delete-flow-foreground": lambda people: people.delete_newest("ReleaseFlow", "Foreground"),
    "delete-target": lambda people: people.delete_newest(people.kind_of_workload()),
    "delete-lock": lambda people: people.delete_lock(),
    "newer-image": lambda people: people.want(NEWER),
    "older-image": lambda people: people.want(OLD),
    "suspend-flow": lambda people: people.edit_flow({"suspend": True}),
    "abort": lambda people: people.annotate_flow("abort"),
    "usurped": lambda people: people.free_leader_lease(),
    "wipe-status": lambda people: people.wipe_status(),
    "set-image": lambda people: people.set_image(FOREIGN),
    "bypass": lambda people: people.bypass(),
    "resume-target": lambda people: people.resume_target(),
}
"""By the name that a fault has."""


def _name(raw: Raw) -> str:
    return str(raw["metadata"]["name"])


def _version(raw: Raw) -> int:
    return int(raw["metadata"]["resourceVersion"])
