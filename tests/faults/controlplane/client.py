"""The API server as the administrator sees it: for what the tests do, and for what they read."""

import json
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from tests.faults.controlplane.components import Layout

TOKEN, OPERATOR_TOKEN = "administrator", "operator"  # of a control plane that lives as long as its tests
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
REQUEST_SECONDS = 30.0
REFUSED = 400


class RefusedError(Exception):
    """The API server refused; `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Client:
    """Requests in plain objects."""

    def __init__(self, layout: Layout, token: str = TOKEN) -> None:
        self.url = layout.url
        context = ssl.create_default_context(cafile=str(layout.authority))
        connector = aiohttp.TCPConnector(limit=0, ssl=context, keepalive_timeout=60)
        self.session = aiohttp.ClientSession(
            connector=connector,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
            auto_decompress=True,
        )

    async def get(self, path: str) -> Any:
        """Read an object or a list."""
        return await self.call("GET", path)

    async def create(self, path: str, body: Any) -> Any:
        """Create an object."""
        return await self.call("POST", path, body)

    async def patch(self, path: str, body: Any, content_type: str = MERGE_PATCH) -> Any:
        """Change an object."""
        return await self.call("PATCH", path, body, content_type)

    async def delete(self, path: str, propagation: str = "Background", **options: Any) -> Any:
        """Delete an object."""
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation, **options}
        return await self.call("DELETE", path, body)

    async def call(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
        """Make one request, and return the object that answers it.

        Raises:
            RefusedError: The API server refused.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if data is not None else {}
        async with self.session.request(method, self.url + path, data=data, headers=headers) as answer:
            said = await answer.read()
        if answer.status >= REFUSED:
            raise RefusedError(answer.status, said.decode(errors="replace")[:500])
        return json.loads(said) if said.startswith(b"{") else said.decode()

    async def version(self, path: str) -> str:
        """Return the resourceVersion of a collection as it is now: changes after it can be watched."""
        return str((await self.get(f"{path}?limit=1"))["metadata"]["resourceVersion"])

    async def changes(self, path: str, version: str) -> AsyncIterator[tuple[Any, bool]]:
        """Yield each object of a collection that changes after a resourceVersion, and whether it is gone, for ever."""
        while True:
            async for event in self._watch(path, version):
                raw = event["object"]
                assert event["type"] != "ERROR", raw
                version = raw["metadata"]["resourceVersion"]
                if event["type"] != "BOOKMARK":
                    yield raw, event["type"] == "DELETED"

    async def _watch(self, path: str, resource_version: str) -> AsyncIterator[Any]:
        """Yield the events of one stream, until it ends."""
        query = f"watch=1&allowWatchBookmarks=true&resourceVersion={resource_version}"
        timeout = aiohttp.ClientTimeout(total=None)
        url = f"{self.url}{path}?{query}"
        async with self.session.get(url, timeout=timeout, read_bufsize=1 << 22) as answer:
            async for line in answer.content:
                yield json.loads(line)

    async def close(self) -> None:
        """Close all connections."""
        await self.session.close()
