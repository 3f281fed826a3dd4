"""What the kubelet and Prometheus may ask: alive, ready, and the metrics."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from releaseflow.reporting.gauges import Snapshot
from releaseflow.reporting.metrics import Metrics, exposition


@dataclass(frozen=True)
class Probes:
    """Answers on a port of its own."""

    port: int
    is_alive: Callable[[], bool]
    is_ready: Callable[[], bool]
    metrics: Metrics
    snapshot: Callable[[], Snapshot]

    async def start(self) -> web.AppRunner:
        """Begin to answer; call `cleanup` on what is returned to stop."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics),
            ]
        )
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.2)
        await runner.setup()
        if self.port:
            await web.TCPSite(runner, port=self.port, reuse_address=True).start()
        return runner

    async def _healthz(self, _: web.Request) -> web.Response:
        return _answer(self.is_alive())

    async def _readyz(self, _: web.Request) -> web.Response:
        return _answer(self.is_ready())

    async def _metrics(self, asked: web.Request) -> web.Response:
        """Answer a scrape: what it shows is taken here in the loop, and written down in a thread."""
        body, content_type = await asyncio.to_thread(
            exposition, self.metrics, self.snapshot(), asked.headers.get("Accept", "")
        )
        return web.Response(body=body, headers={"Content-Type": content_type})


def _answer(good: bool) -> web.Response:  # noqa: FBT001  # it is the answer itself
    return web.Response(text="ok\n" if good else "no\n", status=200 if good else 503)
