"""Kubernetes Events: posted beside the work, never in its way, and counted instead of repeated."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from cachetools import LRUCache

REPORTER = "releaseflow"
LONGEST_MESSAGE = 1024
_WAITING = 1000
_REMEMBERED = 2000

log = structlog.get_logger()

Post = Callable[[str, dict[str, Any]], Awaitable[Any]]
"""Creates an Event in a namespace."""
Patch = Callable[[str, str, dict[str, Any]], Awaitable[Any]]
"""Merges fields into an Event of a namespace, by name."""


@dataclass(frozen=True)
class ObjectReference:
    """The object that an Event is about."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str


@dataclass(frozen=True)
class EventRecord:
    """Something that happened to an object."""

    about: ObjectReference
    reason: str
    note: str
    warning: bool = False
    once: str = ""
    """What makes it the same Event whoever posts it: the API server keeps one. Empty: each occurrence is posted."""


class Recorder:
    """Takes records at once, and posts them one after the other."""

    def __init__(self, post: Post, patch: Patch, instance: str, clock: Callable[[], datetime]) -> None:
        self._post = post
        self._patch = patch
        self._instance = instance
        self._clock = clock
        self._waiting: asyncio.Queue[EventRecord] = asyncio.Queue(_WAITING)
        self._posted: LRUCache[EventRecord, tuple[str, int]] = LRUCache(_REMEMBERED)

    def record(self, record: EventRecord) -> None:
        """Take a record; drop it where too many wait, since nothing depends on an Event."""
        try:
            self._waiting.put_nowait(record)
        except asyncio.QueueFull:
            log.warning("event_dropped", reason=record.reason, name=record.about.name)

    async def run(self) -> None:
        """Post what was taken, for ever."""
        while True:
            record = await self._waiting.get()
            try:
                await self._emit(record)
            except Exception as error:  # noqa: BLE001  # whatever it is, the work must go on without this Event
                log.debug("event_not_posted", reason=record.reason, name=record.about.name, error=str(error))

    async def _emit(self, record: EventRecord) -> None:
        name, count = self._posted.get(record, ("", 0))
        now = self._clock().astimezone(UTC)
        if count:
            change = {"count": count + 1, "lastTimestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
            await self._patch(record.about.namespace, name, change)
        else:
            name = name_of_event(record, now)
            await self._post(record.about.namespace, event(record, name, self._instance, now))
        self._posted[record] = (name, count + 1)


def event(record: EventRecord, name: str, instance: str, now: datetime) -> dict[str, Any]:
    """Return an Event as it is posted."""
    about = record.about
    seconds = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "metadata": {"name": name, "namespace": about.namespace},
        "involvedObject": {
            "apiVersion": about.api_version,
            "kind": about.kind,
            "namespace": about.namespace,
            "name": about.name,
            "uid": about.uid,
        },
        "type": "Warning" if record.warning else "Normal",
        "reason": record.reason,
        "message": record.note[:LONGEST_MESSAGE],
        "source": {"component": REPORTER},
        "reportingComponent": REPORTER,
        "reportingInstance": instance,
        "firstTimestamp": seconds,
        "lastTimestamp": seconds,
        "count": 1,
    }


def name_of_event(record: EventRecord, now: datetime) -> str:
    """Return the name that an Event is created with: an occurrence's own, or the same from every process."""
    occurrence = record.once or f"{record.note}\0{now.isoformat()}"
    text = f"{record.about.uid}\0{record.reason}\0{occurrence}"
    return f"{record.about.name[:200]}.{hashlib.sha256(text.encode()).hexdigest()[:16]}"
