"""An Event on the target is all that is left to tell of a flow that was deleted."""

from releaseflow.api.v1alpha1.migration_run import StepType
from releaseflow.cache.cache import Cache
from releaseflow.cache.informer import Informer
from releaseflow.controllers.flow.deletion import announce_deleted_flow
from releaseflow.controllers.workqueue import WorkQueue
from releaseflow.core.names import job_name
from releaseflow.kube.resources import Key, Resource
from releaseflow.reporting.events import EventRecord
from tests.support import objects

FENCE = f"shop/{objects.FLOW_UID}/1"
KEPT = "Its backups stay in claim backups, under shop/, each with its restore command beside it"


def cache(*, generation: int = 2, fence: str = FENCE, outcome: str | None = None) -> Cache:
    """Return a flow that is being released, its run, and the run's migration: started, where it was edited once."""
    seen = Cache()
    target = objects.deployment(labels={"releaseflow.dev/managed": "true"})
    target["metadata"]["annotations"] = {"releaseflow.dev/fence": fence}
    job = objects.job()
    job["metadata"] |= {"name": job_name("shop-1-aa", objects.RUN_UID, StepType.MIGRATE, 1), "generation": generation}
    job["spec"]["suspend"] = generation == 1
    seen.upsert(Resource.DEPLOYMENT, target)
    seen.upsert(Resource.RUN, objects.run(status={"outcome": outcome} if outcome else None))
    seen.upsert(Resource.JOB, job)
    return seen


def told(seen: Cache, flow: objects.Object | None = None) -> list[EventRecord]:
    occasions: list[EventRecord] = []
    announce_deleted_flow(seen, occasions.append, flow or objects.flow())
    return occasions


def test_a_target_tells_that_its_flow_is_gone_and_what_becomes_of_the_migration_and_the_backups() -> None:
    (event,) = told(cache())

    assert (event.about.kind, event.about.name, event.about.uid) == ("Deployment", "shop", objects.TARGET_UID)
    assert (event.reason, event.warning) == ("FlowDeleted", True)
    assert event.note == (
        "ReleaseFlow shop was deleted: it releases nothing here any more. "
        "The migration of run shop-1-aa is finished, and not promoted: "
        f"kubectl get pods -n shop -l releaseflow.dev/run=shop-1-aa. {KEPT}"
    )


def test_a_migration_that_never_started_or_is_over_is_not_spoken_of() -> None:
    for seen in (cache(generation=1), cache(outcome="Migrated")):
        (event,) = told(seen)
        assert event.note == f"ReleaseFlow shop was deleted: it releases nothing here any more. {KEPT}"


def test_a_deployment_that_was_never_the_flows_or_is_another_ones_by_now_is_left_alone() -> None:
    assert told(cache(fence="")) == []
    assert told(cache(fence="other/another-uid/3")) == []
    assert told(Cache()) == []


def test_a_flow_that_cannot_be_read_is_not_spoken_of() -> None:
    assert told(cache(), objects.flow(targets="nonsense")) == []


async def test_only_a_leader_tells_and_only_of_a_flow_that_is_gone() -> None:
    gone: list[objects.Object] = []
    informer = Informer(Cache(), WorkQueue[Key](), on_flow_deleted=gone.append)
    informer.on_event(Resource.FLOW, objects.flow(), gone=False)
    informer.on_event(Resource.FLOW, objects.flow(version=11), gone=True)
    assert gone == []

    informer.start_enqueuing()
    informer.on_event(Resource.FLOW, objects.flow(version=12), gone=False)
    informer.on_event(Resource.RUN, objects.run(), gone=False)
    informer.on_event(Resource.RUN, objects.run(version=13), gone=True)
    assert gone == []
    informer.on_event(Resource.FLOW, objects.flow(version=14), gone=True)
    assert [flow["metadata"]["name"] for flow in gone] == ["shop"]
