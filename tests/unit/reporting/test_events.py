"""Events: posted beside the work, counted instead of repeated, and never in the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from releaseflow.reporting.events import EventRecord, ObjectReference, Recorder

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ABOUT = ObjectReference("releaseflow.dev/v1alpha1", "ReleaseFlow", "shop", "shop", "uid-1")
FAILED = EventRecord(ABOUT, "RunFailed", "the migration exited with 1", warning=True)


@dataclass
class Posted:
    events: list[dict[str, Any]] = field(default_factory=list)
    changes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    broken: bool = False

    async def post(self, _namespace: str, event: dict[str, Any]) -> None:
        if self.broken:
            raise OSError("no route")
        self.events.append(event)

    async def patch(self, _namespace: str, name: str, change: dict[str, Any]) -> None:
        self.changes.append((name, change))


@asynccontextmanager
async def running(posted: Posted) -> AsyncIterator[Recorder]:
    recorder = Recorder(posted.post, posted.patch, "pod-1", lambda: NOW)
    task = asyncio.create_task(recorder.run())
    yield recorder
    await asyncio.sleep(0.01)
    task.cancel()


async def test_an_event_says_what_happened_to_what() -> None:
    posted = Posted()
    async with running(posted) as recorder:
        recorder.record(FAILED)

    (event,) = posted.events
    assert event["involvedObject"]["uid"] == "uid-1"
    assert (event["type"], event["reason"], event["message"]) == ("Warning", FAILED.reason, FAILED.note)
    assert event["firstTimestamp"] == "2026-11-23T12:00:00Z"


async def test_what_happens_again_is_counted() -> None:
    posted = Posted()
    async with running(posted) as recorder:
        for _ in range(3):
            recorder.record(FAILED)

    name = posted.events[0]["metadata"]["name"]
    assert len(posted.events) == 1
    assert [(at, change["count"]) for at, change in posted.changes] == [(name, 2), (name, 3)]


async def test_an_event_that_cannot_be_posted_is_lost_and_nothing_else_is() -> None:
    posted = Posted(broken=True)
    async with running(posted) as recorder:
        recorder.record(FAILED)
        await asyncio.sleep(0.01)
        posted.broken = False
        recorder.record(EventRecord(ABOUT, "Released", "done"))

    assert [event["reason"] for event in posted.events] == ["Released"]


async def test_a_flood_is_dropped_at_once() -> None:
    recorder = Recorder(Posted().post, Posted().patch, "pod-1", lambda: NOW)
    for number in range(3000):
        recorder.record(EventRecord(ABOUT, "Released", str(number)))


async def test_a_note_is_cut() -> None:
    posted = Posted()
    async with running(posted) as recorder:
        recorder.record(EventRecord(ABOUT, "Released", "x" * 5000))

    assert len(posted.events[0]["message"]) == 1024
