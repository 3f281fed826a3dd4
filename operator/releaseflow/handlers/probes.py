"""What the kubelet and a curious person may ask: alive, ready, and how many requests were sent."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from releaseflow.shell.counts import RequestCounts


@dataclass(frozen=True)
class Probes:
    """Answers on a port of its own."""

    port: int
    is_alive: Callable[[], bool]
    is_ready: Callable[[], bool]
    counts: RequestCounts

    async def start(self) -> web.AppRunner:
        """Begin to answer; call `cleanup` on what is returned to stop."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/requests", self._requests),
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

    async def _requests(self, _: web.Request) -> web.Response:
        return web.Response(text=self.counts.as_text())


def _answer(good: bool) -> web.Response:  # noqa: FBT001  # it is the answer itself
    return web.Response(text="ok\n" if good else "no\n", status=200 if good else 503)
