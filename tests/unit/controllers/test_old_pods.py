"""Which pods of a flow's targets have another image than its release, and so keep its contract from beginning."""

from datetime import UTC, datetime
from typing import Any

import pytest

from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.controllers.flow.observe import FlowObservation, FlowObserver
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.kube.resources import Resource
from releaseflow.workloads.registry import WORKLOADS
from tests.support import objects
from tests.support.fake_client import FakeClient

KEY = ReconcileRequest(Resource.FLOW, "shop", "shop")
UID = "0b5f6a0e-0000-4000-8000-000000000007"
DONE = {"conditions": [objects.condition("Complete", "True")]}


def released(kind: str) -> objects.Object:
    """Return a flow whose release of shop:v2 onto a workload of this kind has soaked."""
    release = {
        "sequence": 1,
        "image": "shop:v2",
        "trigger": "FirstSight",
        "run": "shop-1-aa",
        "startTime": objects.AT,
        "completionTime": objects.AT,
        "outcome": "Released",
    }
    target = {"kind": kind, "name": "shop", "uid": UID, "containers": [{"name": "web", "image": "shop:v2"}]}
    status = {"observedGeneration": 1, "sequence": 1, "release": release, "targets": [target]}
    return objects.flow(status=status, targets=[{"kind": kind, "name": "shop"}], contract={})


def pod(name: str, image: str, owner: tuple[str, str], phase: str = "Running") -> objects.Object:
    reference = {"kind": owner[0], "name": owner[1], "controller": True}
    metadata = objects.metadata(name, f"uid-{name}", ownerReferences=[reference])
    return {
        "metadata": metadata,
        "spec": {"containers": [{"name": "web", "image": image}]},
        "status": {"phase": phase},
    }


def job(name: str, image: str, status: Any = None, owner: str = UID) -> objects.Object:
    reference = {"kind": "CronJob", "name": "shop", "uid": owner, "controller": True}
    return {
        "metadata": objects.metadata(name, f"uid-{name}", ownerReferences=[reference]),
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}},
        "status": status or {},
    }


async def old_pods(
    kind: str, template: objects.Object, selector: Any, **found: list[objects.Object]
) -> tuple[str, ...]:
    """Observe a flow over a workload, beside these pods and Jobs."""
    raw = {"metadata": objects.metadata("shop", UID), "spec": {**template, **selector}, "status": {}}
    client = FakeClient().having(Resource.FLOW, released(kind)).having(Resource.of_workload(kind), raw)
    client.having(Resource.POD, *found.get("pods", [])).having(Resource.JOB, *found.get("jobs", []))
    observer = FlowObserver(lambda: datetime(2027, 3, 1, tzinfo=UTC), Rejections(lambda: 0.0))
    seen = await observer.observe(Reader(client.as_kube(), Cache(), live=False), KEY)
    assert isinstance(seen, FlowObservation)
    return seen.facts.old_pods


def in_template(kind: str) -> objects.Object:
    return dict(WORKLOADS[kind].in_template({"containers": [{"name": "web", "image": "shop:v2"}]}, {})["spec"])


async def of_a_cronjob(**found: list[objects.Object]) -> tuple[str, ...]:
    return await old_pods("CronJob", in_template("CronJob"), {}, **found)


OLD_JOB = job("shop-29384756", "shop:v1", DONE)
"""It is over, and its pod may not be."""


@pytest.mark.parametrize(
    ("one", "is_old"),
    [
        (pod("a", "shop:v1", ("Job", "shop-29384756")), True),
        (pod("a", "shop:v1", ("Job", "shop-29384000")), True),
        (pod("a", "shop:v1", ("Job", "by-hand")), True),
        (pod("a", "shop:v2", ("Job", "shop-29384756")), False),
        (pod("a", "shop:v1", ("Job", "shop-29384756"), "Succeeded"), False),
        (pod("a", "shop:v1", ("Job", "another-29384756")), False),
        (pod("a", "shop:v1", ("ReplicaSet", "shop-29384756")), False),
    ],
    ids=["its Job's", "of a Job that is gone", "of a Job by hand", "new", "over", "of another CronJob", "of no Job"],
)
async def test_a_pod_of_a_cronjob_is_found_through_its_job(one: objects.Object, *, is_old: bool) -> None:
    jobs = [OLD_JOB, job("by-hand", "shop:v1", DONE), job("another-29384756", "shop:v1", DONE, "another-uid")]
    assert await of_a_cronjob(pods=[one], jobs=jobs) == (("a",) if is_old else ())


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (job("shop-29384756", "shop:v1"), True),
        (job("shop-29384756", "shop:v2"), False),
        (job("shop-29384756", "shop:v1", DONE), False),
        (job("shop-29384756", "shop:v1", {"conditions": [objects.condition("Failed", "True")]}), False),
        (job("shop-29384756", "shop:v1", owner="another-uid"), False),
    ],
    ids=["old", "new", "complete", "failed", "another's"],
)
async def test_a_job_that_may_make_one_more_old_pod_counts_as_one(one: objects.Object, *, counts: bool) -> None:
    assert await of_a_cronjob(jobs=[one]) == (("shop-29384756",) if counts else ())


@pytest.mark.parametrize(("owner", "is_its"), [(("DaemonSet", "shop"), True), (("DaemonSet", "other"), False)])
async def test_of_a_workload_that_selects_by_no_label_those_count_that_it_owns(
    owner: tuple[str, str], *, is_its: bool
) -> None:
    expression = {"selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["shop"]}]}}
    found = await old_pods("DaemonSet", in_template("DaemonSet"), expression, pods=[pod("a", "shop:v1", owner)])
    assert found == (("a",) if is_its else ())
