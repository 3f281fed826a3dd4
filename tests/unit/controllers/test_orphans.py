"""Jobs and pods that are kept for a run that is gone are released, once nothing of it is at work."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import Writer
from releaseflow.controllers.orphans.controller import ORPHAN_POLL_SECONDS, OrphanController, orphans
from releaseflow.controllers.orphans.gone_runs import GOOD_FOR_SECONDS, GoneRuns
from releaseflow.controllers.orphans.targets import DeletedFlows
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.kube.requests import Verb
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.fake_client import FakeClient

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
JOB = ReconcileRequest(Resource.JOB, "shop", "shop-1-aa-migrate")
HELD = ["releaseflow.dev/outcome"]
SILENT = DeletedFlows(lambda _record: None)


async def let_go(api: FakeClient) -> float | None:
    cache = Cache()
    return await OrphanController(SILENT).reconcile(
        Reader(api.as_kube(), cache), Writer(api.as_kube(), cache), JOB, NOW
    )


def api(phase: str) -> FakeClient:
    ended = {} if phase == "Running" else {"conditions": [{"type": "Complete", "status": "True"}]}
    found = FakeClient().having(Resource.JOB, objects.job(finalizers=HELD, status=ended))
    return found.having(Resource.POD, objects.pod(status={"phase": phase}))


async def test_an_orphan_with_no_living_pod_is_released() -> None:
    found = api("Succeeded")

    assert await let_go(found) is None
    assert found.objects[Resource.JOB, JOB.name]["metadata"]["finalizers"] == []


async def test_an_orphan_whose_pod_is_at_work_is_kept() -> None:
    found = api("Running")

    assert await let_go(found) == ORPHAN_POLL_SECONDS
    assert not found.writes


async def test_an_orphan_that_was_never_started_is_deleted_first() -> None:
    suspended = objects.job(finalizers=HELD) | {"spec": {"suspend": True}, "status": {}}
    found = FakeClient().having(Resource.JOB, suspended)

    assert await let_go(found) == ORPHAN_POLL_SECONDS
    assert [verb for verb, _, _ in found.writes] == [Verb.DELETE]


async def test_what_has_a_run_is_no_orphan() -> None:
    found = api("Succeeded").having(Resource.RUN, objects.run())

    assert await let_go(found) is None
    assert not found.writes


async def test_what_is_gone_or_not_kept_is_left_alone() -> None:
    found = FakeClient().having(Resource.JOB, objects.job())

    assert await let_go(found) is None
    assert await let_go(FakeClient()) is None
    assert not found.writes


class Namespace:
    """A namespace with Jobs that are kept for runs that are gone; the cache knows of those that were there before."""

    def __init__(self, *jobs: str) -> None:
        self.api, self.cache, self.time = FakeClient(), Cache(), 0.0
        self.orphans = OrphanController(SILENT, GoneRuns(lambda: self.time))
        for name in jobs:
            self.have(name)
            self.cache.upsert(Resource.JOB, self.api.objects[Resource.JOB, name])

    def have(self, name: str) -> None:
        """Have a Job whose pods are all over, and whose run has never been seen."""
        job = objects.job(finalizers=HELD, status={"conditions": [{"type": "Complete", "status": "True"}]})
        labels = {**job["metadata"]["labels"], "releaseflow.dev/run-uid": f"run-of-{name}"}
        self.api.having(Resource.JOB, {**job, "metadata": {**job["metadata"], "name": name, "labels": labels}})

    async def let_go(self, name: str) -> bool:
        """Look at a Job; return whether it was let go of."""
        reader, writer = Reader(self.api.as_kube(), self.cache), Writer(self.api.as_kube(), self.cache)
        await self.orphans.reconcile(reader, writer, ReconcileRequest(Resource.JOB, "shop", name), NOW)
        return not self.api.objects[Resource.JOB, name]["metadata"]["finalizers"]

    @property
    def lists(self) -> int:
        """How often the runs were listed."""
        return self.api.asked.count((Verb.LIST, Resource.RUN, ""))


async def test_one_list_of_the_runs_answers_for_all_that_was_kept_before() -> None:
    names = [f"job-{number}" for number in range(50)]
    namespace = Namespace(*names)

    assert all(await asyncio.gather(*(namespace.let_go(name) for name in names)))
    assert namespace.lists == 1


async def test_a_list_says_nothing_of_what_was_first_received_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    namespace = Namespace("first")
    listing = namespace.api.list_objects

    async def received_meanwhile(kind: Resource, *words: Any, **more: Any) -> Any:
        found = await listing(kind, *words, **more)
        if kind is Resource.RUN:
            namespace.have("second")
            namespace.cache.upsert(Resource.JOB, namespace.api.objects[Resource.JOB, "second"])
            namespace.api.having(Resource.RUN, objects.run(uid="run-of-second"))
        return found

    monkeypatch.setattr(namespace.api, "list_objects", received_meanwhile)
    assert await namespace.let_go("first")
    assert not await namespace.let_go("second"), "its run was made after the list"


async def test_that_a_run_is_there_is_asked_again() -> None:
    namespace = Namespace("job")
    namespace.api.having(Resource.RUN, objects.run(uid="run-of-job"))
    assert not await namespace.let_go("job")

    del namespace.api.objects[Resource.RUN, "shop-1-aa"]
    assert await namespace.let_go("job")


async def test_a_run_that_is_back_in_a_restored_store_is_not_gone_for_long() -> None:
    namespace = Namespace("first", "second")
    assert await namespace.let_go("first")

    namespace.api.having(Resource.RUN, objects.run(uid="run-of-second"))
    namespace.time += GOOD_FOR_SECONDS
    assert not await namespace.let_go("second")


def test_orphans_are_found_at_the_start() -> None:
    cache = Cache()
    cache.upsert(Resource.JOB, objects.job(finalizers=HELD))
    assert orphans(cache) == [JOB]

    cache.upsert(Resource.RUN, objects.run())
    assert orphans(cache) == []
