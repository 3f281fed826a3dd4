"""An Event on the target is the only record left of a flow that was deleted."""

from dataclasses import replace
from datetime import UTC, datetime

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import Writer
from releaseflow.controllers.event_handler import EventHandler
from releaseflow.controllers.orphans.controller import OrphanController, orphans
from releaseflow.controllers.orphans.targets import DeletedFlows
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.workqueue import WorkQueue
from releaseflow.core.names import job_name
from releaseflow.kube.resources import Resource
from releaseflow.reporting.events import EventRecord, name_of_event
from tests.support import objects
from tests.support.fake_client import FakeClient
from tests.support.objects import DEPLOYMENT

FENCE = f"shop/{objects.FLOW_UID}/1"
KEPT = "Backups that it took stay in claim backups, under shop/, each with its restore command beside it"


def cache(*, generation: int = 2, fence: str = FENCE, outcome: str | None = None) -> Cache:
    """Return a flow that is being released, its run, and the run's migration: started, where it was edited once."""
    seen = Cache()
    target = objects.deployment(labels={"releaseflow.dev/managed": "true"})
    target["metadata"]["annotations"] = {"releaseflow.dev/fence": fence}
    job = objects.job()
    job["metadata"] |= {"name": job_name("shop-1-aa", objects.RUN_UID, StepType.MIGRATE, 1), "generation": generation}
    job["spec"]["suspend"] = generation == 1
    seen.upsert(DEPLOYMENT, target)
    seen.upsert(Resource.RUN, objects.run(status={"outcome": outcome} if outcome else None))
    seen.upsert(Resource.JOB, job)
    return seen


def recorded(seen: Cache, flow: objects.Object | None = None) -> list[EventRecord]:
    occasions: list[EventRecord] = []
    DeletedFlows(occasions.append).announce(seen, flow or objects.flow())
    return occasions


def test_an_event_on_the_target_says_that_its_flow_is_gone_and_where_its_backups_stay() -> None:
    (event,) = recorded(cache())

    assert (event.about.kind, event.about.name, event.about.uid) == ("Deployment", "shop", objects.TARGET_UID)
    assert (event.reason, event.warning) == ("FlowDeleted", True)
    assert event.note == (
        "ReleaseFlow shop was deleted: it releases nothing here any more. "
        "The migration of run shop-1-aa is finished, and not promoted: "
        f"kubectl get pods -n shop -l releaseflow.dev/run=shop-1-aa. {KEPT}"
    )


def test_a_migration_that_never_started_or_is_over_is_not_spoken_of() -> None:
    for seen in (cache(generation=1), cache(outcome="Migrated")):
        (event,) = recorded(seen)
        assert event.note == f"ReleaseFlow shop was deleted: it releases nothing here any more. {KEPT}"


def test_a_deployment_that_was_never_the_flows_or_is_another_ones_by_now_is_left_alone() -> None:
    assert recorded(cache(fence="")) == []
    assert recorded(cache(fence="other/another-uid/3")) == []
    assert recorded(Cache()) == []


def test_a_flow_that_cannot_be_read_is_not_spoken_of() -> None:
    assert recorded(cache(), objects.flow(targets="nonsense")) == []


async def test_only_a_leader_records_events_and_only_for_a_flow_that_is_gone() -> None:
    gone: list[objects.Object] = []
    handler = EventHandler(Cache(), WorkQueue[ReconcileRequest](), on_flow_deleted=gone.append)
    handler.cache.upsert(Resource.FLOW, objects.flow())
    handler.cache.delete(Resource.FLOW, objects.flow(version=11))
    assert gone == []

    handler.start()
    handler.cache.upsert(Resource.FLOW, objects.flow(version=12))
    handler.cache.upsert(Resource.RUN, objects.run())
    handler.cache.delete(Resource.RUN, objects.run(version=13))
    assert gone == []
    handler.cache.delete(Resource.FLOW, objects.flow(version=14))
    assert [flow["metadata"]["name"] for flow in gone] == ["shop"]


TARGET = ReconcileRequest(DEPLOYMENT, "shop", "shop")
LATE = "Backups that it took stay where they were made, under shop/"


async def recorded_late(seen: Cache, *flows: objects.Object) -> list[EventRecord]:
    """Return what the next leader tells, once it has asked an API server that has the target and these flows."""
    said: list[EventRecord] = []
    api = FakeClient()
    for target in seen.list_objects(DEPLOYMENT, "shop"):
        api.having(DEPLOYMENT, target)
    for flow in flows:
        api.having(Resource.FLOW, flow)
    reader, writer = Reader(api.as_kube(), seen), Writer(api.as_kube(), seen)
    controller = OrphanController(DeletedFlows(said.append))
    assert await controller.reconcile(reader, writer, TARGET, datetime(2026, 11, 29, tzinfo=UTC)) is None
    assert api.writes == []
    return said


async def test_the_next_leader_reports_a_flow_that_was_deleted_while_no_operator_led() -> None:
    seen = cache()
    assert orphans(seen) == [TARGET]
    (event,) = await recorded_late(seen)

    assert (event.about.uid, event.reason, event.warning) == (objects.TARGET_UID, "FlowDeleted", True)
    assert event.note == (
        "ReleaseFlow shop was deleted: it releases nothing here any more. "
        "The migration of run shop-1-aa is finished, and not promoted: "
        f"kubectl get pods -n shop -l releaseflow.dev/run=shop-1-aa. {LATE}"
    )


async def test_the_next_leader_reports_a_recreated_flow_but_not_one_that_the_cache_lacks() -> None:
    again = objects.flow()
    again["metadata"] |= {"uid": "another-uid"}
    assert len(await recorded_late(cache(), again)) == 1
    assert await recorded_late(cache(), objects.flow()) == []
    assert await recorded_late(Cache()) == []


def test_a_target_whose_flow_is_there_and_one_without_a_fence_are_no_orphans() -> None:
    seen = cache()
    seen.upsert(Resource.FLOW, objects.flow())
    assert orphans(seen) == []
    assert orphans(cache(fence="")) == []


def test_two_leaders_post_one_event_of_a_deleted_flow_whatever_each_of_them_knows() -> None:
    (first,), second = recorded(cache(generation=1)), recorded(cache())[0]
    at = (datetime(2026, 11, 29, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
    assert first.note != second.note
    assert name_of_event(first, at[0]) == name_of_event(second, at[1])
    other = replace(first, once="another-uid")
    assert name_of_event(first, at[0]) != name_of_event(other, at[0])
