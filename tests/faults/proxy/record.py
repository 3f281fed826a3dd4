"""The record of a plan: every request with its answer, every event that was delivered, every fault, in order."""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.faults.proxy.request import Family, ProxiedRequest
from tests.faults.simulator.history import version_of

ACCEPTED = range(200, 300)


@dataclass
class Exchange:
    """A request, and what became of it."""

    operator: str
    asked: ProxiedRequest
    number: int
    """Its number in its family."""
    at: float
    status: int = 0
    """HTTP status of the API server; 0 where it never got the request."""
    answer: dict[str, Any] = field(default_factory=dict)
    answered: bool = True
    """Whether the operator got the API server's answer."""
    late: bool = False
    """Whether it reached the API server only after other writes."""
    refusal: tuple[int, dict[str, Any]] | None = None
    """Status and body with which the operator was refused, by the API server or by a fault."""
    era: int = 0
    """How often the store had been restored."""
    shown: int = 0
    """The newest of the store's revisions that the operator had been shown when it asked."""
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When it was asked, by the clock."""

    @property
    def accepted(self) -> bool:
        """Whether the API server did what was asked."""
        return self.status in ACCEPTED

    @property
    def version(self) -> int:
        """The store's revision that an accepted write made; 0 where the answer does not tell, or nothing changed."""
        found = str(self.answer.get("metadata", {}).get("resourceVersion") or "")
        return 0 if found in {"", self.asked.expected_version} else version_of(self.answer, self.era)


@dataclass
class Record:
    """What was recorded of one plan."""

    began: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)
    """For people, in order."""
    exchanges: list[Exchange] = field(default_factory=list)
    """All requests except watches."""
    fired: list[str] = field(default_factory=list)
    """Faults that took place."""
    last_request: float = 0.0
    """When the operator asked last, without watches and its leader's Lease: it may be about to write what follows."""
    last_fault: float = 0.0
    era: int = 0
    """How often the store was restored."""
    shown: dict[str, int] = field(default_factory=dict)
    """By operator, the newest of the store's revisions that was passed on to it."""

    @property
    def writes(self) -> list[Exchange]:
        """All writes, without Events and the leader's Lease."""
        return [one for one in self.exchanges if one.asked.family is Family.WRITE]

    def begin(self, operator: str, asked: ProxiedRequest, number: int) -> Exchange:
        """Note a request."""
        shown = self.shown.get(operator, 0)
        exchange = Exchange(operator, asked, number, time.monotonic(), era=self.era, shown=shown)
        self.exchanges.append(exchange)
        if asked.family is not Family.LEADER:
            self.last_request = exchange.at
        return exchange

    def end(self, exchange: Exchange, status: int, body: bytes) -> None:
        """Note the API server's answer."""
        exchange.status = status
        found = json.loads(body) if body.startswith(b"{") else {}
        self.show(exchange.operator, found)
        if exchange.asked.family is Family.WRITE:
            exchange.answer = found
            if not exchange.accepted:
                exchange.refusal = (status, found)
        if exchange.asked.family not in {Family.LEADER, Family.EVENT}:
            note = "" if exchange.accepted else f" {exchange.answer.get('message', '')[:160]}"
            self.say(f"{exchange.asked.family} {exchange.number}: {exchange.asked} -> {status}{note}")

    def show(self, operator: str, raw: dict[str, Any]) -> None:
        """Note that an object or a list is passed on to an operator."""
        self.shown[operator] = max(version_of(raw, self.era), self.shown.get(operator, 0))

    def say(self, words: str) -> None:
        """Note something for people."""
        self.lines.append(f"{time.monotonic() - self.began:8.3f}  {words}")

    def fire(self, what: str, where: str) -> None:
        """Note that a fault takes place."""
        self.fired.append(what)
        self.last_fault = time.monotonic()
        self.say(f"*** {what}: {where}")
