"""Every write names the object that was decided on, and is refused by any other."""

import pytest
from structlog.testing import capture_logs

from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import Writer
from releaseflow.controllers.parse_objects import ParsedRun, parse_run
from releaseflow.controllers.run.act import RunExecutor
from releaseflow.controllers.run.locks import lock_facts
from releaseflow.controllers.run.observe_lock import lock_place
from releaseflow.core.facts import ABSENT
from releaseflow.core.run.actions import (
    AddFinalizer,
    DeleteJob,
    DeleteLock,
    ReleaseLock,
    RemoveFinalizer,
    RemoveJobFinalizer,
    RemovePodFinalizer,
    RunAction,
    StartMigration,
    SuspendJob,
    TakeLock,
    TakeOverLock,
)
from releaseflow.core.run.facts import DatabaseState, LockFacts
from releaseflow.kube.errors import ConflictError, ForbiddenError
from releaseflow.kube.requests import Verb
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.fake_client import FakeClient

NAMESPACE = objects.NAMESPACE_UID
EXECUTOR = RunExecutor("operators", objects.job_specs())


def run(raw: objects.Object | None = None) -> ParsedRun:
    found = parse_run(raw or objects.run())
    assert isinstance(found, ParsedRun)
    return found


async def act(api: FakeClient, action: RunAction, of: ParsedRun | None = None) -> Cache:
    cache = Cache()
    for (kind, _), raw in api.objects.items():
        cache.upsert(kind, raw)
    await EXECUTOR.act(Reader(api.as_kube(), cache), Writer(api.as_kube(), cache), of or run(), action)
    return cache


@pytest.mark.parametrize(("action", "suspend"), [(StartMigration, False), (SuspendJob, True)])
async def test_a_job_is_started_and_stopped_by_a_patch_that_tests_first(
    action: type[StartMigration | SuspendJob],
    suspend: bool,  # noqa: FBT001
) -> None:
    api = FakeClient().having(Resource.JOB, objects.job(version=12))

    await act(api, action("shop-1-aa-migrate", objects.JOB_UID, "12"))

    assert api.bodies == [
        [
            {"op": "test", "path": "/metadata/uid", "value": objects.JOB_UID},
            {"op": "test", "path": "/metadata/resourceVersion", "value": "12"},
            {"op": "replace", "path": "/spec/suspend", "value": suspend},
        ]
    ]


async def test_deleting_a_job_that_is_gone_is_harmless() -> None:
    await act(FakeClient(), DeleteJob("shop-1-aa-migrate", objects.JOB_UID, "12"))


async def test_a_job_loses_our_finalizer_and_gains_its_owner_and_an_end_in_one_write() -> None:
    held = objects.job(version=12, finalizers=["someone.else/x", "releaseflow.dev/outcome"])
    api = FakeClient().having(Resource.JOB, held)

    await act(api, RemoveJobFinalizer("shop-1-aa-migrate", objects.JOB_UID, "12"))

    assert len(api.writes) == 1
    assert api.bodies[0]["metadata"]["finalizers"] == ["someone.else/x"]
    assert [owner["uid"] for owner in api.bodies[0]["metadata"]["ownerReferences"]] == [objects.RUN_UID]
    assert api.bodies[0]["spec"] == {"ttlSecondsAfterFinished": 3600}


async def test_a_pod_whose_deletion_waited_for_us_is_gone_at_once() -> None:
    held = objects.pod(version=12, finalizers=["releaseflow.dev/outcome"], deletionTimestamp=objects.AT)
    api = FakeClient().having(Resource.POD, held)

    cache = await act(api, RemovePodFinalizer("shop-1-aa-migrate-x", objects.POD_UID, "12"))

    assert not cache.list_all(Resource.POD)


async def test_a_run_is_held_and_released_beside_the_finalizers_of_others() -> None:
    raw = objects.run(version=12)
    raw["metadata"]["finalizers"] = ["someone.else/x"]
    api = FakeClient().having(Resource.RUN, raw)

    await act(api, AddFinalizer(), run(raw))
    held = api.objects[Resource.RUN, "shop-1-aa"]
    assert held["metadata"]["finalizers"] == ["someone.else/x", "releaseflow.dev/outcome"]

    await act(api, RemoveFinalizer(), run(held))
    assert api.objects[Resource.RUN, "shop-1-aa"]["metadata"]["finalizers"] == ["someone.else/x"]


