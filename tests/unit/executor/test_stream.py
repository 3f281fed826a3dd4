"""A command over a websocket: its end is kept apart from that of the connection."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from releaseflow.executor import stream
from releaseflow.executor.pods import Place
from releaseflow.executor.stream import PROTOCOLS, Ended, Lost, NotBegun, end_of, execute

PLACE = Place("one", "app", "shop:2", "sha256:2")
SUCCESS = {"status": "Success"}
RUNC = (
    "failed to exec in container: OCI runtime exec failed: exec failed: unable to start container process: no such file"
)


def failure(reason: str, message: str = "", code: str | None = None) -> dict[str, Any]:
    causes = [] if code is None else [{"reason": "ExitCode", "message": code}]
    return {"status": "Failure", "reason": reason, "message": message, "details": {"causes": causes}}


@pytest.mark.parametrize(
    ("status", "end"),
    [
        (SUCCESS, Ended(0, "log")),
        (failure("NonZeroExitCode", code="7"), Ended(7, "log")),
        (failure("NonZeroExitCode", "no code"), Lost("its exit code is missing")),
        (failure("NonZeroExitCode", code="many"), Lost("its exit code is many")),
        (failure("InternalError", "the kubelet went away"), Lost("the kubelet went away")),
        (failure("InternalError", RUNC), NotBegun(RUNC)),
        ({}, Lost("closed")),
    ],
    ids=lambda value: str(value)[:40],
)
def test_only_a_status_that_says_so_is_an_end(status: dict[str, Any], end: Ended | Lost | NotBegun) -> None:
    assert end_of(json.dumps(status).encode(), "log", "closed") == end


@pytest.mark.parametrize("status", [b"", b"{", b"[]", b"null"])
def test_no_status_and_one_that_cannot_be_read_are_none(status: bytes) -> None:
    assert end_of(status, "log", "closed") == Lost("closed")


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def api_server(answer: Answer) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """Serve what a test answers to each request."""
    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    async with aiohttp.ClientSession() as session:
        yield session, f"http://127.0.0.1:{port}"
    await runner.cleanup()


def says(*messages: bytes, close: bool = True) -> Answer:
    """Answer with these messages, and close the connection, or break it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=PROTOCOLS)
        await socket.prepare(request)
        for message in messages:
            await socket.send_bytes(message)
        if close:
            await socket.close()
        else:
            assert request.transport is not None
            request.transport.abort()
        return socket

    return answer


async def executed(answer: Answer) -> Ended | NotBegun | Lost:
    async with api_server(answer) as (session, server):
        return await execute(session, server, "shop", PLACE, ["migrate", "a b"])


async def test_output_is_written_on_and_its_end_kept(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    status = b"\x03" + json.dumps(SUCCESS).encode()
    end = await executed(says(b"\x01", b"\x02", b"\x01one\n", b"\x02two\n", status, b"\x01three\n"))
    assert end == Ended(0, "one\ntwo\nthree\n")
    assert capfdbinary.readouterr() == (b"one\nthree\n", b"two\n")


async def test_a_connection_that_breaks_leaves_the_end_unknown() -> None:
    assert isinstance(await executed(says(b"\x01working\n", close=False)), Lost)
    assert isinstance(await executed(says(b"\x01working\n")), Lost)


async def test_a_status_counts_although_the_connection_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_DRAIN_SECONDS", 0.1)

    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=PROTOCOLS)
        await socket.prepare(request)
        await socket.send_bytes(b"\x03" + json.dumps(SUCCESS).encode())
        await asyncio.sleep(1)
        return socket

    assert await executed(answer) == Ended(0, "")


async def test_a_connection_that_no_longer_answers_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.2)

    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=PROTOCOLS, autoping=False)
        await socket.prepare(request)
        await asyncio.sleep(2)
        return socket

    assert isinstance(await executed(answer), Lost)


@pytest.mark.parametrize(
    ("status", "known"), [(403, NotBegun), (404, NotBegun), (400, NotBegun), (500, Lost), (502, Lost)]
)
async def test_a_refusal_is_known_and_an_error_behind_the_server_is_not(status: int, known: type) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    assert isinstance(await executed(answer), known)


async def test_a_server_that_is_not_there_has_begun_nothing() -> None:
    async with aiohttp.ClientSession() as session:
        assert isinstance(await execute(session, "http://127.0.0.1:1", "shop", PLACE, ["migrate"]), NotBegun)


async def test_words_reach_the_server_one_by_one() -> None:
    asked: list[list[str]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append([request.path, *request.query.getall("command"), request.query["container"]])
        return web.Response(status=403)

    await executed(answer)
    assert asked == [["/api/v1/namespaces/shop/pods/one/exec", "migrate", "a b", "app"]]
