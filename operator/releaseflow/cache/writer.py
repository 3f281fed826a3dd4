"""Write objects, each only if it is exactly the one that was seen, and put the answers into the cache."""

from dataclasses import dataclass

from releaseflow.cache.cache import Cache
from releaseflow.kube.client import Client
from releaseflow.kube.errors import InvalidError, NotFoundError
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_map, get_str, is_deleting, name_of


@dataclass(frozen=True)
class ObjectVersion:
    """The one object that a write is meant for."""

    kind: Resource
    namespace: str
    name: str
    uid: str
    resource_version: str

    @property
    def metadata(self) -> Object:
        """What makes the API server refuse the write where the object is another, or has changed."""
        return {"uid": self.uid, "resourceVersion": self.resource_version}


@dataclass(frozen=True)
class Writer:
    """Writes; each raises an ApiError where it was not done."""

    kube: Client
    cache: Cache

    async def create(self, kind: Resource, namespace: str, body: Object) -> Object:
        """Create an object."""
        return self._observed(kind, await self.kube.create(kind, namespace, body))

    async def replace(self, kind: Resource, namespace: str, body: Object) -> Object:
        """Replace an object; its metadata names uid and resourceVersion."""
        return self._observed(kind, await self.kube.replace(kind, namespace, body))

    async def status(self, at: ObjectVersion, status: Object) -> Object:
        """Replace an object's status."""
        body = {"metadata": {"name": at.name, "namespace": at.namespace, **at.metadata}, "status": status}
        return self._observed(at.kind, await self.kube.replace(at.kind, at.namespace, body, "status"))

    async def metadata(self, at: ObjectVersion, changes: Object, **fields: Object) -> Object:
        """Merge changes into an object's metadata, and fields beside it."""
        body = {"metadata": {**at.metadata, **changes}, **fields}
        return self._observed(at.kind, await self.kube.merge_patch(at.kind, at.namespace, at.name, body))

    async def set_field(self, at: ObjectVersion, path: str, value: object) -> Object:
        """Replace one field of an object by a JSON patch that tests uid and resourceVersion first."""
        operations: list[Object] = [
            {"op": "test", "path": "/metadata/uid", "value": at.uid},
            {"op": "test", "path": "/metadata/resourceVersion", "value": at.resource_version},
            {"op": "replace", "path": path, "value": value},
        ]
        return self._observed(at.kind, await self.kube.json_patch(at.kind, at.namespace, at.name, operations))

    async def apply(self, at: ObjectVersion, fields: Object) -> Object:
        """Apply fields of an object by force, under our field manager.

        Raises:
            NotFoundError: There is no such object; the API server says Invalid then, since ours is no whole one.
        """
        body = {"metadata": {"name": at.name, **at.metadata}, **fields}
        try:
            return self._observed(at.kind, await self.kube.apply(at.kind, at.namespace, body))
        except InvalidError as error:
            await self.kube.get(at.kind, at.namespace, at.name)
            raise error from None

    async def delete(self, at: ObjectVersion) -> None:
        """Delete an object, and in the background what it owns."""
        try:
            answer = await self.kube.delete(at.kind, at.namespace, at.name, at.uid, at.resource_version)
        except NotFoundError:
            self.cache.evict(at.kind, at.namespace, at.name)
            return
        if get_str(answer, "kind") == "Status" or not name_of(answer):
            self.cache.evict(at.kind, at.namespace, at.name)
        else:
            self._observed(at.kind, answer)

    def _observed(self, kind: Resource, raw: Object) -> Object:
        """Put an answer into the cache: an object whose last finalizer went in its deletion is gone with it."""
        if is_deleting(raw) and not get_map(raw, "metadata").get("finalizers"):
            self.cache.delete(kind, raw)
        else:
            self.cache.upsert(kind, raw)
        return raw
