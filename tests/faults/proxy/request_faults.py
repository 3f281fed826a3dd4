"""What goes wrong with a single request."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.faults.plans.plan import Fault
from tests.faults.proxy.record import Exchange
from tests.faults.proxy.request import ProxiedRequest

if TYPE_CHECKING:
    from tests.faults.proxy.proxy import Proxy

LATEST_SECONDS = 3.0
"""When a late request is delivered although nobody writes any more."""
SILENT_SECONDS = 11.0
"""A second more than the operator waits for an answer."""
STATUS = "status-"
TOO_MANY = 429
_REASONS: Final = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    410: "Expired",
    422: "Invalid",
    TOO_MANY: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


@dataclass(frozen=True)
class Answer:
    """What the operator is answered."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Requests:
    """Answers requests at which a fault is due."""

    proxy: "Proxy"

    async def answer(self, asked: ProxiedRequest, exchange: Exchange, due: list[Fault]) -> Answer | None:
        """Return the answer to a request; None where its connection is to be cut."""
        breaking = [fault for fault in due if _is_breaking(fault)]
        before = [fault for fault in due if not _is_breaking(fault)]
        for fault in breaking[1:]:
            self.proxy.engine.give_back(fault)
        for fault in (*before, *breaking[:1]):
            self.proxy.record.fire(fault.what, f"{asked.family} {exchange.number}: {asked}")
        for fault in before:
            await self._before(fault, asked)
        if not breaking:
            return await self.proxy.pass_on(asked, exchange)
        answer = await _BREAKING.get(breaking[0].what, Requests._refused)(self, breaking[0], asked, exchange)
        exchange.answered = answer is not None
        return answer

    async def _before(self, fault: Fault, asked: ProxiedRequest) -> None:
        """Do something before a request is passed on."""
        match fault.what:
            case "away":
                await self.proxy.be_away(fault.amount)
            case "blocked":
                self.proxy.engine.spawn(self.proxy.pod.block_for(fault.amount))
            case "renewals-refused":
                self.proxy.engine.spawn(self.proxy.refuse_renewals_for(fault.amount))
            case _:
                await self.proxy.act(fault, asked)

    async def _refused(self, fault: Fault, _asked: ProxiedRequest, exchange: Exchange) -> Answer:
        answer = refusal(int(fault.what.removeprefix(STATUS)))
        exchange.refusal = (answer.status, json.loads(answer.body))
        return answer

    async def _lost(self, _fault: Fault, _asked: ProxiedRequest, _exchange: Exchange) -> None:
        """Let it never arrive."""

    async def _answer_lost(self, _fault: Fault, asked: ProxiedRequest, exchange: Exchange) -> None:
        await self.proxy.pass_on(asked, exchange)

    async def _crash_before(self, _fault: Fault, _asked: ProxiedRequest, _exchange: Exchange) -> None:
        await self.proxy.pod.kill()

    async def _crash_after(self, _fault: Fault, asked: ProxiedRequest, exchange: Exchange) -> None:
        await self.proxy.pass_on(asked, exchange)
        await self.proxy.pod.kill()

    async def _silent(self, _fault: Fault, _asked: ProxiedRequest, _exchange: Exchange) -> None:
        await asyncio.sleep(SILENT_SECONDS)

    async def _silent_but_done(self, _fault: Fault, asked: ProxiedRequest, exchange: Exchange) -> None:
        await self.proxy.pass_on(asked, exchange)
        await asyncio.sleep(SILENT_SECONDS)

    async def _slow(self, fault: Fault, asked: ProxiedRequest, exchange: Exchange) -> Answer:
        await asyncio.sleep(fault.amount)
        return await self.proxy.pass_on(asked, exchange)

    async def _frozen(self, fault: Fault, asked: ProxiedRequest, exchange: Exchange) -> Answer:
        """Stop the operator in mid-write, and deliver the write when it wakes."""
        exchange.late = True
        await self.proxy.pod.freeze_for(fault.amount)
        return await self.proxy.pass_on(asked, exchange)

    async def _twice(self, _fault: Fault, asked: ProxiedRequest, exchange: Exchange) -> Answer:
        answer = await self.proxy.pass_on(asked, exchange)
        second = self.proxy.record.begin(self.proxy.pod.name, asked, 0)
        await self.proxy.pass_on(asked, second)
        return answer

    async def _late(self, fault: Fault, asked: ProxiedRequest, exchange: Exchange) -> None:
        """Deliver it when others have overtaken it; the operator knows nothing of it."""
        exchange.late = True

        async def deliver() -> None:
            self.proxy.record.say(f"delivered late: {asked}")
            await self.proxy.pass_on(asked, exchange)

        self.proxy.engine.after_writes(exchange.number + int(fault.amount), deliver, LATEST_SECONDS)

    async def _late_after_crash(self, fault: Fault, asked: ProxiedRequest, exchange: Exchange) -> None:
        await self._late(fault, asked, exchange)
        await self.proxy.pod.kill()


_Breaking = Callable[[Requests, Fault, ProxiedRequest, Exchange], Awaitable[Answer | None]]
_BREAKING: dict[str, _Breaking] = {
    "lost": Requests._lost,
    "answer-lost": Requests._answer_lost,
    "crash-before": Requests._crash_before,
    "crash-after": Requests._crash_after,
    "silent": Requests._silent,
    "silent-but-done": Requests._silent_but_done,
    "slow": Requests._slow,
    "frozen": Requests._frozen,
    "twice": Requests._twice,
    "late": Requests._late,
    "late-after-crash": Requests._late_after_crash,
}
"""What takes the place of passing a request on; everything else happens before it is passed on."""


def _is_breaking(fault: Fault) -> bool:
    """Whether a fault takes the place of passing a request on; of two only one can."""
    return fault.what in _BREAKING or fault.what.startswith(STATUS)


def refusal(status: int) -> Answer:
    """Return an answer with which an API server refuses."""
    reason = _REASONS[status]
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": f"injected {reason}",
        "reason": reason,
        "code": status,
    }
    return Answer(status, json.dumps(body).encode(), headers={"Retry-After": "1"} if status == TOO_MANY else {})
