"""Candidates for one Lease, each with work that begins and ends with its leadership."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from releaseflow.kube.client import Client
from releaseflow.kube.errors import ApiError, UnavailableError
from releaseflow.kube.leader_election.campaign import Campaign
from releaseflow.kube.leader_election.elector import LeaderElector, NotLeadingError
from releaseflow.kube.leader_election.lease import LEASE
from releaseflow.kube.requests import Request
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object
from tests.support.fake_client import FakeClient

RETRY, RENEW, LEASE_LONG = 0.05, 0.8, 1.2
"""Seconds: the usual times, all made shorter."""
PATIENCE_SECONDS = 20.0


@dataclass
class Api(FakeClient):
    """One API server for all candidates; it may refuse the Lease's writes of some."""

    cut_off: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.refuse = self._refuse

    def _refuse(self, request: Request) -> ApiError | None:
        body = self.bodies[-1] if request.verb.writes else {}
        is_cut_off = body.get("spec", {}).get("holderIdentity") in self.cut_off
        return UnavailableError(request, "no route") if is_cut_off else None

    async def close(self) -> None:
        """Have no connections."""

    @property
    def lease(self) -> Object:
        spec: Object = self.objects.get((Resource.LEASE, LEASE), {"spec": {}})["spec"]
        return spec

    @property
    def holder(self) -> str:
        return str(self.lease.get("holderIdentity") or "")


@dataclass
class Process:
    """A process of the operator: its work notes when it goes on and when it has ended."""

    api: Api
    name: str
    works: bool = False
    begun: int = 0
    alive: bool = True
    codes: list[int] = field(default_factory=list)
    """With what the process would have been ended."""
    elector: LeaderElector = field(init=False)

    def __post_init__(self) -> None:
        self.elector = LeaderElector(Campaign(self._connect, "operators", self.name, self._ended))

    def _ended(self, code: int) -> None:
        self.codes.append(code)

    async def _connect(self) -> Client:
        return self.api.as_kube()

    async def work(self) -> None:
        self.begun += 1
        self.works = True
        try:
            await asyncio.Event().wait()
        finally:
            self.works = False

    def may_write(self) -> bool:
        try:
            self.elector.may_write()
        except NotLeadingError:
            return False
        return True

    @asynccontextmanager
    async def running(self, work: Callable[[], object] | None = None) -> AsyncIterator["asyncio.Task[None]"]:
        task = asyncio.create_task(self.elector.run(work or self.work, lambda: self.alive))  # type: ignore[arg-type]
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait({task})
            with contextlib.suppress(asyncio.CancelledError):
                task.result()


@dataclass
class Stubborn:
    """Work that does not end when it is told to, only when it is let go.

    A test waits until it has begun: the Lease is taken before, and work that has not begun ends at once.
    """

    works: bool = False
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self) -> None:
        self.works = True
        while not self.let_go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await self.let_go.wait()

    def __enter__(self) -> None:
        """Begin a test at whose end, however it comes, the work is let go: whoever waits for it would wait for ever."""

    def __exit__(self, *_error: object) -> None:
        self.let_go.set()


async def until(promise: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not promise():  # noqa: ASYNC110  # another thread keeps the promise
            await asyncio.sleep(0.005)


def block(seconds: float) -> None:
    """Keep the loop from turning, as work in Python does that takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
