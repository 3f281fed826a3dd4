"""The view: the newest form wins, whoever told of it and in whatever order."""

import json
from datetime import UTC, datetime

import pytest

from releaseflow.cache.cache import HistoryRewoundError, View, light
from releaseflow.cache.store import about_workload, with_uid
from releaseflow.controllers.parse_jobs import job_seen, pod_seen
from releaseflow.controllers.run.observe_jobs import _age
from releaseflow.jobs.job import RUNS_ONCE
from releaseflow.kube.client import Listing
from releaseflow.kube.resources import Key, Kind
from tests.support import objects


def names(view: View, kind: Kind) -> list[str]:
    return [key.name for key in view.keys(kind)]


def test_versions_are_compared_as_numbers() -> None:
    view = View()
    view.put(Kind.FLOW, objects.flow(version=10))
    view.put(Kind.FLOW, objects.flow(version=9, image="shop:old"))

    seen = view.get(Kind.FLOW, "shop", "shop")

    assert seen is not None
    assert seen["spec"]["image"] == "shop:v2"


def test_a_late_word_of_a_deleted_object_does_not_bring_it_back() -> None:
    view = View()
    view.put(Kind.JOB, objects.job(version=10))
    view.remove(Kind.JOB, objects.job(version=12))
    view.put(Kind.JOB, objects.job(version=11))

    assert not names(view, Kind.JOB)


def test_an_object_that_left_the_selector_and_comes_back_is_seen_again() -> None:
    view = View()
    view.put(Kind.JOB, objects.job(version=10))
    view.remove(Kind.JOB, objects.job(version=12))
    view.put(Kind.JOB, objects.job(version=14))

    assert names(view, Kind.JOB) == ["shop-1-aa-migrate"]


def test_what_no_watch_tells_of_is_not_kept() -> None:
    view = View()
    view.put(Kind.DEPLOYMENT, objects.deployment(version=10, labels={"releaseflow.dev/managed": "true"}))
    assert names(view, Kind.DEPLOYMENT) == ["shop"]

    view.put(Kind.DEPLOYMENT, objects.deployment(version=11))

    assert not names(view, Kind.DEPLOYMENT)


def test_an_object_is_found_by_what_it_belongs_to_for_as_long_as_it_does() -> None:
    view = View()
    view.put(Kind.RUN, objects.run(version=10))
    assert view.group(Kind.RUN, "shop", about_workload("shop"))
    assert view.group(Kind.RUN, "shop", with_uid(objects.RUN_UID))
    assert not view.group(Kind.RUN, "mart", about_workload("shop"))

    view.put(Kind.RUN, objects.run(version=11, status={"outcome": "Migrated"}))
    assert not view.group(Kind.RUN, "shop", about_workload("shop"))
    assert view.group(Kind.RUN, "shop", with_uid(objects.RUN_UID))

    view.put(Kind.RUN, objects.run(uid="another", version=12))
    assert not view.group(Kind.RUN, "shop", with_uid(objects.RUN_UID))

    view.forget(Kind.RUN, "shop", "shop-1-aa")
    assert not view.group(Kind.RUN, "shop", about_workload("shop"))


def test_the_removal_of_a_predecessor_leaves_the_successor() -> None:
    view = View()
    successor = objects.run(uid="another", version=20)
    view.put(Kind.RUN, objects.run(version=10))
    view.put(Kind.RUN, successor)
    view.remove(Kind.RUN, objects.run(version=19))

    assert names(view, Kind.RUN) == ["shop-1-aa"]


def test_a_listing_drops_what_is_gone_and_keeps_what_is_newer_than_itself() -> None:
    view = View()
    view.put(Kind.RUN, objects.run("lost", "u1", version=10))
    view.put(Kind.RUN, objects.run("just-created", "u2", version=31))

    view.replace(Kind.RUN, "", Listing([objects.run("listed", "u3", version=12)], "30"), asked_at=10)

    assert names(view, Kind.RUN) == ["just-created", "listed"]


def test_a_listing_of_one_namespace_drops_nothing_elsewhere() -> None:
    view = View()
    view.put(Kind.RUN, objects.run("here", "u1", version=10))

    view.replace(Kind.RUN, "elsewhere", Listing([], "30"), asked_at=10)

    assert names(view, Kind.RUN) == ["here"]


