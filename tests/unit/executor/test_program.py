"""The whole program: what it reports at each moment, and what it exits with."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from releaseflow.core.run.reports import CommandReport, FailureReport, executed_report
from releaseflow.executor import __main__ as program
from releaseflow.executor import pods
from releaseflow.executor.pods import NoPodError, Place, find_pod
from releaseflow.executor.report import Report
from releaseflow.executor.settings import Settings
from releaseflow.executor.stream import Ended, Lost, NotBegun
from tests.unit.executor.test_pods import pod
from tests.unit.executor.test_stream import api_server

PLACE = Place("one", "app", "shop:2", "sha256:2")
WANTED = Settings("shop", "Deployment", "shop-console", "", "shop:2", "")


class Api:
    """The way to an API server that is not asked."""

    server = "http://nowhere"

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        yield


async def ended(
    monkeypatch: pytest.MonkeyPatch, path: Path, end: Ended | NotBegun | Lost | NoPodError
) -> tuple[int, str, str]:
    """Return exit code, last report, and the report while the command was at work."""
    meanwhile = []

    async def connection() -> Api:
        return Api()

    async def find(*_: Any) -> Place:
        if isinstance(end, NoPodError):
            raise end
        return PLACE

    async def execute(*_: Any) -> Ended | NotBegun | Lost:
        meanwhile.append(_read(path))
        assert not isinstance(end, NoPodError)
        return end

    for name, fake in (("connection", connection), ("find_pod", find), ("execute", execute)):
        monkeypatch.setattr(program, name, fake)
    code = await program._run(WANTED, Report(str(path)), ["migrate"])
    return code, _read(path), "".join(meanwhile)


def _read(path: Path) -> str:
    return path.read_text("utf-8")


async def test_the_exit_code_is_the_commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, said, meanwhile = await ended(monkeypatch, tmp_path / "report", Ended(7, "first\nlast"))
    assert (code, executed_report(said)) == (7, CommandReport(7, "one", "shop:2", "sha256:2", "first\nlast"))
    at_work = executed_report(meanwhile)
    assert isinstance(at_work, FailureReport)
    assert (at_work.reason, at_work.pod) == ("OutcomeUnknown", "one"), "killed now, it would say so"


@pytest.mark.parametrize(
    ("end", "reason", "pod_name"),
    [
        (NotBegun("refused"), "NotExecuted", ""),
        (NoPodError("none is ready"), "NotExecuted", ""),
        (Lost("closed"), "OutcomeUnknown", "one"),
    ],
    ids=["refused", "no pod", "lost"],
)
async def test_what_has_no_end_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: NotBegun | Lost | NoPodError, reason: str, pod_name: str
) -> None:
    code, said, _ = await ended(monkeypatch, tmp_path / "report", end)
    report = executed_report(said)
    assert isinstance(report, FailureReport)
    assert (code, report.reason, report.pod) == (126, reason, pod_name)


def test_a_report_fits_whatever_the_log_holds(tmp_path: Path) -> None:
    report = Report(str(tmp_path / "report"))
    for log in ("x" * 9000, "\n" * 9000, "\x00" * 9000, "ü" * 9000, '"' * 9000):
        report.ended(1, PLACE, log)
        said = (tmp_path / "report").read_bytes()
        assert len(said) <= 4096
        assert json.loads(said)["log"] == log[: len(json.loads(said)["log"])]


async def test_a_ready_pod_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pods, "POLL_SECONDS", 0.01)
    answers: list[Any] = [
        aiohttp.web.Response(status=500),
        aiohttp.web.json_response({"items": [pod(status={"conditions": []})]}),
        aiohttp.web.json_response({"items": [pod(metadata={**pod()["metadata"], "name": "two"}), pod()]}),
    ]

    async def answer(_: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        found: aiohttp.web.StreamResponse = answers.pop(0)
        return found

    async with api_server(answer) as (session, server):
        assert (await find_pod(session, server, WANTED)).pod == "one"


@pytest.mark.parametrize(
    ("status", "words"), [(403, "may not list pods"), (200, "no pod of Deployment shop-console is ready with shop:2")]
)
async def test_without_a_pod_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, status: int, words: str) -> None:
    monkeypatch.setattr(pods, "WAIT_SECONDS", 0.0)

    async def answer(_: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        return aiohttp.web.json_response({"items": []}, status=status)

    async with api_server(answer) as (session, server):
        with pytest.raises(NoPodError, match=words):
            await find_pod(session, server, WANTED)