@pytest.mark.parametrize("label", [None, "a lock of somebody else"])
async def test_a_run_is_found_by_the_runs_that_wait_for_its_lock_until_it_is_released(label: str | None) -> None:
    raw = objects.run(version=12)
    raw["metadata"]["labels"]["releaseflow.dev/lock-name"] = label
    api = FakeClient().having(Resource.RUN, raw)

    await act(api, AddFinalizer(), run(raw))
    held = api.objects[Resource.RUN, "shop-1-aa"]
    assert held["metadata"]["labels"]["releaseflow.dev/lock-name"] == lock_place(run()).name
    assert held["metadata"]["finalizers"] == ["releaseflow.dev/outcome"]

    await act(api, RemoveFinalizer(), run(held))
    assert "releaseflow.dev/lock-name" not in api.objects[Resource.RUN, "shop-1-aa"]["metadata"]["labels"]


def lock_in(api: FakeClient) -> LockFacts:
    return lock_facts(api.objects[Resource.LEASE, lock_place(run()).name], holder_exists=True, holder_pod_alive=False)


async def test_a_lock_remembers_its_database_from_one_holder_to_the_next() -> None:
    api = FakeClient()

    await act(api, TakeLock(ABSENT))
    taken = lock_in(api)
    release = ReleaseLock(taken, DatabaseState.UNKNOWN, "id-1", had_tables=True, tables_namespace_uid=NAMESPACE)
    await act(api, release)
    freed = lock_in(api)
    await act(api, TakeLock(freed))
    again = lock_in(api)

    assert (taken.holder_uid, taken.holder_name, taken.database) == (
        objects.RUN_UID,
        "shop-1-aa",
        DatabaseState.IN_USE,
    )
    assert (freed.holder_uid, freed.database, freed.unknown_since) == ("", DatabaseState.UNKNOWN, "shop-1-aa")
    assert (freed.identity, freed.had_tables, freed.last_uid) == ("id-1", True, objects.RUN_UID)
    assert (again.identity, again.had_tables, again.unknown_since) == ("id-1", True, "")
    assert (taken.namespace_uid, taken.tables_namespace_uid) == (NAMESPACE, "")
    assert (freed.namespace_uid, freed.tables_namespace_uid, again.tables_namespace_uid) == (NAMESPACE,) * 3


async def test_a_run_that_takes_a_lock_writes_its_namespace_and_reads_it_again_each_time() -> None:
    api = FakeClient()
    await act(api, TakeLock(ABSENT))
    await act(api, ReleaseLock(lock_in(api), DatabaseState.CLEAN, identity="", had_tables=False))
    api.having(Resource.NAMESPACE, objects.namespace(uid="made-anew"))

    await act(api, TakeLock(lock_in(api)))

    assert lock_in(api).namespace_uid == "made-anew"
    assert api.asked.count((Verb.GET, Resource.NAMESPACE, "shop")) == 2


async def test_a_lock_is_taken_although_the_namespace_may_not_be_read() -> None:
    api = FakeClient()
    await act(api, TakeLock(ABSENT))
    await act(api, ReleaseLock(lock_in(api), DatabaseState.CLEAN, identity="", had_tables=False))
    api.refuse = lambda r: ForbiddenError(r, "no") if r.kind is Resource.NAMESPACE else None

    with capture_logs() as said:
        await act(api, TakeLock(lock_in(api)))

    assert (lock_in(api).holder_uid, lock_in(api).namespace_uid) == (objects.RUN_UID, "")
    assert [(line["event"], line["why"]) for line in said] == [("namespace_not_read", "no")]


async def test_a_lock_is_deleted_only_as_it_was_seen() -> None:
    api = FakeClient()
    await act(api, TakeLock(ABSENT))
    seen = lock_in(api)

    for uid, version in (("another", seen.resource_version), (seen.uid, "1")):
        with pytest.raises(ConflictError):
            await act(api, DeleteLock(seen.name, uid, version))
    cache = await act(api, DeleteLock(seen.name, seen.uid, seen.resource_version))

    assert (Resource.LEASE, seen.name) not in api.objects
    assert not cache.list_all(Resource.LEASE)


async def test_a_lock_that_has_changed_is_not_taken() -> None:
    api = FakeClient()
    await act(api, TakeLock(ABSENT))
    seen = lock_in(api)
    await act(api, ReleaseLock(seen, DatabaseState.CLEAN, identity="", had_tables=False))

    with pytest.raises(ConflictError):
        await act(api, TakeOverLock(seen))
