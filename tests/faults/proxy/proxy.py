"""The proxy between one operator and the API server: passes everything on, until a fault is due."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.faults.controlplane.client import Client
from tests.faults.launcher.pod import Pod
from tests.faults.plans.plan import At, Fault
from tests.faults.proxy.injector import Injector
from tests.faults.proxy.record import Exchange, Record
from tests.faults.proxy.request import Family, ProxiedRequest
from tests.faults.proxy.request_faults import Answer, Requests, refusal
from tests.faults.proxy.stream_faults import Streams

HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 0.02
"""Time for answers that are being written; 0 would mean any time."""
FORBIDDEN = 403
_COUNTED = {Family.WRITE: At.WRITE, Family.READ: At.READ}


@dataclass
class Proxy:
    """A server on loopback for one operator."""

    client: Client
    engine: Injector
    record: Record
    pod: Pod
    act: Callable[[Fault, ProxiedRequest | None], Awaitable[None]]
    """Does what other people do."""
    port: int = 0
    refuses_renewals: bool = False
    """Whether the leader's Lease may not be written."""
    _server: asyncio.AbstractServer | None = None
    _web: web.Server | None = None
    _streams: Streams = field(init=False)
    _requests: Requests = field(init=False)

    def __post_init__(self) -> None:
        self._streams = Streams(self)
        self._requests = Requests(self)

    async def open(self) -> None:
        """Begin to listen; again on the same port, if it was closed before."""
        self._web = web.Server(self._handle, access_log=None, keepalive_timeout=600, handler_cancellation=True)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._web, HOST, self.port, reuse_address=True)
        self.port = server.sockets[0].getsockname()[1]
        self._server = server

    async def close(self) -> None:
        """Refuse connections, and cut those that there are."""
        if self._server is not None:
            self._server.close()
        if self._web is not None:
            await self._web.shutdown(SHUTDOWN_SECONDS)

    async def be_away(self, seconds: float) -> None:
        """Be an API server that is away for some time."""
        await self.close()
        await asyncio.sleep(seconds)
        await self.open()

    async def refuse_renewals_for(self, seconds: float) -> None:
        """Refuse each write of the leader's Lease for some seconds."""
        self.refuses_renewals = True
        await asyncio.sleep(seconds)
        self.refuses_renewals = False

    async def pass_on(self, asked: ProxiedRequest, exchange: Exchange | None = None) -> Answer:
        """Ask the API server."""
        headers = {"Content-Type": asked.content_type} if asked.body else {}
        url = self.client.url + asked.target
        async with self.client.session.request(asked.method, url, data=asked.body or None, headers=headers) as answer:
            body = await answer.read()
            found = Answer(answer.status, body, answer.headers.get("Content-Type", "application/json"))
        if exchange is not None:
            self.record.end(exchange, found.status, body)
        return found

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = ProxiedRequest(
            method=request.method,
            path=request.path,
            query=request.query,
            body=await request.read(),
            content_type=request.content_type,
            target=request.path_qs,
        )
        if asked.family is Family.WATCH:
            return await self._watched(request, asked)
        # A request that arrived goes on, even where whoever sent it does not live to hear the answer.
        answering = asyncio.ensure_future(self._answer(asked))
        answering.add_done_callback(self.engine.heed)
        answer = await asyncio.shield(answering)
        if answer is None:
            cut(request)
            return web.Response()
        headers: dict[str, Any] = {"Content-Type": answer.content_type, **answer.headers}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    async def _watched(self, request: web.BaseRequest, asked: ProxiedRequest) -> web.StreamResponse:
        try:
            return await self._streams.serve(request, asked)
        except aiohttp.ClientConnectorError:
            cut(request)
            return web.Response()

    async def _answer(self, asked: ProxiedRequest) -> Answer | None:
        counter = _COUNTED.get(asked.family)
        number, due = self.engine.count(counter) if counter else (0, [])
        exchange = self.record.begin(self.pod.name, asked, number)
        if self.refuses_renewals and asked.family is Family.LEADER and asked.method != "GET":
            return refusal(FORBIDDEN)
        try:
            return await self._requests.answer(asked, exchange, due) if due else await self.pass_on(asked, exchange)
        except (aiohttp.ClientError, OSError) as error:
            self.record.say(f"{asked}: the API server does not answer: {error!r}")
            return None


def cut(request: web.BaseRequest) -> None:
    """Cut the connection of a request without an answer."""
    if request.transport is not None:
        request.transport.abort()
