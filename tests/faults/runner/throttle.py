"""Begins no more plans than the machine can carry: where everything is late, deadlines would say nothing."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

LOOK_SECONDS = 0.1
LATE_SECONDS = 0.12
"""A timer that fires so much too late tells of a machine that has too much to do."""
APART_SECONDS = 0.2
"""Between the beginnings of two plans."""
MEMORY = 0.8
"""How much of the lateness that was known counts beside what is seen anew."""


@dataclass
class Throttle:
    """Looks at how late timers are; use as `async with`."""

    lateness: float = 0.0
    playing: int = 0
    _door: asyncio.Lock = field(default_factory=asyncio.Lock)
    _looking: "asyncio.Task[None] | None" = None

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def easy(self, least: int) -> None:
        """Wait until there is room for another plan; so many are always played at a time, but none begin together."""
        async with self._door:
            await asyncio.sleep(APART_SECONDS)
            while self.playing >= least and self.lateness > LATE_SECONDS:  # noqa: ASYNC110  # time is what is measured
                await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)
            late = time.monotonic() - began - LOOK_SECONDS
            self.lateness = MEMORY * self.lateness + (1 - MEMORY) * late
