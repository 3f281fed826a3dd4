"""What people and the time do to the objects of a vector on a real API server: as kubectl would send it."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from releaseflow.api.v1alpha1.metadata import FENCE, MANAGED_LABEL
from releaseflow.kube.client import Client
from releaseflow.kube.errors import NotFoundError
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_list, get_str, get_time
from releaseflow.workloads.registry import WORKLOADS
from tests.conformance.manifests import DEADLINE_SECONDS, NEW, OLD, VECTOR
from tests.support.objects import DEPLOYMENT

OPTIONS = {"apiVersion": "v1", "kind": "DeleteOptions"}
MANAGER = {"fieldManager": "somebody"}


@dataclass(frozen=True)
class Somebody:
    """Whoever else may write to the objects of one vector."""

    kube: Client
    namespace: str
    slug: str

    async def do(self, trouble: str) -> None:
        """Do something by its name."""
        await TROUBLES[trouble](self)

    async def patch(self, kind: Resource, role: str, change: Object, part_of: str = "") -> Object:
        """Merge a change into an object, whatever it is."""
        return await self._send(Verb.MERGE_PATCH, kind, await self.name(kind, role), change, part_of)

    async def touch(self, kind: Resource, role: str) -> Object:
        """Write an annotation that concerns nobody."""
        return await self.patch(kind, role, {"metadata": {"annotations": {"example.com/touched": uuid.uuid4().hex}}})

    async def delete(self, kind: Resource, role: str, policy: str = "Background", grace: int | None = None) -> Object:
        """Delete an object, whatever it is; without a policy, nothing is said of what it owns."""
        said = {"propagationPolicy": policy or None, "gracePeriodSeconds": grace}
        body = {**OPTIONS, **{key: value for key, value in said.items() if value is not None}}
        return await self._send(Verb.DELETE, kind, await self.name(kind, role), body)

    async def name(self, kind: Resource, role: str) -> str:
        """Return the name of the object of a role; that of its only pod for a pod."""
        if kind is not Resource.POD:
            return f"{self.slug}-{role}"
        pods = (await self.kube.list_objects(kind, self.namespace, f"{VECTOR}={self.slug}")).items
        (pod,) = pods
        return str(pod["metadata"]["name"])

    async def set_image(self) -> Object:
        """Set the other image in the target, as `kubectl set image` does."""
        target = await self.kube.get(DEPLOYMENT, self.namespace, f"{self.slug}-target")
        (other,) = {OLD, NEW} - {image for _, image in WORKLOADS["Deployment"].images(target)}
        operation = {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": other}
        return await self._send(Verb.JSON_PATCH, DEPLOYMENT, f"{self.slug}-target", [operation])

    async def forge(self) -> Object:
        """Write into a Job's status that it is complete."""
        job = await self.kube.get(Resource.JOB, self.namespace, f"{self.slug}-job")
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = {"status": "True", "reason": "CompletionsReached", "lastTransitionTime": now, "lastProbeTime": now}
        forged = [{"type": kind, **said} for kind in ("SuccessCriteriaMet", "Complete")]
        status = {
            "conditions": [*get_list(job, "status", "conditions"), *forged],
            "startTime": get_str(job, "status", "startTime") or now,
            "completionTime": now,
            "active": 0,
            "ready": 0,
        }
        return await self.patch(Resource.JOB, "job", {"status": status}, "status")

    async def replace_target(self) -> Object:
        """Delete the target, and make one of the same name and image."""
        old = await self.kube.get(DEPLOYMENT, self.namespace, f"{self.slug}-target")
        await self.delete(DEPLOYMENT, "target")
        metadata = {"name": f"{self.slug}-target", "labels": {VECTOR: self.slug}}
        return await self.kube.create(DEPLOYMENT, self.namespace, {"metadata": metadata, "spec": old["spec"]})

    async def vanish(self) -> Object:
        """Remove the pod by force, with all that keeps it, as happens where a node is gone for good."""
        name = await self.name(Resource.POD, "pods")
        await self._send(Verb.MERGE_PATCH, Resource.POD, name, {"metadata": {"finalizers": None}})
        return await self.delete(Resource.POD, "pods", grace=0)

    async def outlast_deadline(self) -> Object:
        """Wait until the deadline of a Job is over, which began after the Job was created."""
        job = await self.kube.get(Resource.JOB, self.namespace, f"{self.slug}-job")
        began = get_time(job, "status", "startTime") or datetime.now(UTC)
        await asyncio.sleep(DEADLINE_SECONDS - (datetime.now(UTC) - began).total_seconds())
        return job

    async def strip(self, kind: Resource, name: str) -> None:
        """Take everything away that keeps an object, and delete it, where there is one."""
        with suppress(NotFoundError):
            await self._send(Verb.MERGE_PATCH, kind, name, {"metadata": {"finalizers": None}})
            await self._send(Verb.DELETE, kind, name, {**OPTIONS, "propagationPolicy": "Background"})

    async def _send(self, verb: Verb, kind: Resource, name: str, body: object, part_of: str = "") -> Object:
        query = {} if verb is Verb.DELETE else MANAGER
        return await self.kube._send(Request(verb, kind, self.namespace, name), body, part_of, query)


def _deletes(kind: Resource, role: str, policy: str = "Background") -> Callable[[Somebody], Awaitable[object]]:
    return lambda somebody: somebody.delete(kind, role, policy)


def _patches(kind: Resource, role: str, change: Object) -> Callable[[Somebody], Awaitable[object]]:
    return lambda somebody: somebody.patch(kind, role, change)


NO_FENCE = {"annotations": {FENCE: None}, "labels": {MANAGED_LABEL: None}}
TROUBLES: dict[str, Callable[[Somebody], Awaitable[object]]] = {
    "delete flow": _deletes(Resource.FLOW, "flow"),
    "delete flow, waiting for its runs": _deletes(Resource.FLOW, "flow", "Foreground"),
    "delete run": _deletes(Resource.LEASE, "run"),
    "delete job": _deletes(Resource.JOB, "job"),
    "delete job, waiting for its pods": _deletes(Resource.JOB, "job", "Foreground"),
    "delete job, saying nothing of its pods": _deletes(Resource.JOB, "job", ""),
    "orphan job": _deletes(Resource.JOB, "job", "Orphan"),
    "delete pod": _deletes(Resource.POD, "pods"),
    "delete target": _deletes(DEPLOYMENT, "target"),
    "strip job": _patches(Resource.JOB, "job", {"metadata": {"finalizers": None}}),
    "suspend job": _patches(Resource.JOB, "job", {"spec": {"suspend": True}}),
    "resume job": _patches(Resource.JOB, "job", {"spec": {"suspend": False}}),
    "time to live is over": _patches(Resource.JOB, "job", {"spec": {"ttlSecondsAfterFinished": 0}}),
    "deadline is over": Somebody.outlast_deadline,
    "forge": Somebody.forge,
    "set image": Somebody.set_image,
    "touch": lambda somebody: somebody.touch(DEPLOYMENT, "target"),
    "drop fence": _patches(DEPLOYMENT, "target", {"metadata": NO_FENCE}),
    "replace target": Somebody.replace_target,
    "delete pod by force": lambda somebody: somebody.delete(Resource.POD, "pods", grace=0),
    "vanish pod": Somebody.vanish,
    "vanish running pod": Somebody.vanish,
}
"""By the names that the explorer gives them."""
