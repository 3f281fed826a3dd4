"""Whatever an API server sends in a watch, kopf receives whole events, and 410 Gone in place of an error."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import test_utils, web

from releaseflow.handlers import watch_recovery
from releaseflow.handlers.watch_recovery import RelistOnWatchError

EVENT = b'{"type":"ADDED","object":{"metadata":{"resourceVersion":"7"}}}\n'
GONE = b'{"type":"ERROR","object":{"kind":"Status","code":410}}\n'
ERROR = b'{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcdserver: leader changed"}}\n'
LONG = b'{"type":"ADDED","object":{"data":"' + b"x" * 500_000 + b'"}}\n'


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_recovery, "PAUSE_SECONDS", 0.0)


@asynccontextmanager
async def answering(status: int, pieces: list[bytes]) -> AsyncIterator[str]:
    """Serve one answer, a piece at a time, on a port of its own; an empty piece breaks the connection."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        for piece in pieces:
            if not piece:
                assert request.transport is not None
                request.transport.abort()
                break
            await response.write(piece)
        return response

    application = web.Application()
    application.router.add_get("/pods", answer)
    async with test_utils.TestServer(application) as server:
        yield str(server.make_url("/pods"))


class Watcher:
    """Asks as kopf does."""

    def __init__(self) -> None:
        self.lost = 0
        self.status = 0

    async def receive(self, status: int, pieces: list[bytes], query: str = "?watch=true") -> bytes:
        middlewares = (RelistOnWatchError(self._lose),)
        async with (
            answering(status, pieces) as url,
            aiohttp.ClientSession(middlewares=middlewares) as session,
            session.get(url + query) as response,
        ):
            self.status = response.status
            return b"".join([chunk async for chunk in response.content.iter_chunked(1024)])

    def _lose(self) -> None:
        self.lost += 1


def torn(whole: bytes) -> Iterator[bytes]:
    """Tear an answer at places that are no ends of lines."""
    return (whole[at : at + 13] for at in range(0, len(whole), 13))


@pytest.mark.parametrize("pieces", [[EVENT, EVENT], [EVENT + EVENT], list(torn(EVENT + EVENT))])
async def test_events_come_through_as_they_are(pieces: list[bytes]) -> None:
    watcher = Watcher()
    assert await watcher.receive(200, pieces) == EVENT + EVENT
    assert watcher.lost == 0


async def test_an_event_may_be_longer_than_any_buffer() -> None:
    assert await Watcher().receive(200, [LONG, EVENT]) == LONG + EVENT


@pytest.mark.parametrize("error", [ERROR, GONE, ERROR.replace(b":", b": ")])
@pytest.mark.parametrize("tear", [False, True])
async def test_each_error_ends_the_watch_and_asks_for_a_new_listing(error: bytes, tear: bool) -> None:  # noqa: FBT001
    watcher = Watcher()
    answer = EVENT + error + EVENT
    assert await watcher.receive(200, list(torn(answer)) if tear else [answer]) == EVENT + GONE
    assert watcher.lost == 1


async def test_a_watch_that_is_refused_as_too_old_asks_for_a_new_listing() -> None:
    watcher = Watcher()
    assert await watcher.receive(410, [b'{"kind":"Status","code":410}']) == GONE
    assert (watcher.status, watcher.lost) == (200, 1)


async def test_an_event_about_an_error_is_no_error() -> None:
    event = EVENT.replace(b"7", b'7","note":"{"type":"ERROR"')
    assert await Watcher().receive(200, [event]) == event


@pytest.mark.parametrize(("status", "query"), [(200, ""), (410, ""), (500, "?watch=true"), (403, "?watch=true")])
async def test_all_other_answers_are_kopfs_own_matter(status: int, query: str) -> None:
    watcher = Watcher()
    assert await watcher.receive(status, [ERROR], query) == ERROR
    assert (watcher.status, watcher.lost) == (status, 0)


async def test_a_connection_that_breaks_may_have_missed_something() -> None:
    watcher = Watcher()
    with pytest.raises(aiohttp.ClientError):
        await watcher.receive(200, [EVENT, b""])
    assert watcher.lost == 1


async def test_an_api_server_that_is_not_there_may_be_another_one_afterwards() -> None:
    lost = list[bool]()
    async with answering(200, []) as url:
        pass
    async with aiohttp.ClientSession(middlewares=(RelistOnWatchError(lambda: lost.append(True)),)) as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(url + "?watch=true")
    assert lost == [True]
