"""A client for the Kubernetes API that speaks in plain objects, with a deadline and a precondition for everything."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import structlog
from kubernetes.aio.client import ApiClient

from releaseflow.kube.errors import UnavailableError, error_of
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from releaseflow.reporting.metrics import NO_ANSWER, Metrics
from releaseflow.unstructured import Object, get_list, get_str

log = structlog.get_logger()

REQUEST_SECONDS = 10.0
WATCH_SECONDS = 290
SILENCE_SECONDS = 75.0
"""Bookmarks come every minute: a watch that is silent for longer is dead."""

PAGE = 200


@dataclass(frozen=True)
class ObjectList:
    """The objects of one kind at one moment."""

    items: list[Object]
    resource_version: str


@dataclass(frozen=True)
class Client:
    """Requests to the API server; each raises an ApiError where it did not do what it should."""

    transport: ApiClient
    metrics: Metrics = field(default_factory=Metrics)
    write_guard: Callable[[], None] = lambda: None
    """Called before each write; raises where this process must not write (any more)."""

    def with_write_guard(self, write_guard: Callable[[], None]) -> "Client":
        """Return the same client with another guard of its writes."""
        return replace(self, write_guard=write_guard)

    async def get(self, kind: Resource, namespace: str, name: str) -> Object:
        """Read one object."""
        return await self._send(Request(Verb.GET, kind, namespace, name))

    async def list_objects(
        self,
        kind: Resource,
        namespace: str,
        labels: str = "",
        fields: str = "",
        keep: Callable[[Object], Object] = lambda raw: raw,
    ) -> ObjectList:
        """Read all objects of a namespace, or of all, that the selectors choose.

        Args:
            kind: Their kind.
            namespace: The namespace; empty for all.
            labels: Label selector.
            fields: Field selector.
            keep: Returns what is kept of an object until the last page is read: thousands may be too much at once.
        """
        items: list[Object] = []
        query = {"labelSelector": labels, "fieldSelector": fields, "limit": str(PAGE), "continue": ""}
        while True:
            answer = await self._send(Request(Verb.LIST, kind, namespace), query=query)
            items += map(keep, get_list(answer, "items"))
            query["continue"] = get_str(answer, "metadata", "continue")
            if not query["continue"]:
                return ObjectList(items, get_str(answer, "metadata", "resourceVersion"))

    async def create(self, kind: Resource, namespace: str, body: Object) -> Object:
        """Create an object."""
        body = {"apiVersion": kind.api_version, "kind": kind.singular, **body}
        return await self._send(Request(Verb.CREATE, kind, namespace, get_str(body, "metadata", "name")), body=body)

    async def replace(self, kind: Resource, namespace: str, body: Object, subresource: str = "") -> Object:
        """Replace an object, or a part of it, if it still has the body's uid and resourceVersion."""
        body = {"apiVersion": kind.api_version, "kind": kind.singular, **body}
        return await self._send(
            Request(Verb.REPLACE, kind, namespace, get_str(body, "metadata", "name")), body, subresource
        )

    async def merge_patch(self, kind: Resource, namespace: str, name: str, body: Object) -> Object:
        """Merge some fields into an object; name uid and resourceVersion among them."""
        return await self._send(Request(Verb.MERGE_PATCH, kind, namespace, name), body)

    async def json_patch(self, kind: Resource, namespace: str, name: str, operations: list[Object]) -> Object:
        """Apply the operations of a JSON patch, in order; begin with tests."""
        return await self._send(Request(Verb.JSON_PATCH, kind, namespace, name), operations)

    async def apply(self, kind: Resource, namespace: str, body: Object) -> Object:
        """Apply some fields under our field manager, and take them from whoever had them."""
        body = {"apiVersion": kind.api_version, "kind": kind.singular, **body}
        request = Request(Verb.APPLY, kind, namespace, get_str(body, "metadata", "name"))
        return await self._send(request, body, query={"force": "true"})

    async def delete(self, kind: Resource, namespace: str, name: str, uid: str, resource_version: str) -> Object:
        """Delete an object, and in the background what it owns, if it is exactly the one that was seen."""
        exactly = {"uid": uid, "resourceVersion": resource_version}
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": exactly,
            "propagationPolicy": "Background",
        }
        return await self._send(Request(Verb.DELETE, kind, namespace, name), body)

    async def watch(self, kind: Resource, namespace: str, resource_version: str) -> AsyncIterator[Object]:
        """Yield what happens after a resourceVersion, until the API server ends it or falls silent."""
        request = Request(Verb.WATCH, kind, namespace)
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        silence = aiohttp.ClientTimeout(total=None, sock_connect=5.0, sock_read=SILENCE_SECONDS)
        try:
            answer = await self._call(request, None, "", query, silence)
            async with answer.response as stream:
                async for line in stream.content:
                    yield json.loads(line)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise UnavailableError(request, _said(error)) from error

    async def close(self) -> None:
        """Close all connections."""
        await self.transport.close()

    async def _send(
        self, request: Request, body: Any = None, subresource: str = "", query: dict[str, str] | None = None
    ) -> Object:
        if request.verb.writes:
            self.write_guard()
        try:
            answer = await self._call(request, body, subresource, query or {}, REQUEST_SECONDS)
            async with asyncio.timeout(REQUEST_SECONDS):
                read = json.loads(await answer.read() or b"{}")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise UnavailableError(request, _said(error)) from error
        return read if isinstance(read, dict) else {}

    async def _call(self, request: Request, body: Any, subresource: str, query: dict[str, str], deadline: Any) -> Any:
        log.debug(
            "request",
            verb=request.verb.name,
            object=request.kind.singular,
            target=request.name,
            subresource=subresource,
        )
        prepared = await self.transport.param_serialize(
            request.verb.method,
            request.path(subresource),
            query_params=request.query(**query),
            header_params=request.verb.headers,
            body=body,
            auth_settings=["BearerToken"],
        )
        code = NO_ANSWER
        try:
            answer = await self.transport.call_api(*prepared, _request_timeout=deadline)
            code = str(answer.status)
        finally:
            self.metrics.count_request(request.verb.metric_label, request.kind.plural, code)
        if not 200 <= answer.status < 300:  # noqa: PLR2004
            await _raise(request, answer)
        return answer


async def _raise(request: Request, answer: Any) -> None:
    said = await answer.read()
    try:
        status = json.loads(said)
    except ValueError:
        status = {"message": said.decode(errors="replace")[:200]}
    raise error_of(request, answer.status, status, answer.headers.get("Retry-After", ""))


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
