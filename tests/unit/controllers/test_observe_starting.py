"""What a run sees of the pods in which its migration runs as they start."""

from typing import Any

import pytest

from releaseflow.controllers.run.observe_starting import starting_pod
from releaseflow.core.facts import ABSENT
from releaseflow.core.run.startup_facts import StartingPod, StartingTarget
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object
from releaseflow.workloads.workload import Rollout
from tests.support import objects
from tests.support.objects import DEPLOYMENT
from tests.unit.controllers.scene import LABELS, Scene

MARK = {"releaseflow.dev/migrates-for": "shop-1-aa"}
OURS = "releaseflow-migrate"
STEP = {"name": "migrate", "type": "Migrate", "startTime": objects.AT}


def pod(status: Object, mark: Object = MARK) -> Object:
    metadata = {"name": "shop-x", "namespace": "shop", "uid": "p", "resourceVersion": "1", "labels": {"app": "shop"}}
    return {"metadata": {**metadata, "annotations": mark}, "spec": {}, "status": status}


def ours(**state: Any) -> Object:
    return {"initContainerStatuses": [{"name": OURS, "imageID": "sha256:new", **state}]}


def terminated(code: int, **more: Any) -> Object:
    return {"terminated": {"exitCode": code, "containerID": "c", **more}}


def run_at_startup(**status: Any) -> Object:
    known = {"observedGeneration": 1, "steps": [STEP], **status}
    return objects.run(status=known, migration={"tool": "Django", "runIn": "Startup"})


def target() -> Object:
    raw = objects.deployment(version=11, labels=LABELS)
    raw["spec"]["template"]["metadata"]["annotations"] = dict(MARK)
    return raw


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ({}, {}),
        (ours(state={"running": {}}), {"running": True}),
        (ours(state=terminated(0)), {"done": True}),
        (ours(state=terminated(3, message="no")), {"exit_code": 3, "message": "no"}),
        (ours(state={"waiting": {}}, lastState=terminated(3, message="no")), {"exit_code": 3, "message": "no"}),
        (ours(state={"running": {}}, lastState=terminated(3)), {"running": True, "exit_code": 3}),
        (ours(state=terminated(0), lastState=terminated(3)), {"done": True, "exit_code": 3}),
        (ours(state=terminated(137, reason="OOMKilled")), {"exit_code": 137, "out_of_memory": True}),
    ],
)
def test_the_init_container_says_how_far_it_is(status: Object, seen: dict[str, Any]) -> None:
    facts = seen | ({"image_id": "sha256:new"} if status else {})
    assert starting_pod(pod(status), OURS) == StartingPod("shop-x", "shop-1-aa", **facts)


@pytest.mark.parametrize(("is_ready", "done"), [(True, True), (False, False)])
def test_with_startcommand_only_the_probe_says_that_the_migration_is_over(*, is_ready: bool, done: bool) -> None:
    status = {"containerStatuses": [{"name": "web", "ready": is_ready, "state": {"running": {}}}]}
    seen = starting_pod(pod(status), "web")
    assert (seen.running, seen.done) == (True, done)


async def test_the_pods_are_listed_live_and_only_those_of_a_migration() -> None:
    scene = Scene((Resource.RUN, run_at_startup()), (DEPLOYMENT, target()))
    scene.api.having(Resource.POD, pod(ours(state={"running": {}})))
    other = pod({}, {})
    other["metadata"] |= {"name": "other", "uid": "q"}
    scene.api.having(Resource.POD, other)

    seen = (await scene.observe()).starting

    assert isinstance(seen, StartingTarget)
    assert (seen.migrates_for, seen.rollout) == ("shop-1-aa", Rollout.COMPLETE)
    assert seen.follow == "kubectl rollout status deployment/shop -n shop"
    assert [found.name for found in seen.pods] == ["shop-x"]
    assert seen.pods_of("shop-1-aa") == seen.pods
    assert scene.again == 3.0, "no watch delivers its pods"


@pytest.mark.parametrize(
    ("raw", "is_seen"),
    [
        (objects.run(), False),
        (run_at_startup(steps=[]), False),
        (run_at_startup(steps=[], backup={"method": "None"}), True),
        (run_at_startup(), True),
        (run_at_startup(outcome="StartupFailed"), True),
        (run_at_startup(outcome="Superseded", steps=[{**STEP, "givenUp": "Superseded"}]), False),
        (run_at_startup(outcome="NothingPending", steps=[]), False),
    ],
)
async def test_they_are_asked_for_only_where_the_migration_may_begin_or_be_at_work(
    raw: Object, *, is_seen: bool
) -> None:
    scene = Scene((Resource.RUN, raw), (DEPLOYMENT, target()))
    assert ((await scene.observe()).starting is not ABSENT) is is_seen