def test_a_listing_from_the_past_is_not_believed() -> None:
    with pytest.raises(HistoryRewoundError):
        View().replace(Kind.RUN, "", Listing([], "30"), asked_at=31)


def test_a_listing_in_which_an_object_is_as_it_was_before_tells_of_a_restored_store() -> None:
    view = View()
    view.put(Kind.RUN, objects.run(version=20))

    with pytest.raises(HistoryRewoundError):
        view.replace(Kind.RUN, "", Listing([objects.run(version=12)], "30"), asked_at=20)


def test_a_watch_that_is_ahead_of_a_listing_tells_of_nothing_bad() -> None:
    view = View()
    view.put(Kind.RUN, objects.run(version=31))
    view.replace(Kind.RUN, "", Listing([objects.run(version=12)], "30"), asked_at=20)

    seen = view.get(Kind.RUN, "shop", "shop-1-aa")
    assert seen is not None
    assert seen["metadata"]["resourceVersion"] == "31"


def test_changes_are_told_once_wherever_they_were_learned() -> None:
    view, told = View(), []
    view.changed = lambda kind, raw: told.append((kind, raw["metadata"]["resourceVersion"]))

    view.put(Kind.FLOW, objects.flow(version=10))
    view.put(Kind.FLOW, objects.flow(version=10))
    view.put(Kind.FLOW, objects.flow(version=9))
    view.forget(Kind.FLOW, "shop", "shop")
    view.forget(Kind.FLOW, "shop", "shop")

    assert told == [(Kind.FLOW, "10"), (Kind.FLOW, "10")]


def test_the_bulk_of_an_object_is_not_kept() -> None:
    view = View()
    flow = objects.flow()
    flow["metadata"]["managedFields"] = [{"manager": "kubectl"}]
    flow["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "keep": "this"}
    view.put(Kind.FLOW, flow)

    seen = view.get(Kind.FLOW, "shop", "shop")

    assert seen is not None
    assert "managedFields" not in seen["metadata"]
    assert seen["metadata"]["annotations"] == {"keep": "this"}
    assert view.keys(Kind.FLOW) == [Key(Kind.FLOW, "shop", "shop")]


def test_objects_share_their_keys_and_short_texts() -> None:
    view = View()
    for number in range(2):
        run = json.loads(json.dumps(objects.run(name=f"run-{number}", uid=f"uid-{number}")))
        view.put(Kind.RUN, run)

    ours, theirs = view.all_of(Kind.RUN, "shop")

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
    view = View()
    view.put(Kind.JOB, job)

    [seen] = view.all_of(Kind.JOB, "shop")

    assert job_seen(seen) == job_seen(job)
    assert "containers" not in seen["spec"]["template"]["spec"]


@pytest.mark.parametrize("phase", ["Pending", "Running", "Failed"])
def test_a_pod_that_was_seen_reads_like_the_whole_and_keeps_nothing_of_its_environment(phase: str) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    pod = objects.pod(status={"phase": phase, "startTime": "2026-11-22T10:00:00Z"})
    whole = pod_seen(pod, now)
    for container in (*pod["spec"]["initContainers"], *pod["spec"]["containers"]):
        container["env"] = [{"name": "A", "value": "b"}]
    view = View()
    view.put(Kind.POD, pod)

    [seen] = view.all_of(Kind.POD, "shop")

    assert pod_seen(seen, now) == whole
    assert _age(seen, now) == _age(pod, now)
    assert "env" not in str(seen)


@pytest.mark.parametrize("kind", [Kind.DEPLOYMENT, Kind.JOB, Kind.POD, Kind.RUN])
def test_what_a_listing_has_made_light_stays_as_it_is(kind: Kind) -> None:
    raws = {Kind.DEPLOYMENT: objects.deployment, Kind.JOB: objects.job, Kind.POD: objects.pod, Kind.RUN: objects.run}
    raw = raws[kind]()
    raw["metadata"]["managedFields"] = [{"manager": "kubectl", "time": "now", "fieldsV1": {"f:spec": {"f:image": {}}}}]

    once = light(kind, raw)

    assert light(kind, once) == once
    assert len(str(once)) < len(str(raw))
