"""A fake of the client: keeps objects, checks preconditions, and remembers what was asked of it.

Vectors that are played on a real API server hold it to its answers: tests/conformance/test_fake_client.py.
"""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, cast

from releaseflow.kube.client import Client, ObjectList
from releaseflow.kube.errors import AlreadyExistsError, ApiError, ConflictError, InvalidError, NotFoundError
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import (
    get_map,
    get_str,
    is_deleting,
    name_of,
    resource_version_of,
    uid_of,
)
from tests.support.objects import Object, namespace

DELETED_AT = "2026-03-01T12:00:00Z"


@dataclass
class FakeClient:
    """Only what unit tests need: no controllers, no defaults, no validation."""

    objects: dict[tuple[Resource, str], Object] = field(
        default_factory=lambda: {(Resource.NAMESPACE, "shop"): namespace()}
    )
    asked: list[tuple[Verb, Resource, str]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    refuse: Callable[[Request], ApiError | None] = lambda _request: None
    version: int = 100
    answered: int = 0
    """How many objects were handed out."""
    creations: Counter[str] = field(default_factory=Counter)
    """How often an object was created under a name."""

    def having(self, kind: Resource, *raws: Object) -> "FakeClient":
        self.objects |= {(kind, name_of(raw)): raw for raw in raws}
        return self

    def as_kube(self) -> Client:
        return cast("Client", self)

    @property
    def writes(self) -> list[tuple[Verb, Resource, str]]:
        return [entry for entry in self.asked if entry[0].writes]

    async def get(self, kind: Resource, namespace: str, name: str) -> Object:
        found = self._there(self._ask(Verb.GET, kind, namespace, name))
        self.answered += 1
        return deepcopy(found)

    async def list_objects(
        self,
        kind: Resource,
        namespace: str,
        labels: str = "",
        fields: str = "",
        keep: Callable[[Object], Object] = lambda raw: raw,
    ) -> ObjectList:
        self._ask(Verb.LIST, kind, namespace, labels or fields)
        asked = labels.split(",") if labels else []
        wanted, keys = (
            dict(pair.split("=") for pair in asked if "=" in pair),
            {pair for pair in asked if "=" not in pair},
        )
        items = [raw for (of, _), raw in self.objects.items() if of is kind]
        found = [raw for raw in items if _fits(get_map(raw, "metadata", "labels"), wanted, keys)]
        self.answered += len(found)
        return ObjectList([keep(raw) for raw in deepcopy(found)], str(self.version))

    async def create(self, kind: Resource, namespace: str, body: Object) -> Object:
        request = self._ask(Verb.CREATE, kind, namespace, name_of(body), body)
        if (kind, request.name) in self.objects:
            raise AlreadyExistsError(request, "is there")
        self.creations[request.name] += 1
        uid = "-again" * (self.creations[request.name] - 1)
        metadata = {"uid": f"uid-of-{request.name}{uid}", "namespace": namespace, **body["metadata"]}
        fresh = {**body, "metadata": metadata}
        return self._kept(request, fresh)

    async def replace(self, kind: Resource, namespace: str, body: Object, part: str = "") -> Object:
        request = self._ask(Verb.REPLACE, kind, namespace, name_of(body), body)
        before = self._exactly(request, body)
        fresh = {"status": body["status"]} if part == "status" else body
        return self._kept(request, {**before, **fresh, "metadata": {**before["metadata"], **body["metadata"]}})

    async def merge_patch(self, kind: Resource, namespace: str, name: str, body: Object) -> Object:
        request = self._ask(Verb.MERGE_PATCH, kind, namespace, name, body)
        before = self._exactly(request, body)
        return self._kept(request, merged(before, body))

    async def json_patch(self, kind: Resource, namespace: str, name: str, operations: list[Object]) -> Object:
        request = self._ask(Verb.JSON_PATCH, kind, namespace, name, operations)
        raw = deepcopy(self._there(request))
        for operation in operations:
            if not _is_done(raw, operation):
                raise ConflictError(request, f"{operation} fails")
        return self._kept(request, raw)

    async def apply(self, kind: Resource, namespace: str, body: Object) -> Object:
        request = self._ask(Verb.APPLY, kind, namespace, name_of(body), body)
        return self._kept(request, applied(self._exactly(request, body), body))

    async def delete(self, kind: Resource, namespace: str, name: str, uid: str, resource_version: str) -> Object:
        request = self._ask(Verb.DELETE, kind, namespace, name)
        return self._deleted(
            request, self._exactly(request, {"metadata": {"uid": uid, "resourceVersion": resource_version}})
        )

    async def _send(
        self, request: Request, body: Any = None, subresource: str = "", query: dict[str, str] | None = None
    ) -> Object:
        """Do what another user asks for, who names no preconditions."""
        there = self._there(request)
        return (
            self._deleted(request, there) if request.verb is Verb.DELETE else self._kept(request, merged(there, body))
        )

    def _deleted(self, request: Request, there: Object) -> Object:
        if there["metadata"].get("finalizers"):
            return self._kept(request, merged({"metadata": {"deletionTimestamp": DELETED_AT}}, there))
        del self.objects[request.kind, request.name]
        return {"kind": "Status", "status": "Success"}

    def _ask(self, verb: Verb, kind: Resource, namespace: str, name: str = "", body: Any = None) -> Request:
        request = Request(verb, kind, namespace, name)
        self.asked.append((verb, kind, name))
        if body is not None:
            self.bodies.append(body)
        refusal = self.refuse(request)
        if refusal is not None:
            raise refusal
        return request

    def _there(self, request: Request) -> Object:
        if (request.kind, request.name) not in self.objects:
            raise NotFoundError(request, "not found")
        return self.objects[request.kind, request.name]

    def _exactly(self, request: Request, body: Object) -> Object:
        there = self._there(request)
        wanted = (get_str(body, "metadata", "uid"), get_str(body, "metadata", "resourceVersion"))
        if wanted != (uid_of(there), resource_version_of(there)):
            raise ConflictError(request, f"it is {uid_of(there)} {resource_version_of(there)}, not {wanted}")
        return there

    def _kept(self, request: Request, raw: Object) -> Object:
        """Keep an object as it should stand; what is as it was keeps its version."""
        before = self.objects.get((request.kind, request.name))
        fresh = deepcopy({**raw, "metadata": {**raw["metadata"]}})
        if before is not None and _as(before, fresh) == before:
            return deepcopy(before)
        finalizers = fresh["metadata"].get("finalizers") or []
        deleting = is_deleting(before or {})
        if deleting and not set(finalizers) <= set(get_map(before or {}, "metadata").get("finalizers") or []):
            raise InvalidError(request, "no new finalizer for what is deleted")
        self.version += 1
        fresh["metadata"]["resourceVersion"] = str(self.version)
        self.objects[request.kind, request.name] = fresh
        if deleting and not finalizers:
            del self.objects[request.kind, request.name]
        return deepcopy(fresh)


def merged(before: Object, change: Object) -> Object:
    """Merge as JSON merge patches do: mappings are merged, None takes a field away, all else replaces."""
    fields = {
        **before,
        **{
            key: merged(before.get(key) or {}, value) if isinstance(value, dict) else value
            for key, value in change.items()
        },
    }
    return {key: value for key, value in fields.items() if value is not None}


def applied(before: Any, change: Any) -> Any:
    """Merge as server-side apply does: a list of named things by name, all else as a merge patch."""
    if isinstance(before, dict) and isinstance(change, dict):
        return {**before, **{key: applied(before.get(key), value) for key, value in change.items()}}
    if isinstance(change, list) and all(isinstance(item, dict) and "name" in item for item in change):
        named = {item["name"]: item for item in before or []}
        return list((named | {item["name"]: applied(named.get(item["name"], {}), item) for item in change}).values())
    return change


def _as(before: Object, fresh: Object) -> Object:
    """Return an object in the version of another."""
    return {**fresh, "metadata": {**fresh["metadata"], "resourceVersion": resource_version_of(before)}}


def _is_done(raw: Object, operation: Object) -> bool:
    """Do one operation of a JSON patch; tell whether it succeeds."""
    *path, last = operation["path"].strip("/").split("/")
    parent = raw
    for piece in path:
        parent = parent.setdefault(piece, {})
    if operation["op"] == "test":
        return bool(parent.get(last) == operation["value"])
    parent[last] = operation["value"]
    return True


def _fits(labels: dict[str, str], wanted: dict[str, str], keys: set[str]) -> bool:
    return wanted.items() <= labels.items() and keys <= labels.keys()
