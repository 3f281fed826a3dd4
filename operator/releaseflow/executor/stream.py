"""Execute a command over the websocket protocol of the API server, and tell its end from that of the connection."""

import json
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import aiohttp

from releaseflow.executor.pods import Place
from releaseflow.unstructured import get_list, get_str

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
"""Each message begins with the number of its channel."""
OUT, ERR, STATUS = 1, 2, 3
HEARTBEAT_SECONDS = 60.0
"""A ping is sent as often, and answered in half the time: else a connection that is dead would never end."""
_DRAIN_SECONDS = 10.0
"""How long output may come after the status: it has a channel of its own."""
_KEPT = 8192
"""Bytes of the end of the log that are kept for the report."""
_NOT_STARTED = "unable to start container process"
"""What runc says of a command that it could not start."""


@dataclass(frozen=True)
class Ended:
    """The command has ended."""

    code: int
    log: str


@dataclass(frozen=True)
class NotBegun:
    """The command was not begun."""

    why: str


@dataclass(frozen=True)
class Lost:
    """The connection ended, and nothing says how the command did, if it was begun."""

    why: str


@dataclass
class _Received:
    """What came over the connection so far."""

    tail: bytearray = field(default_factory=bytearray)
    status: bytearray = field(default_factory=bytearray)

    def take(self, message: bytes) -> None:
        """Write output on, and keep the status."""
        channel, body = message[0], message[1:]
        if channel == STATUS:
            self.status += body
        elif channel in {OUT, ERR} and body:
            sink = sys.stdout.buffer if channel == OUT else sys.stderr.buffer
            sink.write(body)
            sink.flush()
            self.tail += body
            del self.tail[:-_KEPT]


async def execute(
    session: aiohttp.ClientSession, server: str, namespace: str, place: Place, command: list[str]
) -> Ended | NotBegun | Lost:
    """Execute a command, with its output as it comes."""
    asked = [("container", place.container), ("stdout", "true"), ("stderr", "true")]
    query = urlencode([*asked, *(("command", word) for word in command)])
    url = f"{server}/api/v1/namespaces/{namespace}/pods/{place.pod}/exec?{query}"
    received, why = _Received(), "the connection was closed"
    try:
        async with session.ws_connect(
            url, protocols=PROTOCOLS, heartbeat=HEARTBEAT_SECONDS, max_msg_size=0
        ) as connected:
            await _listen(connected, received)
            why = f"the connection was closed with code {connected.close_code}"
    except aiohttp.WSServerHandshakeError as error:
        return _refused(error)
    except aiohttp.ClientConnectorError as error:
        return NotBegun(f"the API server cannot be reached: {error}")
    except (aiohttp.ClientError, OSError) as error:
        why = str(error) or type(error).__name__
    return end_of(bytes(received.status), received.tail.decode(errors="replace"), why)


async def _listen(connected: aiohttp.ClientWebSocketResponse, received: _Received) -> None:
    """Take what comes until the connection ends, and not for long once the status is there."""
    with suppress(TimeoutError):
        while not connected.closed:
            message = await connected.receive(timeout=_DRAIN_SECONDS if received.status else None)
            if message.type is aiohttp.WSMsgType.BINARY and message.data:
                received.take(message.data)


def end_of(status: bytes, log: str, why: str) -> Ended | NotBegun | Lost:
    """Return how a command ended by the status that came last; without one that says so, nothing is known."""
    said: Any = {}
    with suppress(ValueError):
        said = json.loads(status) if status else {}
    if get_str(said, "status") == "Success":
        return Ended(0, log)
    if get_str(said, "reason") == "NonZeroExitCode":
        causes = {get_str(cause, "reason"): get_str(cause, "message") for cause in get_list(said, "details", "causes")}
        code = causes.get("ExitCode", "")
        return Ended(int(code), log) if code.isdecimal() else Lost(f"its exit code is {code or 'missing'}")
    message = get_str(said, "message")
    return NotBegun(message) if _NOT_STARTED in message else Lost(message or why)


def _refused(error: aiohttp.WSServerHandshakeError) -> NotBegun | Lost:
    """Read an answer that is no connection; an error of the server may be a proxy's, and the command have begun."""
    if error.status == HTTPStatus.FORBIDDEN:
        return NotBegun("the ServiceAccount may not create and get pods/exec in this namespace (403)")
    if HTTPStatus.BAD_REQUEST <= error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return NotBegun(f"the API server refused to execute it ({error.status} {error.message})")
    return Lost(f"the API server answered {error.status} {error.message}")
