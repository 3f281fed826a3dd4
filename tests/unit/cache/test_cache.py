"""The cache: the newest version wins, whatever delivered it and in whatever order."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from releaseflow.cache.cache import Cache, HistoryRewoundError
from releaseflow.cache.store import by_uid, by_workload
from releaseflow.cache.strip import strip
from releaseflow.controllers.parse_jobs import job_facts, pod_facts
from releaseflow.controllers.run.observe_jobs import _age
from releaseflow.jobs.job import RUNS_ONCE
from releaseflow.kube.client import ObjectList
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import name_of
from tests.support import objects
from tests.support.objects import DEPLOYMENT


def names(cache: Cache, kind: Resource) -> list[str]:
    return [name_of(raw) for raw in cache.list_all(kind)]


def test_versions_are_compared_as_numbers() -> None:
    cache = Cache()
    cache.upsert(Resource.FLOW, objects.flow(version=10))
    cache.upsert(Resource.FLOW, objects.flow(version=9, image="shop:old"))

    seen = cache.get(Resource.FLOW, "shop", "shop")

    assert seen is not None
    assert seen["spec"]["image"] == "shop:v2"


def test_a_late_word_of_a_deleted_object_does_not_bring_it_back() -> None:
    cache = Cache()
    cache.upsert(Resource.JOB, objects.job(version=10))
    cache.delete(Resource.JOB, objects.job(version=12))
    cache.upsert(Resource.JOB, objects.job(version=11))

    assert not names(cache, Resource.JOB)


def test_an_object_that_left_the_selector_and_comes_back_is_seen_again() -> None:
    cache = Cache()
    cache.upsert(Resource.JOB, objects.job(version=10))
    cache.delete(Resource.JOB, objects.job(version=12))
    cache.upsert(Resource.JOB, objects.job(version=14))

    assert names(cache, Resource.JOB) == ["shop-1-aa-migrate"]


def test_what_no_watch_delivers_is_not_kept() -> None:
    cache = Cache()
    cache.upsert(DEPLOYMENT, objects.deployment(version=10, labels={"releaseflow.dev/managed": "true"}))
    assert names(cache, DEPLOYMENT) == ["shop"]

    cache.upsert(DEPLOYMENT, objects.deployment(version=11))

    assert not names(cache, DEPLOYMENT)


def test_an_object_is_found_by_what_it_belongs_to_for_as_long_as_it_does() -> None:
    cache = Cache()
    cache.upsert(Resource.RUN, objects.run(version=10))
    assert cache.indexed(Resource.RUN, "shop", by_workload("Deployment", "shop"))
    assert cache.indexed(Resource.RUN, "shop", by_uid(objects.RUN_UID))
    assert not cache.indexed(Resource.RUN, "mart", by_workload("Deployment", "shop"))

    cache.upsert(Resource.RUN, objects.run(version=11, status={"outcome": "Migrated"}))
    assert not cache.indexed(Resource.RUN, "shop", by_workload("Deployment", "shop"))
    assert cache.indexed(Resource.RUN, "shop", by_uid(objects.RUN_UID))

    cache.upsert(Resource.RUN, objects.run(uid="another", version=12))
    assert not cache.indexed(Resource.RUN, "shop", by_uid(objects.RUN_UID))

    cache.evict(Resource.RUN, "shop", "shop-1-aa")
    assert not cache.indexed(Resource.RUN, "shop", by_workload("Deployment", "shop"))


def test_the_removal_of_a_predecessor_leaves_the_successor() -> None:
    cache = Cache()
    successor = objects.run(uid="another", version=20)
    cache.upsert(Resource.RUN, objects.run(version=10))
    cache.upsert(Resource.RUN, successor)
    cache.delete(Resource.RUN, objects.run(version=19))

    assert names(cache, Resource.RUN) == ["shop-1-aa"]


def test_a_listing_drops_what_is_gone_and_keeps_what_is_newer_than_itself() -> None:
    cache = Cache()
    cache.upsert(Resource.RUN, objects.run("lost", "u1", version=10))
    cache.upsert(Resource.RUN, objects.run("just-created", "u2", version=31))

    cache.replace(Resource.RUN, "", ObjectList([objects.run("listed", "u3", version=12)], "30"), asked_at=10)

    assert names(cache, Resource.RUN) == ["just-created", "listed"]


def test_a_listing_of_one_namespace_drops_nothing_elsewhere() -> None:
    cache = Cache()
    cache.upsert(Resource.RUN, objects.run("here", "u1", version=10))

    cache.replace(Resource.RUN, "elsewhere", ObjectList([], "30"), asked_at=10)

    assert names(cache, Resource.RUN) == ["here"]


def test_a_listing_from_the_past_is_not_believed() -> None:
    with pytest.raises(HistoryRewoundError):
        Cache().replace(Resource.RUN, "", ObjectList([], "30"), asked_at=31)


def test_a_list_with_an_older_object_shows_a_restored_store() -> None:
    cache = Cache()
    cache.upsert(Resource.RUN, objects.run(version=20))

    with pytest.raises(HistoryRewoundError):
        cache.replace(Resource.RUN, "", ObjectList([objects.run(version=12)], "30"), asked_at=20)


def test_a_watch_that_is_ahead_of_a_list_is_no_restored_store() -> None:
    cache = Cache()
    cache.upsert(Resource.RUN, objects.run(version=31))
    cache.replace(Resource.RUN, "", ObjectList([objects.run(version=12)], "30"), asked_at=20)

    seen = cache.get(Resource.RUN, "shop", "shop-1-aa")
    assert seen is not None
    assert seen["metadata"]["resourceVersion"] == "31"


def test_a_change_from_a_list_or_a_watch_is_notified_once() -> None:
    cache, notified = Cache(), []
    cache.changed = lambda kind, raw: notified.append((kind, raw["metadata"]["resourceVersion"]))

    cache.upsert(Resource.FLOW, objects.flow(version=10))
    cache.upsert(Resource.FLOW, objects.flow(version=10))
    cache.upsert(Resource.FLOW, objects.flow(version=9))
    cache.evict(Resource.FLOW, "shop", "shop")
    cache.evict(Resource.FLOW, "shop", "shop")

    assert notified == [(Resource.FLOW, "10"), (Resource.FLOW, "10")]


def test_the_bulk_of_an_object_is_not_kept() -> None:
    cache = Cache()
    flow = objects.flow()
    flow["metadata"]["managedFields"] = [{"manager": "kubectl"}]
    flow["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "keep": "this"}
    cache.upsert(Resource.FLOW, flow)

    seen = cache.get(Resource.FLOW, "shop", "shop")

    assert seen is not None
    assert "managedFields" not in seen["metadata"]
    assert seen["metadata"]["annotations"] == {"keep": "this"}
    assert names(cache, Resource.FLOW) == ["shop"]


def test_objects_share_their_keys_and_short_texts() -> None:
    cache = Cache()
    for number in range(2):
        run = json.loads(json.dumps(objects.run(name=f"run-{number}", uid=f"uid-{number}")))
        cache.upsert(Resource.RUN, run)

    ours, theirs = cache.list_objects(Resource.RUN, "shop")

    assert all(one is other for one, other in zip(ours["spec"]["database"], theirs["spec"]["database"], strict=True))
    assert ours["spec"]["image"] is theirs["spec"]["image"]


@pytest.mark.parametrize("restarts", ["Never", "Always", None])
@pytest.mark.parametrize("without", ["", *RUNS_ONCE])
def test_a_job_that_was_seen_reads_like_the_whole_and_keeps_nothing_of_its_containers(
    restarts: str | None, without: str
) -> None:
    job = objects.job(status={"conditions": [objects.condition("Failed", reason="PodFailurePolicy")]})
    job["spec"]["template"]["spec"] = {"containers": [{"name": "migrate", "env": [{"name": "A", "value": "b"}]}]}
    job["spec"]["template"]["spec"] |= {"restartPolicy": restarts} if restarts else {}
    job["spec"].pop(without, None)
    cache = Cache()
    cache.upsert(Resource.JOB, job)

    [seen] = cache.list_objects(Resource.JOB, "shop")

    assert job_facts(seen) == job_facts(job)
    assert "containers" not in seen["spec"]["template"]["spec"]


@pytest.mark.parametrize("phase", ["Pending", "Running", "Failed"])
def test_a_pod_that_was_seen_reads_like_the_whole_and_keeps_nothing_of_its_environment(phase: str) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    pod = objects.pod(status={"phase": phase, "startTime": "2026-11-22T10:00:00Z"})
    whole = pod_facts(pod, now)
    for container in (*pod["spec"]["initContainers"], *pod["spec"]["containers"]):
        container["env"] = [{"name": "A", "value": "b"}]
    cache = Cache()
    cache.upsert(Resource.POD, pod)

    [seen] = cache.list_objects(Resource.POD, "shop")

    assert pod_facts(seen, now) == whole
    assert _age(seen, now) == _age(pod, now)
    assert "env" not in str(seen)


@pytest.mark.parametrize("kind", [DEPLOYMENT, Resource.JOB, Resource.POD, Resource.RUN])
def test_what_a_listing_has_made_light_stays_as_it_is(kind: Resource) -> None:
    raws: dict[Resource, Callable[[], objects.Object]] = {
        DEPLOYMENT: objects.deployment,
        Resource.JOB: objects.job,
        Resource.POD: objects.pod,
        Resource.RUN: objects.run,
    }
    raw = raws[kind]()
    raw["metadata"]["managedFields"] = [{"manager": "kubectl", "time": "now", "fieldsV1": {"f:spec": {"f:image": {}}}}]

    once = strip(kind, raw)

    assert strip(kind, once) == once
    assert len(str(once)) < len(str(raw))
