"""What goes wrong with watches."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from tests.faults.plans.plan import At, Fault
from tests.faults.proxy.request import LEADER, ProxiedRequest
from tests.faults.proxy.request_faults import refusal

if TYPE_CHECKING:
    from tests.faults.proxy.proxy import Proxy

OVERTAKEN_SECONDS = 1.5
"""Longest time that an event waits to be overtaken by one of another watch."""
LONGEST_LINE = 1 << 21
NOT_FOUND, GONE, ERROR = 404, 410, 500


@dataclass(frozen=True)
class Stream:
    """One watch under way, and the event that is next."""

    response: web.StreamResponse
    request: web.BaseRequest
    asked: ProxiedRequest
    line: bytes = b""

    async def send(self, line: bytes) -> None:
        """Send a line."""
        await self.response.write(line)


@dataclass
class Streams:
    """Passes watches on, event by event."""

    proxy: "Proxy"
    _refused: dict[str, int] = field(default_factory=dict)
    """Kinds whose next watch is refused, each with the HTTP status."""
    _delivered: asyncio.Condition = field(default_factory=asyncio.Condition)
    _last: str = ""
    """Kind of the event that was delivered last."""

    async def serve(self, request: web.BaseRequest, asked: ProxiedRequest) -> web.StreamResponse:
        """Serve one watch, until either side or a fault ends it."""
        status = self._refused.pop(asked.kind, 0)
        if status:
            self.proxy.record.say(f"watch of {asked.kind} is answered with {status}")
            return web.Response(status=status, body=refusal(status).body, headers={"Content-Type": "application/json"})
        timeout = aiohttp.ClientTimeout(total=None)
        url = self.proxy.client.url + asked.target
        async with self.proxy.client.session.get(url, timeout=timeout, read_bufsize=LONGEST_LINE) as upstream:
            response = web.StreamResponse(status=upstream.status, headers={"Content-Type": "application/json"})
            response.enable_chunked_encoding()
            await response.prepare(request)
            with suppress(ConnectionError, aiohttp.ClientError):
                async for line in upstream.content:
                    if not await self._passed_on(Stream(response, request, asked, line)):
                        break
                await response.write_eof()
        return response

    async def _passed_on(self, stream: Stream) -> bool:
        """Deliver one event, or whatever is due instead; whether the stream goes on."""
        event, kind = json.loads(stream.line), stream.asked.kind
        self.proxy.record.show(self.proxy.pod.name, event["object"])
        if event["type"] == "BOOKMARK" or _name(event) == LEADER:
            await stream.send(stream.line)
            return True
        number, due = self.proxy.engine.count(At.OBSERVATION)
        what = f"observation {number}: {event['type']} {kind} {_name(event)}"
        self.proxy.record.say(what)
        while due:
            fault = due.pop(0)
            self.proxy.record.fire(fault.what, what)
            goes_on = await _BREAKING.get(fault.what, Streams._somebody_acts)(self, fault, stream)
            if goes_on is not None:
                for missed in due:
                    self.proxy.engine.give_back(missed)
                return goes_on
        await stream.send(stream.line)
        async with self._delivered:
            self._last = kind
            self._delivered.notify_all()
        return True

    async def _somebody_acts(self, fault: Fault, _stream: Stream) -> bool | None:
        await self.proxy.act(fault, None)
        return None

    async def _delayed(self, fault: Fault, _stream: Stream) -> bool | None:
        await asyncio.sleep(fault.amount)
        return None

    async def _dropped(self, _fault: Fault, _stream: Stream) -> bool:
        return True

    async def _doubled(self, _fault: Fault, stream: Stream) -> bool | None:
        await stream.send(stream.line)
        return None

    async def _overtaken(self, _fault: Fault, stream: Stream) -> bool | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(OVERTAKEN_SECONDS), self._delivered:
                await self._delivered.wait_for(lambda: self._last not in {"", stream.asked.kind})
        return None

    async def _expired_event(self, _fault: Fault, stream: Stream) -> bool:
        await stream.send(_error(GONE))
        return False

    async def _expired_answer(self, _fault: Fault, stream: Stream) -> bool:
        self._refused[stream.asked.kind] = GONE
        return False

    async def _not_served(self, _fault: Fault, stream: Stream) -> bool:
        """Answer the next watch as where the definition of its kind was deleted."""
        self._refused[stream.asked.kind] = NOT_FOUND
        return False

    async def _error_event(self, _fault: Fault, stream: Stream) -> bool:
        await stream.send(_error(ERROR))
        return False

    async def _stalled(self, _fault: Fault, stream: Stream) -> bool:
        """Send nothing any more, not even bookmarks, until the other side gives up."""
        while stream.request.transport is not None and not stream.request.transport.is_closing():  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        return False

    async def _closed(self, _fault: Fault, stream: Stream) -> bool:
        await stream.send(stream.line)
        return False

    async def _crash(self, _fault: Fault, _stream: Stream) -> bool:
        await self.proxy.pod.kill()
        return False

    async def _away(self, fault: Fault, _stream: Stream) -> bool:
        self.proxy.engine.spawn(self.proxy.be_away(fault.amount))
        return False


_Breaking = Callable[[Streams, Fault, Stream], Awaitable[bool | None]]
_BREAKING: dict[str, _Breaking] = {
    "delayed": Streams._delayed,
    "dropped": Streams._dropped,
    "doubled": Streams._doubled,
    "overtaken": Streams._overtaken,
    "expired-event": Streams._expired_event,
    "expired-answer": Streams._expired_answer,
    "not-served": Streams._not_served,
    "error-event": Streams._error_event,
    "stalled": Streams._stalled,
    "closed": Streams._closed,
    "crash": Streams._crash,
    "away": Streams._away,
}
"""Each returns whether the stream goes on without the event; None where the event is delivered after all."""


def _error(code: int) -> bytes:
    status: dict[str, Any] = json.loads(refusal(code).body)
    return json.dumps({"type": "ERROR", "object": {**status, "metadata": {}}}).encode() + b"\n"


def _name(event: dict[str, Any]) -> str:
    return str(event["object"].get("metadata", {}).get("name", ""))
