"""A cancelled request stops, also in the moment in which an answer arrives."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from kubernetes.aio.client import ApiClient

from releaseflow.kube.client import Client
from releaseflow.kube.resources import Resource


@dataclass
class SlowAnswer:
    """An answer whose body arrives when the test says so."""

    body: "asyncio.Future[bytes]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 200

    async def read(self) -> bytes:
        self.asked.set()
        return await self.body


@dataclass
class Wire:
    """A transport with one answer."""

    answer: SlowAnswer

    async def param_serialize(self, *_: object, **__: object) -> tuple[()]:
        return ()

    async def call_api(self, *, _request_timeout: object) -> Any:
        return self.answer


async def test_a_request_is_cancelled_although_its_answer_is_there() -> None:
    """asyncio.wait_for would return the answer up to Python 3.11, and a worker would go on for ever."""
    answer = SlowAnswer()
    asking = asyncio.create_task(Client(cast("ApiClient", Wire(answer))).get(Resource.LEASE, "operators", "leader"))
    await answer.asked.wait()

    answer.body.set_result(b"{}")
    for _ in range(3):
        asking.cancel()
        await asyncio.sleep(0)

    assert asking.cancelled()
