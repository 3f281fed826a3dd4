"""The port of the probes: alive, ready, and the metrics."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from releaseflow.reporting.gauges import Snapshot
from releaseflow.reporting.metrics import Metrics
from releaseflow.runtime.probes import Probes


@dataclass
class Process:
    alive: bool = True
    ready: bool = True
    scrapes: int = 0

    def snapshot(self) -> Snapshot:
        self.scrapes += 1
        return Snapshot("1.2.3", leads=True, queue_depth=self.scrapes)


@asynccontextmanager
async def answering(process: Process) -> AsyncIterator[aiohttp.ClientSession]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    probes = Probes(port, lambda: process.alive, lambda: process.ready, Metrics(), process.snapshot)
    runner = await probes.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session
    await runner.cleanup()


async def test_the_probes_answer_who_is_alive_and_ready() -> None:
    process = Process(alive=True, ready=False)

    async with answering(process) as session, session.get("/healthz") as alive, session.get("/readyz") as ready:
        assert (alive.status, ready.status) == (200, 503)


async def test_each_scrape_sees_the_moment() -> None:
    async with answering(Process()) as session:
        for depth in (1, 2):
            async with session.get("/metrics") as answer:
                text = await answer.text()
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert f"\nreleaseflow_workqueue_depth {depth}.0\n" in text


async def test_openmetrics_is_answered_where_it_is_accepted() -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}

    async with answering(Process()) as session, session.get("/metrics", headers=accept) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        assert (await answer.text()).endswith("# EOF\n")
