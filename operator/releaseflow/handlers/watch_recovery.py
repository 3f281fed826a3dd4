"""Turn any watch error into 410 Gone, so that kopf re-lists instead of exiting.

kopf ends the whole operator for any error in a watch but 410 in its stream: for an HTTP 410, and for the 500 that comes
when etcd changes its leader (kopf 1.45: _cogs/clients/watching.py, continuous_watch). This file can go once kopf itself
lists again after any of them. The upstream issue on watches that end is https://github.com/nolar/kopf/issues/1276.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

import aiohttp
import structlog

log = structlog.get_logger()

PAUSE_SECONDS = 1.0
"""Pause before kopf receives an error, so that it does not list again at once from a server that only fails."""

_GONE = b'{"type":"ERROR","object":{"kind":"Status","code":410}}\n'


@dataclass(frozen=True)
class RelistOnWatchError:
    """A middleware of a session that kopf watches with."""

    lost: Callable[[], None]
    """Called where a watch failed: it may have missed a deletion, or the API server may be another one."""

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Pass a request on, and replace errors in the response of a watch."""
        try:
            answer = await handler(request)
        except aiohttp.ClientError:
            self.lost()
            raise
        if "watch" not in request.url.query or answer.status not in {HTTPStatus.OK, HTTPStatus.GONE}:
            return answer
        is_gone = answer.status == HTTPStatus.GONE
        answer.status = HTTPStatus.OK
        answer.content = cast("aiohttp.StreamReader", _Stream(answer.content, self.lost, is_gone=is_gone))
        return answer


@dataclass(frozen=True)
class _Stream:
    """What kopf reads of a watch's answer; all else is as it was."""

    content: aiohttp.StreamReader
    lost: Callable[[], None]
    is_gone: bool

    def __getattr__(self, name: str) -> Any:
        return getattr(self.content, name)

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        """Yield whole events up to the first error, and 410 Gone in its place."""
        async with aclosing(_lines(self.content, size, self.lost)) as lines:
            async for line in lines:
                if self.is_gone or _is_error(line):
                    log.warning("watch_lost", why=line[:300].decode(errors="replace").strip())
                    self.lost()
                    await asyncio.sleep(PAUSE_SECONDS)
                    yield _GONE
                    return
                yield line


def _is_error(line: bytes) -> bool:
    """Whether an event is an error; the API server says the type first."""
    return line[:20].replace(b" ", b"").startswith(b'{"type":"ERROR"')


async def _lines(content: aiohttp.StreamReader, size: int, lost: Callable[[], None]) -> AsyncGenerator[bytes]:
    """Yield an answer line by line, however long the lines are; aiohttp's own iteration has a limit."""
    begun: list[bytes] = []
    try:
        async for chunk in content.iter_chunked(size):
            *whole, rest = chunk.split(b"\n")
            for end in whole:
                yield b"".join([*begun, end, b"\n"])
                begun.clear()
            begun.append(rest)
    except aiohttp.ClientError:
        lost()
        raise
    if any(begun):
        yield b"".join(begun)
